//! What the writer writes, inside the transaction it has open.

use protocol::{ClientId, EventId, RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::schema::KIND_MESSAGE;
use crate::command::ContentDigest;

/// A message to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostWrite<'a> {
    pub(crate) room: &'a RoomName,
    pub(crate) event_id: EventId,
    pub(crate) client_id: ClientId,
    pub(crate) author: UserId,
    pub(crate) at: u64,
    pub(crate) message: &'a str,
    pub(crate) digest: &'a ContentDigest,
}

/// Where a message came to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AppliedPost {
    pub(crate) seq: u64,
    pub(crate) at: u64,
}

/// Gives the message the room's next seq and writes its event, its message and its command.
pub(crate) fn post(connection: &Connection, write: &PostWrite<'_>) -> rusqlite::Result<AppliedPost> {
    let (room_id, seq, at) = advance_room(connection, write.room, write.at)?;
    for table in [
        "INSERT INTO events (room_id, seq, kind, event_id, client_id, author, at, body)
         VALUES (?1, ?2, ?8, ?3, ?4, ?5, ?6, ?7)",
        "INSERT INTO messages (room_id, seq, event_id, client_id, author, at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    ] {
        let mut statement = connection.prepare_cached(table)?;
        statement.raw_bind_parameter(1, room_id)?;
        statement.raw_bind_parameter(2, seq)?;
        statement.raw_bind_parameter(3, write.event_id.as_bytes())?;
        statement.raw_bind_parameter(4, write.client_id.as_bytes())?;
        statement.raw_bind_parameter(5, write.author.as_bytes())?;
        statement.raw_bind_parameter(6, at)?;
        statement.raw_bind_parameter(7, write.message)?;
        if statement.parameter_count() == 8 {
            statement.raw_bind_parameter(8, KIND_MESSAGE)?;
        }
        statement.raw_execute()?;
    }
    connection
        .prepare_cached("INSERT INTO commands (author, client_id, digest, seq) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            write.author.as_bytes(),
            write.client_id.as_bytes(),
            write.digest,
            seq
        ])?;
    Ok(AppliedPost { seq, at })
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

/// The room's id, its next seq, and a time that does not run backwards in it.
fn advance_room(connection: &Connection, room: &RoomName, at: u64) -> rusqlite::Result<(i64, u64, u64)> {
    let advanced = connection
        .prepare_cached(
            "UPDATE rooms SET head = head + 1, last_at = max(last_at, ?2) WHERE name = ?1
             RETURNING room_id, head, last_at",
        )?
        .query_row(params![room.as_str(), at], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    if let Some(advanced) = advanced {
        return Ok(advanced);
    }
    connection
        .prepare_cached("INSERT INTO rooms (name, head, last_at) VALUES (?1, 1, ?2)")?
        .execute(params![room.as_str(), at])?;
    Ok((connection.last_insert_rowid(), 1, at))
}
