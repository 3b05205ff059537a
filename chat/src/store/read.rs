//! What is read. Each function runs within one statement, or within a transaction of its own.

use protocol::{ClientId, Epoch, EventId, RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Known, MessageRow, Page, PageQuery};
use crate::limits::{CATCH_UP_READ_EVENTS, PULL_BYTES, SEQ_MAX};

/// The database's epoch.
pub(crate) fn epoch(connection: &Connection) -> rusqlite::Result<Epoch> {
    connection.query_row("SELECT epoch FROM meta", [], |row| {
        row.get(0).map(Epoch::from_bytes)
    })
}

/// The last position of the order that was applied.
pub(crate) fn applied(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT applied FROM meta", [], |row| row.get(0))
}

/// A room's last seq; 0 for a room in which nothing was ever said.
pub(crate) fn head(connection: &Connection, room: &RoomName) -> rusqlite::Result<u64> {
    let head = connection
        .prepare_cached("SELECT head FROM rooms WHERE name = ?1")?
        .query_row([room.as_str()], |row| row.get(0))
        .optional()?;
    Ok(head.unwrap_or(0))
}

/// The id of the event at a place of a room.
pub(crate) fn event_at(
    connection: &Connection,
    room: &RoomName,
    seq: u64,
) -> rusqlite::Result<Option<EventId>> {
    connection
        .prepare_cached(
            "SELECT event_id FROM events
             WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq = ?2",
        )?
        .query_row(params![room.as_str(), seq], |row| {
            row.get(0).map(EventId::from_bytes)
        })
        .optional()
}

/// The events of a room after `after`, in order: [`CATCH_UP_READ_EVENTS`] at most, and no more once their texts have
/// reached [`PULL_BYTES`].
pub(crate) fn events_after(
    connection: &Connection,
    room: &RoomName,
    after: u64,
) -> rusqlite::Result<Vec<MessageRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, event_id, client_id, author, body, at FROM events
         WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq > ?2
         ORDER BY seq LIMIT ?3",
    )?;
    let mut rows = statement.query(params![room.as_str(), after, CATCH_UP_READ_EVENTS])?;
    let mut events = Vec::new();
    let mut bytes = 0;
    while bytes < PULL_BYTES
        && let Some(row) = rows.next()?
    {
        let event = message_row(row)?;
        bytes += event.message.len();
        events.push(event);
    }
    Ok(events)
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

/// A page of a room's history, in one read transaction.
pub(crate) fn page(connection: &Connection, room: &RoomName, query: PageQuery) -> rusqlite::Result<Page> {
    let transaction = connection.unchecked_transaction()?;
    let seq = head(&transaction, room)?;
    let before = query.before.unwrap_or(SEQ_MAX).min(SEQ_MAX);
    let sql = if query.after.is_some() {
        "SELECT seq, event_id, client_id, author, body, at FROM messages
         WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq > ?2 AND seq < ?3
         ORDER BY seq LIMIT ?4"
    } else {
        "SELECT seq, event_id, client_id, author, body, at FROM messages
         WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq > ?2 AND seq < ?3
         ORDER BY seq DESC LIMIT ?4"
    };
    let after = query.after.unwrap_or(0).min(SEQ_MAX);
    let mut messages: Vec<MessageRow> = transaction
        .prepare_cached(sql)?
        .query_map(params![room.as_str(), after, before, query.limit], message_row)?
        .collect::<rusqlite::Result<_>>()?;
    if query.after.is_none() {
        messages.reverse();
    }
    let has_older = match messages.first() {
        Some(first) => message_before(&transaction, room, first.seq)?,
        None => false,
    };
    Ok(Page {
        seq,
        messages,
        has_older,
    })
}

fn message_before(connection: &Connection, room: &RoomName, seq: u64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages
             WHERE room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND seq < ?2)",
        )?
        .query_row(params![room.as_str(), seq], |row| row.get(0))
}

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        seq: row.get(0)?,
        id: EventId::from_bytes(row.get(1)?),
        client_id: ClientId::from_bytes(row.get(2)?),
        user_id: UserId::from_bytes(row.get(3)?),
        message: row.get(4)?,
        at: row.get(5)?,
    })
}
