//! What went wrong, counted by kind.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $text:literal $is_cut:literal,)*) => {
        /// Something that happened to a connection.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind in words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether the proxy ended a connection by it.
            #[must_use]
            pub const fn is_cut(self) -> bool {
                match self { $(Self::$name => $is_cut,)* }
            }
        }
    };
}

faults! {
    /// A connection was taken: not a fault.
    Connection "connections" false,
    /// The server was not there: not the proxy's fault.
    ServerDown "found no server" false,
    /// Both sides were reset.
    Reset "resets" true,
    /// One side was told that there is no more, and nothing else for a while.
    HalfClose "half-closes" true,
    /// Cut after a number of bytes.
    AfterBytes "after N bytes" true,
    /// Cut after the commit and before the ack.
    BeforeAck "between commit and ack" true,
    /// An upgrade was answered with 4xx or 5xx, or with nothing.
    RefusedUpgrade "refused upgrades" true,
    /// Stalled for so long that it was cut.
    StalledToDeath "stalled, then reset" true,
    /// Stalled, then went on.
    Stall "stalls" false,
    /// Sent on in single bytes.
    Slice "in single bytes" false,
    /// Every piece delayed.
    Delay "delayed" false,
    /// Little was taken from the server at a time.
    Narrow "narrow" false,
}

/// Counters of every kind.
#[derive(Debug, Default)]
pub struct Counts([AtomicU64; Fault::ALL.len()]);

impl Counts {
    /// One more.
    pub fn add(&self, fault: Fault) {
        self.0[fault as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many of a kind.
    #[must_use]
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize].load(Ordering::Relaxed)
    }

    /// How many connections the proxy ended.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        Fault::ALL
            .iter()
            .filter(|fault| fault.is_cut())
            .map(|&fault| self.of(fault))
            .sum()
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, &fault) in Fault::ALL.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} {}", self.of(fault), fault.name())?;
        }
        Ok(())
    }
}
