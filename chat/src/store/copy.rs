//! Copying a whole database while it is written.

use std::path::Path;

use rusqlite::Connection;

use super::open::connect;
use super::write::close_without_checkpoint;
use crate::error::Error;

/// After how many of SQLite's steps it is asked whether a copy is to go on: some tens of microseconds.
pub(crate) const COPY_STEPS: i32 = 1_000;

/// Opens a connection that reads a database to copy it. What is written of the copy is written as by the writer, without unused
/// bytes: a row that is moved to another page meanwhile must not stay where it was, for it may be deleted from the copy.
pub(crate) fn open_copier(database: &Path) -> Result<Connection, Error> {
    let (connection, _) = connect(database)?;
    close_without_checkpoint(&connection)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // For the file that is written, which takes it over.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Writes what the database holds, as it is at one moment, into a file that is not there yet or empty. Only rows that are
/// there are written, on as few pages as they need: nothing of what was deleted is in it. Everybody reads and writes on
/// meanwhile, but the write-ahead log cannot begin anew.
///
/// # Errors
/// When SQLite fails, and when `should_end` says so: see [`super::is_interrupted`]. What was written is not removed.
pub(crate) fn copy_into(
    connection: &mut Connection,
    path: &Path,
    should_end: impl FnMut() -> bool + Send + 'static,
) -> Result<(), Error> {
    let name = path.to_str().ok_or_else(|| Error::PathNotText {
        path: path.to_owned(),
    })?;
    connection.progress_handler(COPY_STEPS, Some(should_end))?;
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    copied?;
    Ok(())
}
