//! The numbers of sockets, streams and requests.

/// Gives them out, each once.
#[derive(Debug, Default)]
pub(crate) struct ChannelIds(u32);

impl ChannelIds {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}
