//! The transports.

/// A transport, the best one first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Transport {
    /// One WebSocket.
    #[default]
    WebSocket,
    /// Server-Sent Events, and requests for commands.
    Stream,
    /// Requests that wait for events.
    LongPoll,
    /// Requests that do not wait, one after another.
    Poll,
}

impl Transport {
    const ALL: [Self; 4] = [Self::WebSocket, Self::Stream, Self::LongPoll, Self::Poll];

    /// The transport of this number, counted from the best: for what is kept as text.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Counted from the best, from 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The next worse transport; the worst is its own.
    #[must_use]
    pub fn worse(self) -> Self {
        Self::from_number(u64::from(self.number()) + 1).unwrap_or(Self::Poll)
    }
}

/// The transports a client may use, and the one to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transports {
    pub best: Transport,
    /// The worst; the same as the best to use no other.
    pub worst: Transport,
    /// The one to begin with: what [`Effect::RememberTransport`](crate::effect::Effect::RememberTransport) said last
    /// in this browser session.
    pub first: Transport,
    /// How long a line may be silent without being cut, in milliseconds, as it said beside it; 0 where nothing cuts silent
    /// lines.
    pub beat_ms: u64,
}

impl Transports {
    /// This one and no other.
    #[must_use]
    pub const fn only(kind: Transport) -> Self {
        Self {
            best: kind,
            worst: kind,
            first: kind,
            beat_ms: 0,
        }
    }
}

impl Default for Transports {
    /// All of them, from the best.
    fn default() -> Self {
        Self {
            best: Transport::WebSocket,
            worst: Transport::Poll,
            first: Transport::WebSocket,
            beat_ms: 0,
        }
    }
}
