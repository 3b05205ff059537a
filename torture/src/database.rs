//! What is in the server's database at the end, read past the server.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use protocol::{ClientId, EventId, UserId};
use rusqlite::{Connection, OpenFlags, Row};

use crate::checker::{Database, Room, Stored};

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
    messages(&connection, &names, &mut database)?;
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

fn messages(
    connection: &Connection,
    names: &HashMap<i64, Room>,
    database: &mut Database,
) -> anyhow::Result<()> {
    let mut statement = connection.prepare(
        "SELECT room_id, seq, event_id, client_id, author, at, body FROM messages ORDER BY room_id, seq",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let room_id: i64 = row.get(0)?;
        let stored = Stored {
            seq: row.get(1)?,
            id: EventId::from_bytes(row.get(2)?),
            client_id: ClientId::from_bytes(row.get(3)?),
            author: UserId::from_bytes(row.get(4)?),
            at: row.get(5)?,
            text: row.get(6)?,
        };
        match names.get(&room_id).and_then(|name| database.rooms.get_mut(name)) {
            Some(rows) => rows.push(stored),
            None => database.disagreements.push(format!(
                "message {} is in room {room_id}, which is none",
                stored.seq
            )),
        }
    }
    Ok(())
}

/// Questions whose answer is nothing, as long as the tables agree.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "a message that its event does not say",
        "SELECT m.room_id, m.seq FROM messages m LEFT JOIN events e USING (room_id, seq)
         WHERE e.seq IS NULL OR e.event_id <> m.event_id OR e.client_id <> m.client_id OR e.author <> m.author
               OR e.at <> m.at OR e.body <> m.body OR e.mentions <> m.mentions",
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
        "an event without its message",
        "SELECT e.room_id, e.seq FROM events e LEFT JOIN messages m USING (room_id, seq) WHERE m.seq IS NULL",
    ),
    (
        "a message without its command, or with another seq in it",
        "SELECT m.room_id, m.seq FROM messages m LEFT JOIN commands c USING (author, client_id)
         WHERE c.seq IS NULL OR c.seq <> m.seq",
    ),
    (
        "a command without its message",
        "SELECT 0, c.seq FROM commands c
         WHERE c.seq > 0 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.author = c.author AND m.client_id = c.client_id
                                                      AND m.seq = c.seq)",
    ),
    (
        "a room whose head is not its last event",
        "SELECT room_id, head FROM rooms r
         WHERE head IS NOT (SELECT max(seq) FROM events e WHERE e.room_id = r.room_id)",
    ),
];

fn compare(connection: &Connection, disagreements: &mut Vec<String>) -> anyhow::Result<()> {
    // Read-only, so no index can be made; the one question that needs it gets a copy in memory.
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         CREATE TEMP TABLE messages AS SELECT * FROM main.messages;
         CREATE INDEX temp.by_client ON messages (author, client_id);
         CREATE INDEX temp.by_seq ON messages (room_id, seq);",
    )?;
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
