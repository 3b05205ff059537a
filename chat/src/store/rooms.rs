//! Rooms: their heads and topics, and the lists of them.

use std::collections::HashMap;

use protocol::limits::{ROOMS_FOUND_MAX, ROOMS_LISTED_MAX};
use protocol::{RoomName, Topic, UserId, hangul};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::mentions::last_mention;
use super::positions::unread;
use super::{Position, RoomRow};

/// A room as it stands after its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoomEnd {
    pub(crate) room_id: i64,
    pub(crate) head: u64,
    /// When the last event was.
    pub(crate) last_at: u64,
}

/// How a room stands; `None` when there is no such room.
pub(crate) fn room_end(connection: &Connection, room: &RoomName) -> rusqlite::Result<Option<RoomEnd>> {
    connection
        .prepare_cached("SELECT room_id, head, last_at FROM rooms WHERE name = ?1")?
        .query_row([room.as_str()], |row| {
            Ok(RoomEnd {
                room_id: row.get(0)?,
                head: row.get(1)?,
                last_at: row.get(2)?,
            })
        })
        .optional()
}

/// Makes a room in which nothing has happened.
pub(crate) fn make_room(connection: &Connection, room: &RoomName) -> rusqlite::Result<RoomEnd> {
    connection
        .prepare_cached("INSERT INTO rooms (name, head, last_at) VALUES (?1, 0, 0)")?
        .execute([room.as_str()])?;
    Ok(RoomEnd {
        room_id: connection.last_insert_rowid(),
        head: 0,
        last_at: 0,
    })
}

/// Writes how a room stands.
pub(crate) fn set_room_end(connection: &Connection, end: &RoomEnd) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE rooms SET head = ?2, last_at = ?3 WHERE room_id = ?1")?
        .execute(params![end.room_id, end.head, end.last_at])?;
    Ok(())
}

/// A room's id and its last seq; `None` when there is no such room.
pub(crate) fn room(connection: &Connection, room: &RoomName) -> rusqlite::Result<Option<(i64, u64)>> {
    let end = room_end(connection, room)?;
    Ok(end.map(|end| (end.room_id, end.head)))
}

/// What a room is about; `None` when there is no such room.
pub(crate) fn topic(connection: &Connection, room: &RoomName) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT topic FROM rooms WHERE name = ?1")?
        .query_row([room.as_str()], |row| row.get(0))
        .optional()
}

/// Says what a room is about.
pub(crate) fn set_topic(connection: &Connection, room_id: i64, topic: &Topic) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE rooms SET topic = ?2 WHERE room_id = ?1")?
        .execute(params![room_id, topic.as_str()])?;
    Ok(())
}

/// The rooms somebody follows, [`ROOMS_LISTED_MAX`] at most.
const FOLLOWED: &str = "FROM positions p JOIN rooms r USING (room_id) WHERE p.user_id = ?1
     ORDER BY p.seq < (SELECT coalesce(max(m.seq), 0) FROM mentions m
                       WHERE m.user_id = p.user_id AND m.room_id = p.room_id) DESC,
              p.seq < r.head DESC, r.last_at DESC, r.name LIMIT ?2";

/// The rooms somebody follows, by name; [`ROOMS_LISTED_MAX`] at most: of more, those in which they are mentioned and have
/// not read it come first, then others with something unread, then the most recently active. Each with how far they have
/// read it at least, which is `waiting`. In one read transaction.
pub(crate) fn followed_rooms(
    connection: &Connection,
    user_id: &UserId,
    waiting: &HashMap<RoomName, u64>,
) -> rusqlite::Result<Vec<RoomRow>> {
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(&format!(
        "SELECT r.room_id, r.name, r.topic, r.head, r.last_at, p.seq {FOLLOWED}"
    ))?;
    let mut rows = statement.query(params![user_id.as_bytes(), ROOMS_LISTED_MAX])?;
    let mut rooms = room_rows(&transaction, &mut rows, Some(user_id), waiting)?;
    rooms.sort_by(|one, other| one.room.as_str().cmp(other.room.as_str()));
    Ok(rooms)
}

/// The names of the same rooms, in no order.
pub(crate) fn followed_names(connection: &Connection, user_id: &UserId) -> rusqlite::Result<Vec<RoomName>> {
    let mut statement = connection.prepare_cached(&format!("SELECT r.name {FOLLOWED}"))?;
    let mut rows = statement.query(params![user_id.as_bytes(), ROOMS_LISTED_MAX])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.extend(RoomName::parse(row.get_ref(0)?.as_str()?));
    }
    Ok(names)
}

