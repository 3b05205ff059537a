//! What a chat has that is fed by a log.

use std::path::Path;

use tokio::sync::watch;
use tokio::time::Instant;

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

    /// Whether a client waits that is ahead of this node, and how that changes. Whoever feeds the log then looks how far that is.
    #[must_use]
    pub fn is_awaited(&self) -> watch::Receiver<bool> {
        self.ahead.is_awaited()
    }

    /// Says that all has been applied that the log had at this moment.
    pub fn is_level(&self, at: Instant) {
        self.ahead.is_level(at);
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

    /// The first position of which [`Chat::log_hash`] knows the hash, but for 0.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_log_hash(&self) -> Result<u64, Error> {
        let reading = self
            .readers
            .read(Lane::Rows, |connection| Ok(store::first_log_hash(connection)?));
        reading.await
    }

    /// Writes the database as it is at one moment into a new file, and says at which point of the log that is; the beginning,
    /// where no log leads there. It is one file, compact and synced, and has no text of a message that was deleted before.
    /// Everything goes on meanwhile, but the write-ahead log grows until it is done: one is made at a time, and given up when that
    /// has [`crate::limits::COPY_WAL_PAGES_MAX`] pages or after [`crate::limits::COPY_MS_MAX`]. One that is not waited for any
    /// more is given up too. The disk has to have room for the copy and that log.
    ///
    /// # Errors
    /// [`Error::Busy`] while another one is made, [`Error::CopyGivenUp`], [`Error::Damaged`] when the copy, which is looked
    /// through, shows that this database has a fault, and when something cannot be read or written. There is then no file.
    pub async fn copy_to(&self, path: &Path) -> Result<LogPoint, Error> {
        let copying = self.readers.interrupts().copies().begin()?;
        let _end = copying.end();
        let (database, path) = (self.folder.database(), path.to_owned());
        let copied = tokio::task::spawn_blocking(move || copying.copy(&database, &path));
        copied.await.map_err(|_| Error::Closed)?
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
