//! The tables.
//!
//! `events` is the history of a room as it happened; `messages` is how its messages stand now. `commands` is what
//! makes a repeat harmless for ever. Ids are 16-byte blobs, times Unix milliseconds.

/// What SQLite's `application_id` says of our files: "Mdng".
pub(super) const APPLICATION_ID: i64 = 0x4d64_6e67;

/// One script per format. A database of format n is brought up to date by the scripts from n on; a script that has
/// been released is never changed.
pub(super) const MIGRATIONS: &[&str] = &["
    CREATE TABLE meta (
        id      INTEGER PRIMARY KEY CHECK (id = 1),
        epoch   BLOB    NOT NULL,
        applied INTEGER NOT NULL
    );

    CREATE TABLE rooms (
        room_id INTEGER PRIMARY KEY,
        name    TEXT    NOT NULL UNIQUE,
        head    INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    );

    CREATE TABLE events (
        room_id   INTEGER NOT NULL,
        seq       INTEGER NOT NULL,
        kind      INTEGER NOT NULL,
        event_id  BLOB    NOT NULL,
        client_id BLOB    NOT NULL,
        author    BLOB    NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT    NOT NULL,
        PRIMARY KEY (room_id, seq)
    ) WITHOUT ROWID;

    CREATE TABLE messages (
        room_id   INTEGER NOT NULL,
        seq       INTEGER NOT NULL,
        event_id  BLOB    NOT NULL,
        client_id BLOB    NOT NULL,
        author    BLOB    NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT    NOT NULL,
        PRIMARY KEY (room_id, seq)
    ) WITHOUT ROWID;

    CREATE TABLE commands (
        author    BLOB    NOT NULL,
        client_id BLOB    NOT NULL,
        digest    BLOB    NOT NULL,
        seq       INTEGER NOT NULL,
        PRIMARY KEY (author, client_id)
    ) WITHOUT ROWID;
"];

/// `events.kind` of a message.
pub(super) const KIND_MESSAGE: i64 = 1;