/// These rooms as they stand for somebody: each with how far they have read it at least, which is `waiting`, if they follow
/// it. In one read transaction.
pub(crate) fn rooms_of(
    connection: &Connection,
    user_id: &UserId,
    rooms: &[RoomName],
    waiting: &HashMap<RoomName, u64>,
) -> rusqlite::Result<Vec<RoomRow>> {
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT r.room_id, r.name, r.topic, r.head, r.last_at, p.seq
         FROM rooms r LEFT JOIN positions p ON p.user_id = ?1 AND p.room_id = r.room_id WHERE r.name = ?2",
    )?;
    let mut found = Vec::with_capacity(rooms.len());
    for room in rooms {
        let mut rows = statement.query(params![user_id.as_bytes(), room.as_str()])?;
        found.extend(room_rows(&transaction, &mut rows, Some(user_id), waiting)?);
    }
    Ok(found)
}

/// The rooms whose names contain `text`, which is in the form room names have: the one of that name first, then those that
/// contain it as it stands, then those that contain it as it is typed, or abbreviate to it ([`hangul::keys`]); among them the most
/// recently active first, [`ROOMS_FOUND_MAX`] at most. `waiting` is how far that person has read at least. In one read transaction.
pub(crate) fn find_rooms(
    connection: &Connection,
    user_id: Option<&UserId>,
    text: &str,
    waiting: &HashMap<RoomName, u64>,
) -> rusqlite::Result<Vec<RoomRow>> {
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT r.room_id, r.name, r.topic, r.head, r.last_at, p.seq
         FROM rooms r LEFT JOIN positions p ON p.user_id = ?1 AND p.room_id = r.room_id
         WHERE r.name = ?2",
    )?;
    let user_bytes = user_id.map(UserId::as_bytes);
    let mut found = Vec::new();
    for name in names_like(&transaction, text)? {
        let mut rows = statement.query(params![user_bytes, name])?;
        found.extend(room_rows(&transaction, &mut rows, user_id, waiting)?);
    }
    Ok(found)
}

/// The names of the rooms that [`find_rooms`] finds, in its order.
fn names_like(connection: &Connection, text: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM rooms WHERE instr(name, ?1) > 0 ORDER BY name <> ?1, last_at DESC, name LIMIT ?2",
    )?;
    let names = statement.query_map(params![text, ROOMS_FOUND_MAX], |row| row.get(0))?;
    let mut names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    let keys = hangul::keys(text);
    if keys == text && hangul::initials(text) == text && !text.contains(is_jamo) {
        return Ok(names);
    }
    let mut all = connection.prepare_cached("SELECT name FROM rooms ORDER BY last_at DESC, name")?;
    let mut rows = all.query([])?;
    while names.len() < ROOMS_FOUND_MAX
        && let Some(row) = rows.next()?
    {
        let name = row.get_ref(0)?.as_str()?;
        let fits = hangul::keys(name).contains(&keys) || hangul::initials(name).contains(&keys);
        if fits && !name.contains(text) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// A letter of Hangul that is no syllable yet.
const fn is_jamo(c: char) -> bool {
    matches!(c, '\u{3131}'..='\u{3163}')
}

/// The rooms that somebody does not follow, the most recently active first; [`ROOMS_FOUND_MAX`] at most. In one read transaction.
pub(crate) fn other_rooms(
    connection: &Connection,
    user_id: Option<&UserId>,
) -> rusqlite::Result<Vec<RoomRow>> {
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT r.room_id, r.name, r.topic, r.head, r.last_at, NULL
         FROM rooms r LEFT JOIN positions p ON p.user_id = ?1 AND p.room_id = r.room_id
         WHERE p.room_id IS NULL ORDER BY r.last_at DESC, r.name LIMIT ?2",
    )?;
    let mut rows = statement.query(params![user_id.map(UserId::as_bytes), ROOMS_FOUND_MAX])?;
    room_rows(&transaction, &mut rows, user_id, &HashMap::new())
}

fn room_rows(
    connection: &Connection,
    rows: &mut rusqlite::Rows<'_>,
    user_id: Option<&UserId>,
    waiting: &HashMap<RoomName, u64>,
) -> rusqlite::Result<Vec<RoomRow>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // A name that is none any more cannot be asked for, so it is not offered.
        let Ok(room) = RoomName::parse(row.get_ref(1)?.as_str()?) else {
            continue;
        };
        let at_least = waiting.get(&room).copied().unwrap_or(0);
        found.push(RoomRow {
            room,
            topic: row.get(2)?,
            head: row.get(3)?,
            at: row.get(4)?,
            position: position_of(connection, row, user_id, at_least)?,
        });
    }
    Ok(found)
}

fn position_of(
    connection: &Connection,
    row: &Row<'_>,
    user_id: Option<&UserId>,
    at_least: u64,
) -> rusqlite::Result<Option<Position>> {
    let (Some(seq), Some(user_id)) = (row.get::<_, Option<u64>>(5)?, user_id) else {
        return Ok(None);
    };
    let (room_id, head) = (row.get(0)?, row.get(3)?);
    let seq = seq.max(at_least.min(head));
    Ok(Some(Position {
        seq,
        unread: unread(connection, user_id, room_id, seq)?,
        mention: last_mention(connection, user_id, room_id)?,
    }))
}
