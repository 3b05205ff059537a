//! What the writer writes beside events and what they change, inside the transaction it has open.

use protocol::{ClientId, UserId};
use rusqlite::{Connection, params};

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

/// Moves everything from the write-ahead log into the database and empties it.
pub(crate) fn empty_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
