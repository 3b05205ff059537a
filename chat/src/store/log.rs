//! How far a log that other nodes write too has been applied.
//!
//! The position stands in `meta`, as that of an order within one process does; the hash beside it in `log_hashes` is what tells
//! that a log led there and not such an order.

use protocol::Epoch;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::read::applied;
use crate::limits::LOG_HASHES_KEPT;
use crate::log::{LogHash, LogPoint};

/// How far a log has been applied; `None` for a database that something else than a log has changed. Before anything was
/// applied to it, every database stands at the beginning of a log.
pub(crate) fn log_point(connection: &Connection) -> rusqlite::Result<Option<LogPoint>> {
    let position = applied(connection)?;
    if position == 0 {
        return Ok(Some(LogPoint::default()));
    }
    let hash = log_hash(connection, position)?;
    Ok(hash.map(|hash| LogPoint { position, hash }))
}

/// The hash of the log up to a position; `None` when it is not kept, or that has not been reached.
pub(crate) fn log_hash(connection: &Connection, position: u64) -> rusqlite::Result<Option<LogHash>> {
    // What no row can hold is none.
    let Ok(position) = i64::try_from(position) else {
        return Ok(None);
    };
    connection
        .prepare_cached("SELECT hash FROM log_hashes WHERE position = ?1")?
        .query_row([position], |row| row.get(0))
        .optional()
}

/// The first position of which there is a hash; 0 where there is none.
pub(crate) fn first_log_hash(connection: &Connection) -> rusqlite::Result<u64> {
    let query = "SELECT coalesce(min(position), 0) FROM log_hashes";
    connection.query_row(query, [], |row| row.get(0))
}

/// Records that the message before this point was applied, inside the transaction in which it was. Of the hashes, the last
/// [`LOG_HASHES_KEPT`] are kept.
///
/// # Errors
/// [`rusqlite::Error::StatementChangedRows`] when the database does not stand at the point before this one.
pub(crate) fn record_point(connection: &Connection, point: &LogPoint) -> rusqlite::Result<()> {
    let moved = connection
        .prepare_cached("UPDATE meta SET applied = ?1 WHERE applied = ?1 - 1")?
        .execute([point.position])?;
    if moved != 1 {
        return Err(rusqlite::Error::StatementChangedRows(moved));
    }
    connection
        .prepare_cached("INSERT INTO log_hashes (position, hash) VALUES (?1, ?2)")?
        .execute(params![point.position, point.hash])?;
    connection
        .prepare_cached("DELETE FROM log_hashes WHERE position <= ?1 - ?2")?
        .execute([point.position, LOG_HASHES_KEPT])?;
    Ok(())
}

/// Whether a log has ever been applied, whatever was done to the database since.
pub(crate) fn was_fed(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM log_hashes)", [], |row| row.get(0))
}

/// Makes what a database holds the first state of a log, before its first message.
pub(crate) fn set_first_point(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "BEGIN IMMEDIATE; UPDATE meta SET applied = 0; DELETE FROM log_hashes; DELETE FROM log_nodes; COMMIT",
    )
}

/// Gives a database another epoch.
pub(crate) fn set_epoch(connection: &Connection, epoch: Epoch) -> rusqlite::Result<()> {
    connection.execute("UPDATE meta SET epoch = ?1", [epoch.as_bytes()])?;
    Ok(())
}
