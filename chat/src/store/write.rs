//! What the writer writes beside events and what they change, inside the transaction it has open.

use std::time::Duration;

use protocol::{ClientId, UserId};
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

/// Records how far the order has been applied.
pub(crate) fn set_applied(connection: &Connection, position: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE meta SET applied = ?1")?
        .execute([position])?;
    Ok(())
}

/// Moves everything from the write-ahead log into the database and empties it; false when somebody reads from it for
/// longer than `wait`.
pub(crate) fn empty_wal(connection: &Connection, wait: Duration) -> rusqlite::Result<bool> {
    connection.busy_timeout(wait)?;
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        let is_busy: bool = row.get(0)?;
        Ok(!is_busy)
    });
    connection.busy_timeout(BUSY_WAIT)?;
    if matches!(emptied, Ok(true)) {
        // Pages kept in memory may still have in unused bytes what the file no more has (see `scrub`), and would bring it
        // back.
        connection.execute_batch("PRAGMA shrink_memory")?;
    }
    match emptied {
        Err(error) if is_locked(&error) => Ok(false),
        emptied => emptied,
    }
}
