//! What people are called.

use std::collections::BTreeSet;

use protocol::{PersonName, RoomName, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Name, Namesake, PersonRow, SpokeRow};
use crate::limits::{NAMESAKES_MAX, NAMESAKES_TOLD_MAX, SPOKE_MESSAGES_MAX, SPOKE_PEOPLE_MAX};
use crate::mentions::fold;

/// What somebody is called now.
pub(crate) fn name_of(connection: &Connection, user_id: &UserId) -> rusqlite::Result<Name> {
    let found = connection
        .prepare_cached("SELECT name FROM people WHERE user_id = ?1")?
        .query_row([user_id.as_bytes()], |row| name(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// What these people are called now, those who are called anything.
pub(crate) fn names_of(connection: &Connection, people: &[UserId]) -> rusqlite::Result<Vec<(UserId, Name)>> {
    let mut names = Vec::new();
    for user_id in people {
        if let Some(name) = name_of(connection, user_id)? {
            names.push((*user_id, Some(name)));
        }
    }
    Ok(names)
}

/// Calls somebody something else.
pub(crate) fn set_name(connection: &Connection, user_id: &UserId, name: &PersonName) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO people (user_id, name, folded) VALUES (?1, ?2, ?3)
             ON CONFLICT (user_id) DO UPDATE SET name = ?2, folded = ?3",
        )?
        .execute(params![user_id.as_bytes(), name.as_str(), fold(name.as_str())])?;
    Ok(())
}

/// Those who follow a room and are called as some of these people are, where somebody else is called so: of each name
/// [`NAMESAKES_TOLD_MAX`] and one at most, these people among them. Each name is looked up once.
pub(super) fn namesakes(
    connection: &Connection,
    room_id: i64,
    people: &BTreeSet<UserId>,
) -> rusqlite::Result<Vec<Namesake>> {
    let mut names = BTreeSet::new();
    for user_id in people {
        names.extend(folded_name(connection, user_id)?);
    }
    let mut found = Vec::new();
    for name in names {
        let called = called(connection, room_id, &name)?;
        if called.len() > 1 || called.iter().any(|(user_id, _)| !people.contains(user_id)) {
            found.extend(called);
        }
    }
    Ok(found)
}

/// As [`namesakes`], of a room by its name.
pub(crate) fn namesakes_in(
    connection: &Connection,
    room: &RoomName,
    people: &BTreeSet<UserId>,
) -> rusqlite::Result<Vec<Namesake>> {
    match room_id(connection, room)? {
        Some(room_id) => namesakes(connection, room_id, people),
        None => Ok(Vec::new()),
    }
}

/// Those who follow a room and are called so, [`NAMESAKES_TOLD_MAX`] and one at most. Of those who are called so anywhere
/// [`NAMESAKES_MAX`] are looked at.
fn called(connection: &Connection, room_id: i64, folded: &str) -> rusqlite::Result<Vec<Namesake>> {
    connection
        .prepare_cached(
            "SELECT n.user_id, n.name FROM
                 (SELECT user_id, name FROM people WHERE folded = ?1 ORDER BY user_id LIMIT ?3) n
             WHERE EXISTS (SELECT 1 FROM positions p WHERE p.user_id = n.user_id AND p.room_id = ?2) LIMIT ?4",
        )?
        .query_map(
            params![folded, room_id, NAMESAKES_MAX, NAMESAKES_TOLD_MAX + 1],
            |row| Ok((UserId::from_bytes(row.get(0)?), row.get(1)?)),
        )?
        .collect()
}

fn folded_name(connection: &Connection, user_id: &UserId) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT folded FROM people WHERE user_id = ?1")?
        .query_row([user_id.as_bytes()], |row| row.get(0))
        .optional()
}

/// Somebody, as a room knows them.
pub(crate) fn person(
    connection: &Connection,
    room: &RoomName,
    user_id: &UserId,
) -> rusqlite::Result<PersonRow> {
    let name = name_of(connection, user_id)?;
    let Some(room_id) = room_id(connection, room)? else {
        return Ok(PersonRow {
            name,
            ..PersonRow::default()
        });
    };
    let said = connection
        .prepare_cached(
            "SELECT seq, at FROM (SELECT author, seq, at, deleted_at FROM messages WHERE room_id = ?1
                                  ORDER BY seq DESC LIMIT ?3)
             WHERE author = ?2 AND deleted_at IS NULL LIMIT 1",
        )?
        .query_row(params![room_id, user_id.as_bytes(), SPOKE_MESSAGES_MAX], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let mut namesakes = namesakes(connection, room_id, &BTreeSet::from([*user_id]))?;
    namesakes.retain(|(other, _)| other != user_id);
    namesakes.truncate(NAMESAKES_TOLD_MAX);
    Ok(PersonRow {
        name,
        said,
        namesakes,
    })
}

/// Those who said something in a room, the last first: [`SPOKE_PEOPLE_MAX`] of those in its last [`SPOKE_MESSAGES_MAX`]
/// messages.
pub(crate) fn spoke(connection: &Connection, room: &RoomName) -> rusqlite::Result<Vec<SpokeRow>> {
    let Some(room_id) = room_id(connection, room)? else {
        return Ok(Vec::new());
    };
    connection
        .prepare_cached(
            "SELECT said.author, n.name FROM
                 (SELECT author, max(seq) AS seq FROM
                      (SELECT author, seq, deleted_at FROM messages WHERE room_id = ?1 ORDER BY seq DESC LIMIT ?2)
                  WHERE deleted_at IS NULL GROUP BY author ORDER BY seq DESC LIMIT ?3) said
             LEFT JOIN people n ON n.user_id = said.author ORDER BY said.seq DESC",
        )?
        .query_map(params![room_id, SPOKE_MESSAGES_MAX, SPOKE_PEOPLE_MAX], |row| {
            Ok(SpokeRow {
                user_id: UserId::from_bytes(row.get(0)?),
                name: name(row, 1)?,
            })
        })?
        .collect()
}

fn room_id(connection: &Connection, room: &RoomName) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT room_id FROM rooms WHERE name = ?1")?
        .query_row([room.as_str()], |row| row.get(0))
        .optional()
}

/// Folds the names that a database has from before names were folded.
pub(super) fn fold_names(connection: &Connection) -> rusqlite::Result<()> {
    let mut all = connection.prepare("SELECT user_id, name FROM people")?;
    let mut rows = all.query([])?;
    let mut set = connection.prepare("UPDATE people SET folded = ?2 WHERE user_id = ?1")?;
    while let Some(row) = rows.next()? {
        let (user_id, name): ([u8; 16], String) = (row.get(0)?, row.get(1)?);
        set.execute(params![user_id, fold(&name)])?;
    }
    Ok(())
}

/// A name from a column in which nobody's is empty; NULL where nothing was joined.
pub(super) fn name(row: &Row<'_>, column: usize) -> rusqlite::Result<Name> {
    let name: Option<Box<str>> = row.get(column)?;
    Ok(name.filter(|name| !name.is_empty()))
}
