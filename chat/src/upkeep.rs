//! What the writer does beside writing: it sees to it that the files it writes are still those of the folder.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::Error;
use crate::files::Files;
use crate::limits::UPKEEP_INTERVAL_MS;
use crate::store;

/// What is to be done, and when.
#[derive(Debug)]
pub(crate) struct Upkeep {
    files: Files,
    look_at: Instant,
}

impl Upkeep {
    /// For a database that was just opened.
    pub(crate) fn new(database: &Path) -> Result<Self, Error> {
        Ok(Self {
            files: Files::open(database)?,
            look_at: Instant::now() + Duration::from_millis(UPKEEP_INTERVAL_MS),
        })
    }

    /// When there is something to be done next.
    pub(crate) const fn due(&self) -> Instant {
        self.look_at
    }

    /// Whether what was committed is where it can be found again.
    ///
    /// # Errors
    /// [`Error::FilesReplaced`]. The connection then leaves those that are there now alone.
    pub(crate) fn confirm(&mut self, connection: &Connection) -> Result<(), Error> {
        let checked = self.files.check();
        if checked.is_err() {
            // Otherwise closing it would remove a file of that name, which may be of the database put there instead.
            store::close_without_checkpoint(connection)?;
        }
        checked
    }

    /// Does what is due. An error is one that cannot be lived with.
    pub(crate) fn run(&mut self, connection: &Connection) -> Result<(), Error> {
        let now = Instant::now();
        if self.look_at <= now {
            self.look_at = now + Duration::from_millis(UPKEEP_INTERVAL_MS);
            self.confirm(connection)?;
        }
        Ok(())
    }
}
