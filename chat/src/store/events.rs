//! Events: a room's history as it happened.

use protocol::{ClientId, EventId, RoomName, UserId};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use super::mentions::{from_column, to_column};
use super::people::name;
use super::rooms::room;
use super::schema::{KIND_DELETED, KIND_EDITED, KIND_MESSAGE, KIND_REACTED, KIND_TOPIC};
use super::{Content, End, EventRow, QuoteRow};
use crate::limits::{
    CATCH_UP_ALIGNED_EVENTS, CATCH_UP_READ_EVENTS, PULL_BYTES, QUOTE_READ_CHARS, RECENT_IDS_MAX,
};

/// Writes an event.
pub(crate) fn insert_event(connection: &Connection, room_id: i64, event: &EventRow) -> rusqlite::Result<()> {
    let (kind, body, target, extra) = match &event.content {
        Content::Message {
            message, reply_to, ..
        } => {
            let target = reply_to.as_ref().map(|quote| quote.seq);
            (KIND_MESSAGE, message.as_str(), target, false)
        }
        Content::Edited { target, message, .. } => (KIND_EDITED, message.as_str(), Some(*target), false),
        Content::Deleted { target } => (KIND_DELETED, "", Some(*target), false),
        Content::Reacted { target, emoji, on } => (KIND_REACTED, emoji.as_str(), Some(*target), *on),
        Content::Topic { topic } => (KIND_TOPIC, topic.as_str(), None, false),
    };
    connection
        .prepare_cached(
            "INSERT INTO events (room_id, seq, kind, event_id, client_id, author, name, at, body, target, extra,
                                 mentions)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            room_id,
            event.seq,
            kind,
            event.id.as_bytes(),
            event.client_id.as_bytes(),
            event.user_id.as_bytes(),
            event.name.as_deref().unwrap_or_default(),
            event.at,
            body,
            target,
            extra,
            to_column(event.content.mentions()),
        ])?;
    Ok(())
}

/// Hands the events of a room after `after` to `take`, in order: [`CATCH_UP_READ_EVENTS`] at most, and no more once the
/// bytes that `take` says it has made of them have reached [`PULL_BYTES`].
pub(crate) fn events_after(
    connection: &Connection,
    room: &RoomName,
    after: u64,
    mut take: impl FnMut(&EventRow) -> usize,
) -> rusqlite::Result<()> {
    // A text that is kept no more (see `edit_message`) is told as it is now; that of a deleted message is empty.
    let mut statement = connection.prepare_cached(
        "SELECT e.seq, e.event_id, e.client_id, e.author, e.name, e.at, e.kind, coalesce(m.body, e.body), e.target,
                e.extra, q.author, q.name, substr(q.body, 1, ?4), coalesce(m.mentions, e.mentions)
         FROM events e
         LEFT JOIN messages q ON e.kind = 1 AND q.room_id = e.room_id AND q.seq = e.target
         LEFT JOIN messages m ON m.room_id = e.room_id AND m.seq =
              CASE WHEN e.body <> '' THEN NULL WHEN e.kind = 1 THEN e.seq WHEN e.kind = 2 THEN e.target END
         WHERE e.room_id = (SELECT room_id FROM rooms WHERE name = ?1) AND e.seq > ?2
         ORDER BY e.seq LIMIT ?3",
    )?;
    let mut rows = statement.query(params![
        room.as_str(),
        after,
        CATCH_UP_READ_EVENTS,
        QUOTE_READ_CHARS
    ])?;
    let mut bytes = 0;
    while bytes < PULL_BYTES
        && let Some(row) = rows.next()?
    {
        bytes = take(&event_row(row)?);
    }
    Ok(())
}

/// A room's head, and the ids of its events from `seq` on, or from the head on: up to the head, and from a little before, so
/// that others who fell behind as far find theirs among them; of that event alone when they are more than [`RECENT_IDS_MAX`].
/// To be called in a transaction.
pub(crate) fn end(connection: &Connection, name: &RoomName, seq: Option<u64>) -> rusqlite::Result<End> {
    let known = room(connection, name)?;
    let head = known.map_or(0, |(_, head)| head);
    let seq = seq.unwrap_or(head);
    let mut place = End {
        head,
        seq,
        first: seq,
        ids: Vec::new(),
    };
    // Nothing is at 0, and a number from outside may be larger than any seq.
    let Some((room_id, _)) = known.filter(|_| (1..=head).contains(&seq)) else {
        return Ok(place);
    };
    let aligned = (seq - seq % CATCH_UP_ALIGNED_EVENTS).max(1);
    let is_near = head - aligned < RECENT_IDS_MAX as u64;
    let count = if is_near { RECENT_IDS_MAX } else { 1 };
    if is_near {
        place.first = aligned;
    }
    let mut statement = connection.prepare_cached(
        "SELECT event_id FROM events WHERE room_id = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let ids = statement.query_map(params![room_id, place.first, count], |row| {
        row.get(0).map(EventId::from_bytes)
    })?;
    place.ids = ids.collect::<rusqlite::Result<_>>()?;
    Ok(place)
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let body: String = row.get(7)?;
    let target = || row.get::<_, u64>(8);
    let content = match row.get::<_, i64>(6)? {
        KIND_MESSAGE => Content::Message {
            message: body,
            reply_to: quote_row(row, 8, 10)?,
            mentions: from_column(row, 13)?,
        },
        KIND_EDITED => Content::Edited {
            target: target()?,
            message: body,
            mentions: from_column(row, 13)?,
        },
        KIND_DELETED => Content::Deleted { target: target()? },
        KIND_REACTED => Content::Reacted {
            target: target()?,
            emoji: protocol::emoji::canonical(&body),
            on: row.get(9)?,
        },
        KIND_TOPIC => Content::Topic { topic: body },
        kind => return Err(rusqlite::Error::IntegralValueOutOfRange(6, kind)),
    };
    Ok(EventRow {
        seq: row.get(0)?,
        id: EventId::from_bytes(row.get(1)?),
        client_id: ClientId::from_bytes(row.get(2)?),
        user_id: UserId::from_bytes(row.get(3)?),
        name: name(row, 4)?,
        at: row.get(5)?,
        content,
    })
}

/// The message that is answered, if there is one: its seq in the column `seq`; its author, name and text from the
/// column `rest` on.
pub(super) fn quote_row(row: &Row<'_>, seq: usize, rest: usize) -> rusqlite::Result<Option<Box<QuoteRow>>> {
    // Without a message to it the joined columns are NULL.
    if row.get_ref(rest)?.data_type() == Type::Null {
        return Ok(None);
    }
    Ok(Some(Box::new(QuoteRow {
        seq: row.get(seq)?,
        user_id: UserId::from_bytes(row.get(rest)?),
        name: name(row, rest + 1)?,
        message: markup::excerpt(row.get_ref(rest + 2)?.as_str()?),
    })))
}
