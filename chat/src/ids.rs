//! Where ids and times are made: at the edge, before the order, by the node that takes a command.
//!
//! Nothing after the order may call this: two nodes that apply the same log must hold the same rows.

use std::cell::RefCell;

use protocol::{ClientId, Epoch, EventId, UserId};

use crate::clock;

/// Ids whose random bytes are asked for together.
const IDS_TOGETHER: usize = 32;

thread_local! {
    /// Random bytes, and for how many ids they are there still.
    static RANDOM: RefCell<([[u8; 10]; IDS_TOGETHER], usize)> = const { RefCell::new(([[0; 10]; IDS_TOGETHER], 0)) };
}

/// The time now, in Unix milliseconds, as far as the system's clock is plausible; 0 on a clock set before 1970.
#[must_use]
pub fn unix_ms() -> u64 {
    clock::unix_ms()
}

/// Ten random bytes of the system's generator, which is asked for [`IDS_TOGETHER`] of them at a time: a system call for each id is
/// a tenth of what a post costs where it comes in.
///
/// # Panics
/// When the system has no randomness to give: ids would collide and signatures could be forged, so nothing may go on.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "there is nothing sound to do without randomness"
)]
fn random() -> [u8; 10] {
    RANDOM.with_borrow_mut(|(bytes, left)| {
        if *left == 0 {
            getrandom::fill(bytes.as_flattened_mut()).expect("the system's random number generator answers");
            *left = bytes.len();
        }
        *left -= 1;
        // Given out once, and not kept.
        std::mem::take(&mut bytes[*left])
    })
}

/// A new event id.
#[must_use]
pub fn event_id() -> EventId {
    EventId::from_parts(unix_ms(), random())
}

/// A new user id.
#[must_use]
pub fn user_id() -> UserId {
    UserId::from_parts(unix_ms(), random())
}

/// A new client id, for those who bring none.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId::from_parts(unix_ms(), random())
}

/// A new epoch, for a new database.
pub fn epoch() -> Epoch {
    Epoch::from_parts(unix_ms(), random())
}
