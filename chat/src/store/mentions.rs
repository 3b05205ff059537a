//! Who is mentioned where.

use protocol::UserId;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use crate::limits::NAMESAKES_MAX;
use crate::mentions::{Mention, people};

/// The one person, other than `but`, who follows the room and is called so (folded); `None` when there is none or there
/// are several. Of those who are called so anywhere [`NAMESAKES_MAX`] are looked at.
pub(crate) fn named(
    connection: &Connection,
    room_id: i64,
    folded: &str,
    but: UserId,
) -> rusqlite::Result<Option<UserId>> {
    let mut statement = connection.prepare_cached(
        "SELECT n.user_id FROM
             (SELECT user_id FROM people WHERE folded = ?1 AND user_id <> ?3 ORDER BY user_id LIMIT ?4) n
         WHERE EXISTS (SELECT 1 FROM positions p WHERE p.user_id = n.user_id AND p.room_id = ?2) LIMIT 2",
    )?;
    let found = statement.query_map(params![folded, room_id, but.as_bytes(), NAMESAKES_MAX], |row| {
        row.get(0).map(UserId::from_bytes)
    })?;
    let found: Vec<UserId> = found.collect::<rusqlite::Result<_>>()?;
    Ok(<[UserId; 1]>::try_from(found).ok().map(|[one]| one))
}

/// Sets whom a message mentions, and returns whom that concerns: those it mentions now and those it did before. Its
/// author is not called by it.
pub(crate) fn set_mentions(
    connection: &Connection,
    room_id: i64,
    seq: u64,
    author: UserId,
    mentions: &[Mention],
) -> rusqlite::Result<Vec<UserId>> {
    let mut concerned = mentioned(connection, room_id, seq)?;
    if concerned.is_empty() && mentions.is_empty() {
        return Ok(concerned);
    }
    connection
        .prepare_cached("DELETE FROM mentions WHERE room_id = ?1 AND seq = ?2")?
        .execute(params![room_id, seq])?;
    for user_id in people(mentions).into_iter().filter(|user_id| *user_id != author) {
        connection
            .prepare_cached("INSERT INTO mentions (user_id, room_id, seq) VALUES (?1, ?2, ?3)")?
            .execute(params![user_id.as_bytes(), room_id, seq])?;
        if !concerned.contains(&user_id) {
            concerned.push(user_id);
        }
    }
    Ok(concerned)
}

/// Those whom a message mentions, its author not among them.
fn mentioned(connection: &Connection, room_id: i64, seq: u64) -> rusqlite::Result<Vec<UserId>> {
    connection
        .prepare_cached("SELECT user_id FROM mentions WHERE room_id = ?1 AND seq = ?2 ORDER BY user_id")?
        .query_map(params![room_id, seq], |row| row.get(0).map(UserId::from_bytes))?
        .collect()
}

/// The seq of the last message of a room that mentions this person; 0 for none.
pub(crate) fn last_mention(connection: &Connection, user_id: &UserId, room_id: i64) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM mentions WHERE user_id = ?1 AND room_id = ?2")?
        .query_row(params![user_id.as_bytes(), room_id], |row| row.get(0))
}

/// Mentions for a column of their own.
pub(super) fn to_column(mentions: &[Mention]) -> String {
    match mentions {
        [] => String::new(),
        // These types have no map with keys that are not strings, which is all that could fail.
        mentions => serde_json::to_string(mentions).unwrap_or_default(),
    }
}

/// Mentions from their column; none where it says nothing that can be read.
pub(super) fn from_column(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Mention>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(json) if !json.is_empty() => serde_json::from_slice(json).unwrap_or_default(),
        _ => Vec::new(),
    })
}
