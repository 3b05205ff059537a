//! What the tests share.

use protocol::{ClientId, Epoch, EventId, UserId};

use crate::frames::{Event, Page};
use crate::message::Message;

/// A small generator of random numbers (splitmix64), so that a failing test fails again.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }

    /// Up to `chars` characters of all kinds: controls, quotes, Hangul, emoji, private planes.
    pub(crate) fn text(&mut self, chars: usize) -> String {
        (0..self.below(chars + 1))
            .filter_map(|_| {
                let range = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000][self.below(5)];
                char::from_u32(self.below(range) as u32)
            })
            .collect()
    }
}

pub(crate) fn epoch() -> Epoch {
    Epoch::from_bytes([5; 16])
}

/// The message that stands at `seq` in every test's room.
pub(crate) fn message(seq: u64) -> Message {
    Message {
        seq,
        id: EventId::from_parts(seq, [1; 10]),
        client_id: ClientId::from_parts(seq, [2; 10]),
        user_id: UserId::from_bytes([3; 16]),
        message: format!("message {seq}"),
        at: 1_000 * seq,
    }
}

pub(crate) fn event(seq: u64) -> Event {
    Event::Message(message(seq))
}

/// The messages `from..=to`, true for `to`.
pub(crate) fn page(from: u64, to: u64) -> Page {
    Page {
        epoch: epoch(),
        seq: to,
        messages: (from..=to).map(message).collect(),
    }
}
