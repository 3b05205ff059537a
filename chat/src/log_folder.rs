//! Data folders of nodes, before a chat is opened in them: what they hold, and how they come to hold what a cluster has.

use std::path::Path;

use protocol::Epoch;
use rusqlite::Connection;

use crate::copies;
use crate::data_folder::DataFolder;
use crate::error::Error;
use crate::ids;
use crate::log::LogPoint;
use crate::store::{self, Opened};

/// What a database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub epoch: Epoch,
    /// How far a log has been applied to it; `None` when a chat without a log has changed it.
    pub point: Option<LogPoint>,
    /// Whether anybody has said anything, or has a name.
    pub was_used: bool,
}

/// What the database of a folder says of itself; `None` when there is none. One of an older format is brought up to date.
///
/// # Errors
/// As [`crate::Chat::open`].
pub fn standing(folder: &DataFolder) -> Result<Option<Standing>, Error> {
    let opened = open(&folder.database())?;
    opened.map(|opened| of(&opened.connection)).transpose()
}

/// The same of a file that is to become one.
///
/// # Errors
/// As [`standing`], and [`Error::DatabaseMissing`].
pub fn standing_of(file: &Path) -> Result<Standing, Error> {
    of(&store::open_writer(file, true)?.connection)
}

/// Sees to it that a folder has a database of this epoch: an empty one, where there is none or one that nobody has used.
///
/// # Errors
/// [`Error::OtherEpoch`] when there is one of another epoch that was used; as [`crate::Chat::open`].
pub fn prepare(folder: &DataFolder, epoch: Epoch) -> Result<(), Error> {
    match standing(folder)? {
        Some(found) if found.was_used && found.epoch != epoch => {
            return Err(Error::OtherEpoch {
                path: folder.database(),
            });
        }
        Some(found) if found.was_used || (found.epoch == epoch && found.point.is_some()) => return Ok(()),
        _ => {}
    }
    folder.remove_database()?;
    let opened = store::open_writer(&folder.database(), false)?;
    Ok(store::set_epoch(&opened.connection, epoch)?)
}

/// Makes what the folder of a single server holds the first state of a log, before its first message, and writes a copy of it
/// into a new file, for other nodes. It is looked through first.
///
/// What a log has fed before gets a new epoch: other nodes may have had more of that log, and whoever has seen it must not take
/// what comes now for it. A single server's pages go on from where they were.
///
/// # Errors
/// As [`crate::Chat::open`], [`Error::DatabaseMissing`] and what [`crate::Chat::copy_to`] has.
pub fn make_first_state(folder: &DataFolder, copy: &Path) -> Result<Standing, Error> {
    let mut connection = store::open_whole(&folder.database())?;
    if store::was_fed(&connection)? {
        store::set_epoch(&connection, ids::epoch())?;
    }
    store::set_first_point(&connection)?;
    store::settle(&connection)?;
    copies::write(&mut connection, copy, || false)?;
    of(&connection)
}

fn open(database: &Path) -> Result<Option<Opened>, Error> {
    if !database.exists() {
        return Ok(None);
    }
    match store::open_writer(database, true) {
        Ok(opened) => Ok(Some(opened)),
        // A file without anything in it.
        Err(Error::DatabaseMissing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn of(connection: &Connection) -> Result<Standing, Error> {
    Ok(Standing {
        epoch: store::epoch(connection)?,
        point: store::log_point(connection)?,
        was_used: store::has_been_used(connection)?,
    })
}
