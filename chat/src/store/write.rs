//! What the writer writes beside events and what they change, inside the transaction it has open.

use std::time::Duration;

use protocol::{ClientId, UserId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};

use super::failures::is_locked;
use super::open::BUSY_WAIT;
use crate::command::ContentDigest;

/// Remembers what an author's `clientId` stands for.
pub(crate) fn remember(
    connection: &Connection,
    author: &UserId,
    client_id: &ClientId,
    digest: &ContentDigest,
    seq: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO commands (author, client_id, digest, seq) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![author.as_bytes(), client_id.as_bytes(), digest, seq])?;
    Ok(())
}

/// Records how far the order has been applied, where that is not recorded yet.
pub(crate) fn set_applied(connection: &Connection, position: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE meta SET applied = ?1 WHERE applied <> ?1")?
        .execute([position])?;
    Ok(())
}

/// A number that differs from the last time when another connection has changed the database since.
/// ("PRAGMA data_version" in SQLite's documentation.)
pub(crate) fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))
}

/// Copies what is in the write-ahead log into the database, as far as nobody is in the way. Others read and write on
/// meanwhile.
pub(crate) fn copy_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// How a write-ahead log begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// It is written over from its beginning: its space need not be found again.
    Over,
    /// It is emptied first: what it says is to be nowhere.
    Empty,
}

/// Copies the write-ahead log into the database and begins it anew; false when somebody reads or writes it for longer than
/// `wait`.
///
/// Pages that another connection keeps in memory may still have in unused bytes what the file no more has (see `scrub`), and
/// would bring it back into a log that was emptied: [`forget_pages`].
pub(crate) fn begin_wal(connection: &Connection, begin: Begin, wait: Duration) -> rusqlite::Result<bool> {
    let pragma = match begin {
        Begin::Over => "PRAGMA wal_checkpoint(RESTART)",
        Begin::Empty => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    connection.busy_timeout(wait)?;
    let has_begun = connection.query_row(pragma, [], |row| {
        let is_busy: bool = row.get(0)?;
        Ok(!is_busy)
    });
    connection.busy_timeout(BUSY_WAIT)?;
    match has_begun {
        Err(error) if is_locked(&error) => Ok(false),
        has_begun => has_begun,
    }
}

/// Forgets the pages of the database that a connection keeps in memory.
pub(crate) fn forget_pages(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA shrink_memory")
}

/// Leaves the files alone when the connection is closed.
pub(crate) fn close_without_checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}
