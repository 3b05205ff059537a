//! What the chat's client does, without a browser: inputs in, effects out.
//!
//! Each machine here is a plain struct with a `step` that takes the time, an input and a list to push effects on.
//! None of them reads a clock, draws a random number or does I/O, so `cargo test -p client` covers them, and the
//! page and the fault tests run the very same code. [`session::Session`] is the whole client; the others are its
//! parts.

pub mod address;
pub mod backoff;
pub mod connection;
pub mod frames;
pub mod json;
pub mod limits;
pub mod message;
pub mod posts;
pub mod session;
pub mod timeline;

#[cfg(test)]
mod testing;

pub use frames::Frame;
pub use message::Message;
pub use session::{Effect, Input, Session};

/// When a step happens, and the chance it may use.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds on any clock that does not run backwards.
    pub ms: u64,
    /// A random number, evenly spread; a new one for every step.
    pub random: u32,
}
