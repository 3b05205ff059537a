//! Whether a database holds what it should: SQLite's own check of its pages, and ours of what must be true of the rows.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

/// What must find nothing, and what it is that it finds. Each costs one walk over a table.
const CONTRADICTIONS: &[(&str, &str)] = &[
    (
        "a room whose events have gaps",
        "SELECT 1 FROM rooms r WHERE r.head <> (SELECT count(*) FROM events e WHERE e.room_id = r.room_id)
             OR r.head <> (SELECT coalesce(max(e.seq), 0) FROM events e WHERE e.room_id = r.room_id) LIMIT 1",
    ),
    (
        "events of no room",
        "SELECT 1 WHERE (SELECT count(*) FROM events) <> (SELECT coalesce(sum(head), 0) FROM rooms)",
    ),
    (
        "an event whose message is missing or another",
        "SELECT 1 FROM events e LEFT JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq
         WHERE e.kind = 1 AND m.event_id IS NOT e.event_id LIMIT 1",
    ),
    (
        "messages without an event",
        "SELECT 1 WHERE (SELECT count(*) FROM messages) <> (SELECT count(*) FROM events WHERE kind = 1)",
    ),
    (
        "a former text of no message",
        "SELECT 1 FROM edits e LEFT JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq
         WHERE m.seq IS NULL LIMIT 1",
    ),
    (
        "a reaction to no message",
        "SELECT 1 FROM reactions r LEFT JOIN messages m ON m.room_id = r.room_id AND m.seq = r.seq
         WHERE m.seq IS NULL LIMIT 1",
    ),
];

/// The first fault there is, in the pages or in what the rows say; `None` when the database is whole.
pub(crate) fn fault(connection: &Connection) -> rusqlite::Result<Option<String>> {
    match damage(connection)? {
        None => contradiction(connection),
        damage => Ok(damage),
    }
}

/// The first fault that SQLite finds in the pages; `None` when they are whole.
pub(super) fn damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match found {
        Ok(said) if said == "ok" => Ok(None),
        Ok(said) => Ok(Some(said)),
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

/// The first thing the rows say that cannot be; `None` when they agree.
pub(super) fn contradiction(connection: &Connection) -> rusqlite::Result<Option<String>> {
    for (what, query) in CONTRADICTIONS {
        match connection.query_row(query, [], |_| Ok(())).optional() {
            Ok(None) => {}
            Ok(Some(())) => return Ok(Some((*what).to_owned())),
            Err(error) if is_damage(&error) => return Ok(Some(error.to_string())),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether this is SQLite's way to say that the file is broken.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}
