//! What is in the server's database at the end, read past the server.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use client::model::Reaction;
use protocol::{ClientId, EventId, UserId};
use rusqlite::{Connection, OpenFlags, Row};

use crate::checker::{Action, Database, Message, Room, State, Stored};

/// Reads the whole database of a server that has ended. Its tables are held against one another.
///
/// # Errors
/// When it cannot be read.
pub fn read(data_dir: &Path) -> anyhow::Result<Database> {
    let file = data_dir.join("madang.db");
    let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("opening {}", file.display()))?;
    let mut database = Database::default();
    let names = rooms(&connection, &mut database)?;
    events(&connection, &names, &mut database)?;
    messages(&connection, &names, &mut database)?;
    commands(&connection, &mut database)?;
    database.bytes = bytes(&file)?;
    compare(&connection, &mut database.disagreements)?;
    Ok(database)
}

/// The rooms' names by their ids.
fn rooms(connection: &Connection, database: &mut Database) -> anyhow::Result<HashMap<i64, Room>> {
    let mut names = HashMap::new();
    let mut statement = connection.prepare("SELECT room_id, name FROM rooms")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let name: Room = row.get::<_, String>(1)?.into();
        database.rooms.insert(Room::clone(&name), Vec::new());
        names.insert(row.get(0)?, name);
    }
    Ok(names)
}

// The kinds of events.
const KIND_MESSAGE: i64 = 1;
const KIND_EDITED: i64 = 2;
const KIND_DELETED: i64 = 3;
const KIND_REACTED: i64 = 4;

fn events(
    connection: &Connection,
    names: &HashMap<i64, Room>,
    database: &mut Database,
) -> anyhow::Result<()> {
    let mut statement = connection.prepare(
        "SELECT room_id, seq, event_id, client_id, author, at, body, kind, target, extra FROM events
         ORDER BY room_id, seq",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (room_id, seq): (i64, u64) = (row.get(0)?, row.get(1)?);
        let text: String = row.get(6)?;
        let target = || row.get::<_, u64>(8);
        let action = match row.get(7)? {
            KIND_MESSAGE => Action::Post(text.into()),
            KIND_EDITED => Action::Edit {
                target: target()?,
                text: text.into(),
            },
            KIND_DELETED => Action::Delete { target: target()? },
            KIND_REACTED => Action::React {
                target: target()?,
                emoji: text.into(),
                on: row.get(9)?,
            },
            kind => {
                let what = format!("event {seq} of room {room_id} is of the kind {kind}, which nobody makes");
                database.disagreements.push(what);
                continue;
            }
        };
        let stored = Stored {
            seq,
            id: EventId::from_bytes(row.get(2)?),
            client_id: ClientId::from_bytes(row.get(3)?),
            author: UserId::from_bytes(row.get(4)?),
            at: row.get(5)?,
            action,
        };
        match names.get(&room_id).and_then(|name| database.rooms.get_mut(name)) {
            Some(rows) => rows.push(stored),
            None => database
                .disagreements
                .push(format!("event {seq} is in room {room_id}, which is none")),
        }
    }
    Ok(())
}

fn messages(
    connection: &Connection,
    names: &HashMap<i64, Room>,
    database: &mut Database,
) -> anyhow::Result<()> {
    let mut reactions = reactions(connection)?;
    let mut statement = connection.prepare(
        "SELECT room_id, seq, body, edited_at, deleted_at IS NOT NULL,
                (SELECT count(*) FROM edits e WHERE e.room_id = m.room_id AND e.seq = m.seq)
         FROM messages m ORDER BY room_id, seq",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (room_id, seq): (i64, u64) = (row.get(0)?, row.get(1)?);
        let message = Message {
            seq,
            state: State {
                text: row.get(2)?,
                edited_at: row.get(3)?,
                is_deleted: row.get(4)?,
                reactions: reactions.remove(&(room_id, seq)).unwrap_or_default(),
            },
            former_texts: row.get(5)?,
        };
        match names.get(&room_id) {
            Some(name) => database
                .messages
                .entry(Room::clone(name))
                .or_default()
                .push(message),
            None => database
                .disagreements
                .push(format!("message {seq} is in room {room_id}, which is none")),
        }
    }
    for (room_id, seq) in reactions.keys() {
        database.disagreements.push(format!(
            "there are reactions to {seq} of room {room_id}, which is no message"
        ));
    }
    Ok(())
}

