//! The test kit: what the unit tests, the tests of several tabs in virtual time (`client/tests`) and the fault tests
//! against a real server (`torture`) share. Compiled for tests and with the feature `testing` only.

pub mod lock;
#[cfg(test)]
pub(crate) mod log;
pub mod random;
#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
pub(crate) use log::Log;
pub use random::Random;
#[cfg(test)]
pub(crate) use samples::{epoch, event, message, page};
