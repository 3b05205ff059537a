//! What the writer does beside writing: it sees to it that deleted texts leave the write-ahead log, and that the files it
//! writes are still those of the folder.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::error::Error;
use crate::files::Files;
use crate::limits::{UPKEEP_INTERVAL_MS, WAL_EMPTYING_DELAY_MS, WAL_EMPTYING_WAIT_MS_MAX};
use crate::store;

/// What is to be done, and when.
#[derive(Debug)]
pub(crate) struct Upkeep {
    files: Files,
    /// When the write-ahead log is to be emptied, if it holds what was deleted.
    empty_wal_at: Option<Instant>,
    look_at: Instant,
    has_failed: bool,
}

impl Upkeep {
    /// For a database that was just opened. Its log may hold what was deleted just before a crash.
    pub(crate) fn new(database: &Path) -> Result<Self, Error> {
        Ok(Self {
            files: Files::open(database)?,
            empty_wal_at: Some(Instant::now()),
            look_at: Instant::now() + Duration::from_millis(UPKEEP_INTERVAL_MS),
            has_failed: false,
        })
    }

    /// When there is something to be done next.
    pub(crate) fn due(&self) -> Instant {
        self.empty_wal_at
            .map_or(self.look_at, |empty_wal_at| empty_wal_at.min(self.look_at))
    }

    /// Something was deleted. Not at once: others that are deleted now have part in it, and nobody waits for it.
    pub(crate) fn deleted(&mut self) {
        let at = Instant::now() + Duration::from_millis(WAL_EMPTYING_DELAY_MS);
        self.empty_wal_at.get_or_insert(at);
    }

    /// Whether what was committed is where it can be found again.
    ///
    /// # Errors
    /// [`Error::FilesReplaced`]. The connection then leaves those that are there now alone.
    pub(crate) fn confirm(&mut self, connection: &Connection) -> Result<(), Error> {
        let checked = self.files.check();
        if checked.is_err() {
            // Otherwise closing it would remove a file of that name, which may be of the database put there instead.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
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
        if self.empty_wal_at.is_some_and(|at| at <= now) {
            let is_emptied = self.empty_wal(connection)?;
            let again = now + Duration::from_millis(UPKEEP_INTERVAL_MS);
            self.empty_wal_at = (!is_emptied).then_some(again);
        }
        Ok(())
    }

    fn empty_wal(&mut self, connection: &Connection) -> Result<bool, Error> {
        let wait = Duration::from_millis(WAL_EMPTYING_WAIT_MS_MAX);
        let emptied = match store::empty_wal(connection, wait) {
            Ok(is_emptied) => is_emptied,
            Err(error) if store::passing(connection, &error).is_some() => {
                if !self.has_failed {
                    tracing::warn!(%error, "the write-ahead log could not be emptied; deleted texts stay in it for now");
                }
                self.has_failed = true;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        self.has_failed &= !emptied;
        Ok(emptied)
    }
}
