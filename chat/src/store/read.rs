//! What is read of single rows, each function in one statement.

use protocol::{ClientId, Epoch, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Known;

/// The database's epoch.
pub(crate) fn epoch(connection: &Connection) -> rusqlite::Result<Epoch> {
    connection.query_row("SELECT epoch FROM meta", [], |row| {
        row.get(0).map(Epoch::from_bytes)
    })
}

/// Whether anybody has said anything or has a name.
pub(crate) fn has_been_used(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM rooms) OR EXISTS (SELECT 1 FROM people)",
        [],
        |row| row.get(0),
    )
}

/// The last position of the order that was applied.
pub(crate) fn applied(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT applied FROM meta", [], |row| row.get(0))
}

/// What an author's `clientId` stands for, if it stands for anything.
pub(crate) fn known(
    connection: &Connection,
    author: &UserId,
    client_id: &ClientId,
) -> rusqlite::Result<Option<Known>> {
    connection
        .prepare_cached("SELECT seq, digest FROM commands WHERE author = ?1 AND client_id = ?2")?
        .query_row(params![author.as_bytes(), client_id.as_bytes()], |row| {
            Ok(Known {
                seq: row.get(0)?,
                digest: row.get(1)?,
            })
        })
        .optional()
}
