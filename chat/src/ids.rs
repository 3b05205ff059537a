//! Where ids and times are made: at the edge, before the order, by the node that takes a command.
//!
//! Nothing after the order may call this: two nodes that apply the same log must hold the same rows.

use protocol::{ClientId, Epoch, EventId, UserId};

use crate::clock;

/// The time now, in Unix milliseconds, as far as the system's clock is plausible; 0 on a clock set before 1970.
#[must_use]
pub fn unix_ms() -> u64 {
    clock::unix_ms()
}

/// Ten random bytes of the system's generator.
///
/// # Panics
/// When the system has no randomness to give: ids would collide and signatures could be forged, so nothing may go on.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "there is nothing sound to do without randomness"
)]
fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).expect("the system's random number generator answers");
    bytes
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
pub(crate) fn epoch() -> Epoch {
    Epoch::from_parts(unix_ms(), random())
}
