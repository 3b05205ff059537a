//! What a chat has that is fed by a log.

use tokio::sync::watch;

use super::{Chat, Health};
use crate::command::Refusal;
use crate::error::Error;
use crate::log::{LogHash, LogPoint};
use crate::readers::Lane;
use crate::store;

impl Chat {
    /// Whether it is fed by a log that other nodes write too: see [`Chat::open_log`].
    #[must_use]
    pub const fn is_log_fed(&self) -> bool {
        self.is_log_fed
    }

    /// How far the log has been applied, and how that goes on. What is applied up to there can be read, and everybody who hears
    /// has been told of it; whoever is answered is answered afterwards. It stays at the beginning in a chat without a log.
    #[must_use]
    pub fn applied(&self) -> watch::Receiver<LogPoint> {
        self.applied.clone()
    }

    /// The hash of the log up to a position; `None` when that is not one of the last [`crate::limits::LOG_HASHES_KEPT`] that
    /// were applied. Before the first message it is zeros.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_hash(&self, position: u64) -> Result<Option<LogHash>, Error> {
        if position == 0 {
            return Ok(Some(LogHash::default()));
        }
        self.readers
            .read(Lane::Rows, move |connection| {
                Ok(store::log_hash(connection, position)?)
            })
            .await
    }

    /// Why nothing is let in now. A log takes what this node cannot apply: whoever sent it would wait for as long as the disk
    /// is full.
    pub(super) fn log_fed_refusal(&self) -> Option<Refusal> {
        if !self.is_log_fed {
            return None;
        }
        match *self.health.borrow() {
            Health::Running => None,
            Health::ReadOnly => Some(Refusal::ReadOnly),
            Health::Failed | Health::Closed => Some(Refusal::Unavailable),
        }
    }
}
