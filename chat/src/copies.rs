//! Copies of the database in use: each reads for as long as it takes, one at a time, and keeps the write-ahead log from
//! beginning anew meanwhile.
//!
//! Other readers are ended when the log has [`crate::limits::WAL_PAGES_MAX`] pages. A copy is let go on until it has
//! [`COPY_WAL_PAGES_MAX`](crate::limits::COPY_WAL_PAGES_MAX), or for [`COPY_MS_MAX`]; it is then given up, and whoever wanted it is
//! told.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::Error;
use crate::limits::COPY_MS_MAX;
use crate::log::LogPoint;
use crate::private_files as private;
use crate::store;

/// Whether a copy is under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    /// Whether the one that is under way is to end.
    is_over: Option<Arc<AtomicBool>>,
    is_closed: bool,
}

/// What ends a copy when this is dropped.
#[derive(Debug)]
pub(crate) struct End(Arc<AtomicBool>);

/// A copy that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Copying {
    copies: Copies,
    is_over: Arc<AtomicBool>,
}

impl Copies {
    /// Begins one.
    ///
    /// # Errors
    /// [`Error::Busy`] while another one is under way, [`Error::Closed`] after the end.
    pub(crate) fn begin(&self) -> Result<Copying, Error> {
        let mut inside = self.lock();
        if inside.is_closed {
            return Err(Error::Closed);
        }
        if inside.is_over.is_some() {
            return Err(Error::Busy);
        }
        let is_over = Arc::new(AtomicBool::new(false));
        inside.is_over = Some(Arc::clone(&is_over));
        Ok(Copying {
            copies: self.clone(),
            is_over,
        })
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.lock().is_over.is_some()
    }

    /// Has the one that is under way given up.
    pub(crate) fn give_up(&self) {
        if let Some(is_over) = &self.lock().is_over {
            is_over.store(true, Ordering::Relaxed);
        }
    }

    /// The same, and no other is begun.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.give_up();
    }

    /// A panic leaves this as true as it was.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Copying {
    /// What ends it when that is dropped: whoever wanted it wants it no more.
    pub(crate) fn end(&self) -> End {
        End(Arc::clone(&self.is_over))
    }

    /// Whether it was told to end.
    #[cfg(test)]
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Copies a database in use, and looks through the copy; the point at which that stands. Blocks.
    ///
    /// # Errors
    /// [`Error::CopyGivenUp`] when it was to end before it was done, [`Error::Damaged`] when what was copied has a fault, and
    /// when something could not be read or written; there is then no file.
    pub(crate) fn copy(self, database: &Path, path: &Path) -> Result<LogPoint, Error> {
        let mut connection = store::open_copier(database)?;
        let deadline = Instant::now() + Duration::from_millis(COPY_MS_MAX);
        let is_over = Arc::clone(&self.is_over);
        let is_unwanted = Arc::clone(&self.is_over);
        let should_end = move || is_over.load(Ordering::Relaxed) || Instant::now() >= deadline;
        write(&mut connection, path, should_end).map_err(|error| damaged_or(error, database))?;
        // Before anything else is done: the log can begin anew.
        drop((connection, self));
        let looked = look_through(path, move || is_unwanted.load(Ordering::Relaxed));
        whole_or_none(path, looked.map_err(|error| damaged_or(error, database)))
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        self.copies.lock().is_over = None;
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Writes a whole, synced copy of what this connection's database holds into a new file, or none.
///
/// # Errors
/// As [`Copying::copy`].
pub(crate) fn write(
    connection: &mut Connection,
    path: &Path,
    should_end: impl FnMut() -> bool + Send + 'static,
) -> Result<(), Error> {
    let unusable = |source| Error::DataFolder {
        path: path.to_owned(),
        source,
    };
    if path.exists() {
        return Err(unusable(io::ErrorKind::AlreadyExists.into()));
    }
    private::file(path).map_err(unusable)?;
    let copied = store::copy_into(connection, path, should_end);
    let copied = copied.map_err(|error| match error {
        Error::Database(error) if store::is_interrupted(&error) => Error::CopyGivenUp,
        error => error,
    });
    let synced = copied.and_then(|()| {
        let file = File::options().write(true).open(path);
        file.and_then(|file| file.sync_all()).map_err(unusable)
    });
    whole_or_none(path, synced)
}

/// Looks through a whole copy; the point at which it stands.
fn look_through(path: &Path, should_end: impl FnMut() -> bool + Send + 'static) -> Result<LogPoint, Error> {
    let mut copy = store::open_reader(path)?;
    copy.progress_handler(store::COPY_STEPS, Some(should_end))?;
    match store::fault(&copy) {
        Ok(None) => Ok(store::log_point(&copy)?.unwrap_or_default()),
        Ok(Some(what)) => Err(Error::Damaged {
            path: path.to_owned(),
            what,
        }),
        Err(error) if store::is_interrupted(&error) => Err(Error::CopyGivenUp),
        Err(error) => Err(error.into()),
    }
}

/// The error, where it is a fault of what was copied as one of the database that it was copied from.
fn damaged_or(error: Error, database: &Path) -> Error {
    let what = match error {
        Error::Damaged { what, .. } => what,
        Error::Database(error) if store::is_damage(&error) => error.to_string(),
        error => return error,
    };
    Error::Damaged {
        path: database.to_owned(),
        what,
    }
}

/// Removes what there is of a copy that failed.
fn whole_or_none<T>(path: &Path, copied: Result<T, Error>) -> Result<T, Error> {
    if copied.is_err() {
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        for file in [path.to_owned(), PathBuf::from(journal)] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, path = %file.display(), "half a copy of the database could not be removed");
                }
                _ => {}
            }
        }
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_made_at_a_time_and_ends_when_nobody_wants_it_or_all_is_over() {
        let copies = Copies::default();
        assert!(!copies.is_under_way());
        copies.give_up();
        let copying = copies.begin().unwrap();
        assert!(copies.is_under_way() && !copying.is_over());
        assert!(matches!(copies.begin(), Err(Error::Busy)));
        drop(copying.end());
        assert!(copying.is_over());
        drop(copying);
        let copying = copies.begin().unwrap();
        copies.give_up();
        assert!(copying.is_over());
        drop(copying);
        let copying = copies.begin().unwrap();
        copies.close();
        assert!(copying.is_over());
        drop(copying);
        assert!(matches!(copies.begin(), Err(Error::Closed)));
    }

    #[test]
    fn one_that_is_given_up_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("madang.db");
        let writer = store::open_writer(&database, false).unwrap().connection;
        let many = "INSERT INTO log_hashes WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 20000)
             SELECT n, zeroblob(32) FROM n";
        writer.execute_batch(many).unwrap();
        let copy = folder.path().join("copy.db");
        let copies = Copies::default();
        let copying = copies.begin().unwrap();
        copies.give_up();
        let given_up = copying.copy(&database, &copy);
        assert!(matches!(given_up, Err(Error::CopyGivenUp)), "{given_up:?}");
        assert!(!copy.exists() && !copies.is_under_way());
        // And the next one is whole.
        let copying = copies.begin().unwrap();
        assert_eq!(copying.copy(&database, &copy).unwrap(), LogPoint::default());
        let rows = "SELECT count(*) FROM log_hashes";
        let copied: u64 = store::open_reader(&copy)
            .unwrap()
            .query_row(rows, [], |row| row.get(0))
            .unwrap();
        assert_eq!(copied, 20_000);
    }
}