/// The reactions to each message, as they are shown.
fn reactions(connection: &Connection) -> anyhow::Result<HashMap<(i64, u64), Vec<Reaction>>> {
    let mut found: HashMap<(i64, u64), Vec<Reaction>> = HashMap::new();
    let mut statement = connection
        .prepare("SELECT room_id, seq, emoji, user_id FROM reactions ORDER BY room_id, seq, first, rev")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let emoji: String = row.get(2)?;
        let user_id = UserId::from_bytes(row.get(3)?);
        let reactions = found.entry((row.get(0)?, row.get(1)?)).or_default();
        match reactions.iter_mut().find(|known| *known.emoji == *emoji) {
            Some(known) => known.user_ids.push(user_id),
            None => reactions.push(Reaction {
                emoji: emoji.into(),
                user_ids: vec![user_id],
            }),
        }
    }
    Ok(found)
}

fn commands(connection: &Connection, database: &mut Database) -> anyhow::Result<()> {
    let mut statement = connection.prepare("SELECT author, client_id, seq FROM commands")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let of = (UserId::from_bytes(row.get(0)?), ClientId::from_bytes(row.get(1)?));
        database.commands.insert(of, row.get(2)?);
    }
    Ok(())
}

/// What the database, its log and whatever was put beside it hold, byte for byte.
fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let begin = file.file_name().unwrap_or_default().as_encoded_bytes();
    for entry in std::fs::read_dir(file.parent().unwrap_or(file))? {
        let entry = entry?;
        let name = entry.file_name();
        let is_beside = name.as_encoded_bytes().starts_with(begin) && name.len() > begin.len();
        if is_beside && entry.file_type()?.is_file() {
            let path = entry.path();
            bytes.extend(std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?);
        }
    }
    Ok(bytes)
}

/// Questions whose answer is nothing, as long as the tables agree.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "a message that its own event does not say",
        "SELECT m.room_id, m.seq FROM messages m LEFT JOIN events e USING (room_id, seq)
         WHERE e.seq IS NULL OR e.event_id <> m.event_id OR e.client_id <> m.client_id OR e.author <> m.author
               OR e.at <> m.at",
    ),
    (
        "a message whose mentions its last text does not have",
        "SELECT m.room_id, m.seq FROM messages m JOIN events e ON e.room_id = m.room_id AND e.seq = coalesce(
             (SELECT max(l.seq) FROM events l WHERE l.room_id = m.room_id AND l.target = m.seq AND l.kind = 2), m.seq)
         WHERE e.mentions <> m.mentions",
    ),
    (
        "a mention of nobody's, of its own author or of none that its message knows of",
        "SELECT n.room_id, n.seq FROM mentions n LEFT JOIN messages m USING (room_id, seq)
         WHERE m.seq IS NULL OR m.author = n.user_id OR m.mentions = ''",
    ),
    (
        "a message that mentions people who cannot find it",
        "SELECT m.room_id, m.seq FROM messages m
         WHERE m.mentions <> '' AND NOT EXISTS (SELECT 1 FROM mentions n WHERE n.room_id = m.room_id
                                                                         AND n.seq = m.seq)",
    ),
    (
        "a room whose head is not its last event",
        "SELECT room_id, head FROM rooms r
         WHERE head IS NOT (SELECT max(seq) FROM events e WHERE e.room_id = r.room_id)",
    ),
];

fn compare(connection: &Connection, disagreements: &mut Vec<String>) -> anyhow::Result<()> {
    for (what, question) in DISAGREEMENTS {
        let mut statement = connection.prepare(question)?;
        let place = |row: &Row<'_>| {
            Ok(format!(
                "{what}: room {}, {}",
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?
            ))
        };
        for found in statement.query_map((), place)?.take(20) {
            disagreements.push(found?);
        }
    }
    let sound: String = connection.query_row("PRAGMA integrity_check(5)", (), |row| row.get(0))?;
    if sound != "ok" {
        disagreements.push(format!("integrity_check: {sound}"));
    }
    Ok(())
}
