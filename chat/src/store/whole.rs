//! Whole databases: looked through, and in one file.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::check::fault;
use super::open::{Opened, open_writer};
use super::write::{Begin, begin_wal};
use crate::error::Error;
use crate::limits::CLOSING_WAIT_MS_MAX;

/// Opens a database that there must be, and looks through all of it.
///
/// # Errors
/// [`Error::Damaged`], and others that say why it is not whole.
pub(crate) fn open_whole(path: &Path) -> Result<Connection, Error> {
    let Opened {
        connection,
        is_checked,
    } = open_writer(path, true)?;
    if !is_checked && let Some(what) = fault(&connection)? {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what,
        });
    }
    Ok(connection)
}

/// Brings all that was committed into the database's own file.
///
/// # Errors
/// [`Error::Busy`] while another program reads.
pub(crate) fn settle(connection: &Connection) -> Result<(), Error> {
    let wait = Duration::from_millis(CLOSING_WAIT_MS_MAX);
    if begin_wal(connection, Begin::Empty, wait)? {
        Ok(())
    } else {
        Err(Error::Busy)
    }
}
