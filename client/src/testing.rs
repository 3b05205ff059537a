//! The test kit: what the unit tests, the tests of several tabs in virtual time (`client/tests`) and the fault tests
//! against a real server (`torture`) share. Compiled for tests and with the feature `testing` only.

pub mod host;
mod input;
mod lock;
#[cfg(test)]
mod log;
mod random;
mod room;
mod runner;
#[cfg(test)]
mod samples;

pub use host::Host;
pub use input::QueuedInput;
pub use lock::TabLock;
#[cfg(test)]
pub(crate) use log::Log;
pub use random::Random;
pub use room::FakeRoom;
pub use runner::TabRunner;
#[cfg(test)]
pub(crate) use samples::{epoch, event, message, page};
