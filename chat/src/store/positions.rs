//! How far people have read, which is also who follows which room.

use protocol::limits::{SEEN_PEOPLE_MAX, UNREAD_MAX};
use protocol::{RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SeenRow;
use super::people::name;
use crate::limits::{FOLLOWERS_LOOKED_AT_MAX, SEQ_MAX, UNREAD_LOOKED_AT_MAX};

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

/// Counts messages of others, of so many that are looked at. Deleted ones are not.
const UNREAD: &str = "SELECT count(*) FROM
    (SELECT author FROM messages INDEXED BY messages_present
     WHERE room_id = ?1 AND seq > ?2 AND deleted_at IS NULL ORDER BY seq LIMIT ?4) WHERE author <> ?3";

/// Messages of others after `seq`, [`UNREAD_MAX`] at most; deleted ones do not count. Of one's own among them, which are not
/// there but for those who mark what they said themselves as unread, [`UNREAD_LOOKED_AT_MAX`] are passed over at most.
pub(crate) fn unread(
    connection: &Connection,
    user_id: &UserId,
    room_id: i64,
    seq: u64,
) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(UNREAD)?
        .query_row(
            params![room_id, seq, user_id.as_bytes(), UNREAD_LOOKED_AT_MAX],
            |row| row.get::<_, u64>(0),
        )
        .map(|unread| unread.min(UNREAD_MAX))
}

/// How far somebody has read in a room, `at_least` so far, and how much is unread after that; `None` when they do not
/// follow it.
pub(crate) fn standing(
    connection: &Connection,
    user_id: &UserId,
    room: &RoomName,
    at_least: u64,
) -> rusqlite::Result<Option<(u64, u64)>> {
    let Some((room_id, head)) = super::room(connection, room)? else {
        return Ok(None);
    };
    let Some(seq) = position(connection, user_id, room_id)? else {
        return Ok(None);
    };
    let seq = seq.max(at_least.min(head));
    Ok(Some((seq, unread(connection, user_id, room_id, seq)?)))
}

/// How far those who follow a room have read, of those only who have read `from` at least; `None` when those are more than
/// [`SEEN_PEOPLE_MAX`], or more than [`FOLLOWERS_LOOKED_AT_MAX`] follow it. Whoever once followed and came no more does not
/// keep it from being told who has read what is said later.
pub(crate) fn seen(
    connection: &Connection,
    room: &RoomName,
    from: u64,
) -> rusqlite::Result<Option<Vec<SeenRow>>> {
    let Some((room_id, _)) = super::room(connection, room)? else {
        return Ok(Some(Vec::new()));
    };
    let followers: u64 = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM positions WHERE room_id = ?1 LIMIT ?2)")?
        .query_row(params![room_id, FOLLOWERS_LOOKED_AT_MAX + 1], |row| row.get(0))?;
    if followers > FOLLOWERS_LOOKED_AT_MAX {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT p.user_id, n.name, p.seq FROM
             (SELECT user_id, seq FROM positions WHERE room_id = ?1 ORDER BY user_id LIMIT ?4) p
         LEFT JOIN people n USING (user_id) WHERE p.seq >= ?2 ORDER BY p.user_id LIMIT ?3",
    )?;
    let asked = params![
        room_id,
        from.min(SEQ_MAX),
        SEEN_PEOPLE_MAX + 1,
        FOLLOWERS_LOOKED_AT_MAX
    ];
    let people = statement.query_map(asked, |row| {
        Ok(SeenRow {
            user_id: UserId::from_bytes(row.get(0)?),
            name: name(row, 1)?,
            seq: row.get(2)?,
        })
    })?;
    let people: Vec<SeenRow> = people.collect::<rusqlite::Result<_>>()?;
    Ok((people.len() <= SEEN_PEOPLE_MAX).then_some(people))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use crate::store::open_writer;
    use rusqlite::StatementStatus;

    #[test]
    fn what_is_unread_is_counted_without_walking_over_what_was_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_writer(&folder.path().join("madang.db"), false)
            .unwrap()
            .connection;
        let (reader, other) = (ids::user_id(), ids::user_id());
        let say = |seq: u64, author: UserId, deleted_at: Option<u64>| {
            connection
                .execute(
                    "INSERT INTO messages (room_id, seq, event_id, client_id, author, at, body, deleted_at)
                     VALUES (1, ?1, ?2, ?2, ?3, 0, '', ?4)",
                    params![seq, [0_u8; 16], author.as_bytes(), deleted_at],
                )
                .unwrap();
        };
        connection.execute_batch("BEGIN").unwrap();
        for seq in 1..=5_000 {
            say(seq, other, Some(1));
        }
        say(5_001, other, None);
        say(5_002, reader, None);
        say(5_003, other, None);
        connection.execute_batch("COMMIT").unwrap();
        assert_eq!(unread(&connection, &reader, 1, 0).unwrap(), 2);
        assert_eq!(unread(&connection, &reader, 1, 5_001).unwrap(), 1);
        let mut statement = connection.prepare(UNREAD).unwrap();
        let looked_at = params![1, 0, reader.as_bytes(), UNREAD_LOOKED_AT_MAX];
        statement.query_row(looked_at, |_| Ok(())).unwrap();
        let steps = statement.get_status(StatementStatus::VmStep);
        assert!(steps < 200, "{steps} steps");
    }

    #[test]
    fn no_more_is_looked_at_than_there_is_a_bound_for() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_writer(&folder.path().join("madang.db"), false)
            .unwrap()
            .connection;
        let (reader, other) = (ids::user_id(), ids::user_id());
        connection
            .execute(
                "WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 20000)
                 INSERT INTO messages (room_id, seq, event_id, client_id, author, at, body)
                 SELECT 1, seq, x'', x'', CASE WHEN seq > 10000 THEN ?1 ELSE ?2 END, 0, '' FROM n",
                params![other.as_bytes(), reader.as_bytes()],
            )
            .unwrap();
        assert_eq!(unread(&connection, &reader, 1, 10_000).unwrap(), UNREAD_MAX);
        assert_eq!(
            unread(&connection, &reader, 1, 0).unwrap(),
            0,
            "behind more of one's own than are looked at"
        );
    }
}
