//! The tables.
//!
//! `events` is the history of a room as it happened; `messages` is how its messages stand now, with their former texts
//! in `edits` and what others made of them in `reactions`. `commands` is what makes a repeat harmless for ever.
//! `positions` says how far people have read, and so who follows which room; `mentions` who is mentioned in which message.
//! `log_hashes` compares what nodes of a cluster applied, `log_nodes` knows what came already. Ids are 16-byte blobs, times Unix
//! milliseconds, names empty for those who have none.

/// What SQLite's `application_id` says of our files: "Mdng".
pub(super) const APPLICATION_ID: i64 = 0x4d64_6e67;

/// The first format whose names are folded.
pub(super) const FORMAT_OF_FOLDED_NAMES: usize = 3;

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
", "
    ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';

    -- The body is a text, an emoji or a topic. The target is the message concerned, or the one that is answered.
    ALTER TABLE events ADD COLUMN name   TEXT    NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN target INTEGER;
    -- Of a reaction: whether it is there.
    ALTER TABLE events ADD COLUMN extra  INTEGER NOT NULL DEFAULT 0;

    -- A deleted message's former texts have to be found, and blanked.
    CREATE INDEX events_edited ON events (room_id, target) WHERE kind = 2;

    ALTER TABLE messages ADD COLUMN name       TEXT    NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN reply_to   INTEGER;
    ALTER TABLE messages ADD COLUMN edited_at  INTEGER;
    ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
    -- The last event that changed it; NULL for none but its own, so that no old row has to be written anew.
    ALTER TABLE messages ADD COLUMN rev        INTEGER;

    CREATE TABLE edits (
        room_id INTEGER NOT NULL,
        seq     INTEGER NOT NULL,
        rev     INTEGER NOT NULL,
        at      INTEGER NOT NULL,
        body    TEXT    NOT NULL,
        PRIMARY KEY (room_id, seq, rev)
    ) WITHOUT ROWID;

    CREATE TABLE reactions (
        room_id INTEGER NOT NULL,
        seq     INTEGER NOT NULL,
        emoji   TEXT    NOT NULL,
        user_id BLOB    NOT NULL,
        first   INTEGER NOT NULL,
        rev     INTEGER NOT NULL,
        PRIMARY KEY (room_id, seq, emoji, user_id)
    ) WITHOUT ROWID;

    CREATE TABLE people (
        user_id BLOB NOT NULL PRIMARY KEY,
        name    TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE positions (
        user_id BLOB    NOT NULL,
        room_id INTEGER NOT NULL,
        seq     INTEGER NOT NULL,
        PRIMARY KEY (user_id, room_id)
    ) WITHOUT ROWID;

    CREATE INDEX positions_by_room ON positions (room_id);
", "
    -- Whom a text mentions, as JSON: pairs of an id and of how they are called there. Empty for nobody.
    ALTER TABLE events   ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';

    CREATE TABLE mentions (
        user_id BLOB    NOT NULL,
        room_id INTEGER NOT NULL,
        seq     INTEGER NOT NULL,
        PRIMARY KEY (user_id, room_id, seq)
    ) WITHOUT ROWID;

    CREATE INDEX mentions_by_message ON mentions (room_id, seq);

    -- The name as it is compared with others: see `mentions::fold`. Written by the program.
    ALTER TABLE people ADD COLUMN folded TEXT NOT NULL DEFAULT '';

    CREATE INDEX people_by_name ON people (folded);
", "
    -- Of a message's former texts the latest 100 are kept in edits; the events said all of them.
    UPDATE events SET body = '' WHERE kind = 2 AND body <> ''
        AND (room_id, target) IN (SELECT room_id, seq FROM edits GROUP BY room_id, seq HAVING count(*) >= 100)
        AND seq < (SELECT max(former.seq) FROM events former
                   WHERE former.room_id = events.room_id AND former.target = events.target AND former.kind = 2
                     AND former.seq < (SELECT min(rev) FROM edits
                                       WHERE edits.room_id = events.room_id AND edits.seq = events.target));
    UPDATE events SET body = '' WHERE kind = 1
        AND (room_id, seq) IN (SELECT room_id, seq FROM edits GROUP BY room_id, seq HAVING count(*) >= 100)
        AND EXISTS (SELECT 1 FROM events former
                    WHERE former.room_id = events.room_id AND former.target = events.seq AND former.kind = 2
                      AND former.seq < (SELECT min(rev) FROM edits
                                        WHERE edits.room_id = events.room_id AND edits.seq = events.seq));
", "
    -- For counting what is unread: without deleted messages, and all that is asked for is in it.
    CREATE INDEX IF NOT EXISTS messages_present ON messages (room_id, seq, author) WHERE deleted_at IS NULL;

    -- Ids begin with the time, so that what comes together stands together: by author first, each author's row was on a page
    -- of its own, and each page went through the log.
    CREATE TABLE commands_by_time (
        client_id BLOB    NOT NULL,
        author    BLOB    NOT NULL,
        digest    BLOB    NOT NULL,
        seq       INTEGER NOT NULL,
        PRIMARY KEY (client_id, author)
    ) WITHOUT ROWID;
    INSERT INTO commands_by_time (client_id, author, digest, seq) SELECT client_id, author, digest, seq FROM commands;
    DROP TABLE commands;
    ALTER TABLE commands_by_time RENAME TO commands;
", "
    -- Of a log that several nodes write: SHA-256 over its messages up to each of the last positions. See `store::log`.
    CREATE TABLE IF NOT EXISTS log_hashes (
        position INTEGER PRIMARY KEY,
        hash     BLOB NOT NULL
    );
    -- What came of it already, by the node that said it: its highest number, and as bits that one and those before it.
    CREATE TABLE IF NOT EXISTS log_nodes (
        node     INTEGER PRIMARY KEY,
        position INTEGER NOT NULL,
        number   INTEGER NOT NULL,
        numbers  INTEGER NOT NULL
    );
"];

/// `events.kind` of a message.
pub(super) const KIND_MESSAGE: i64 = 1;
/// `events.kind` of another text for a message.
pub(super) const KIND_EDITED: i64 = 2;
/// `events.kind` of a message's deletion.
pub(super) const KIND_DELETED: i64 = 3;
/// `events.kind` of an emoji put to a message or taken back.
pub(super) const KIND_REACTED: i64 = 4;
/// `events.kind` of a topic.
pub(super) const KIND_TOPIC: i64 = 5;
