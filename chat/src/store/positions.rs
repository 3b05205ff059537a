//! How far people have read, which is also who follows which room.

use protocol::limits::{SEEN_PEOPLE_MAX, UNREAD_MAX};
use protocol::{RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SeenRow;
use super::people::name;
use crate::limits::SEQ_MAX;

/// How far somebody has read in a room; `None` when they do not follow it.
pub(crate) fn position(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT seq FROM positions WHERE user_id = ?1 AND room_id = ?2")?
        .query_row(params![user_id.as_bytes(), room_id], |row| row.get(0))
        .optional()
}

/// Sets how far somebody has read.
pub(crate) fn set_position(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
    seq: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO positions (user_id, room_id, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_id, room_id) DO UPDATE SET seq = ?3",
        )?
        .execute(params![user_id.as_bytes(), room_id, seq])?;
    Ok(())
}

/// Sets how far somebody has read, unless they have read further.
pub(crate) fn raise_position(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
    seq: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO positions (user_id, room_id, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_id, room_id) DO UPDATE SET seq = max(seq, ?3)",
        )?
        .execute(params![user_id.as_bytes(), room_id, seq])?;
    Ok(())
}

/// Forgets how far somebody has read; false when there was nothing to forget.
pub(crate) fn forget_position(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
) -> rusqlite::Result<bool> {
    let forgotten = connection
        .prepare_cached("DELETE FROM positions WHERE user_id = ?1 AND room_id = ?2")?
        .execute(params![user_id.as_bytes(), room_id])?;
    Ok(forgotten > 0)
}

/// Messages of others after `seq`, [`UNREAD_MAX`] at most; deleted ones do not count.
pub(crate) fn unread(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
    seq: u64,
) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM messages
             WHERE room_id = ?1 AND seq > ?2 AND author <> ?3 AND deleted_at IS NULL LIMIT ?4)",
        )?
        .query_row(params![room_id, seq, user_id.as_bytes(), UNREAD_MAX], |row| {
            row.get(0)
        })
}

/// How far those who follow a room have read, of those only who have read `from` at least; `None` when more than
/// [`SEEN_PEOPLE_MAX`] follow it.
pub(crate) fn seen(
    connection: &Connection,
    room: &RoomName,
    from: u64,
) -> rusqlite::Result<Option<Vec<SeenRow>>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.user_id, n.name, p.seq FROM positions p LEFT JOIN people n USING (user_id)
         WHERE p.room_id = (SELECT room_id FROM rooms WHERE name = ?1) ORDER BY p.user_id LIMIT ?2",
    )?;
    let people = statement.query_map(params![room.as_str(), SEEN_PEOPLE_MAX + 1], |row| {
        Ok(SeenRow {
            user_id: UserId::from_bytes(row.get(0)?),
            name: name(row, 1)?,
            seq: row.get(2)?,
        })
    })?;
    let mut people: Vec<SeenRow> = people.collect::<rusqlite::Result<_>>()?;
    if people.len() > SEEN_PEOPLE_MAX {
        return Ok(None);
    }
    people.retain(|person| person.seq >= from.min(SEQ_MAX));
    Ok(Some(people))
}
