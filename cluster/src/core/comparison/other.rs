//! What a node knows of another one.

use chat::LogHash;

use crate::FolderId;
use crate::limits::NODE_GONE_MS;

#[derive(Clone, Copy, Debug)]
pub(super) struct Other {
    pub(super) folder: FolderId,
    /// When it was heard first, and last.
    pub(super) since_ms: u64,
    pub(super) heard_ms: u64,
    pub(super) is_serving: bool,
    pub(super) is_stopped: bool,
    /// A claim about a position that this node has not reached.
    pub(super) ahead: Option<(u64, LogHash)>,
    /// The last position at which they agreed.
    pub(super) agreed: u64,
    /// The first position at which they were seen to differ, and when that was.
    pub(super) differed: Option<(u64, u64)>,
}

impl Other {
    /// One that was just heard, and not compared.
    pub(super) const fn new(folder: FolderId, now_ms: u64) -> Self {
        Self {
            folder,
            since_ms: now_ms,
            heard_ms: now_ms,
            is_serving: false,
            is_stopped: false,
            ahead: None,
            agreed: 0,
            differed: None,
        }
    }

    /// Compares at a position where both may be known.
    pub(super) fn compare(&mut self, position: u64, hash: &LogHash, own: Option<LogHash>, now_ms: u64) {
        match own {
            // Before the first message everybody agrees.
            _ if position == 0 => {}
            None => {}
            Some(own) if own == *hash => self.agreed = self.agreed.max(position),
            Some(_) => {
                self.differed.get_or_insert((position, now_ms));
            }
        }
    }

    pub(super) const fn is_gone(&self, now_ms: u64) -> bool {
        self.heard_ms + NODE_GONE_MS <= now_ms
    }
}
