//! Numbers of channels.

/// Gives out the numbers of sockets, streams and requests: each is used once.
#[derive(Debug, Default)]
pub(crate) struct Channels(u32);

impl Channels {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}
