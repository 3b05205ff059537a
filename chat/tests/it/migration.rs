//! A database of an older format is brought up to date and holds what it held.

use std::path::Path;

use crate::support::{again, database, done, edit, events, folder, open, post, react, room, submit, whole};
use chat::{Command, ids};
use rusqlite::{Connection, params};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The first format, as it was released.
const FIRST_FORMAT: &str = "
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
    PRAGMA application_id = 0x4d646e67;
    PRAGMA user_version = 1;
";

/// What the second format added to it, as it was released.
const SECOND_FORMAT: &str = "
    ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN name   TEXT    NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN target INTEGER;
    ALTER TABLE events ADD COLUMN extra  INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX events_edited ON events (room_id, target) WHERE kind = 2;
    ALTER TABLE messages ADD COLUMN name       TEXT    NOT NULL DEFAULT '';
    ALTER TABLE messages ADD COLUMN reply_to   INTEGER;
    ALTER TABLE messages ADD COLUMN edited_at  INTEGER;
    ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
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
    PRAGMA user_version = 2;
";

/// Writes a database of the first format that holds these posts, in the lobby.
fn write_first_format(folder: &Path, epoch: &[u8; 16], posts: &[(Command, &str)]) {
    let connection = Connection::open(database(folder)).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch(FIRST_FORMAT).unwrap();
    let insert = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        assert_eq!(connection.execute(sql, values).unwrap(), 1);
    };
    let head = posts.len();
    insert("INSERT INTO meta VALUES (1, ?1, ?2)", params![epoch, head]);
    insert(
        "INSERT INTO rooms VALUES (1, 'lobby', ?1, ?2)",
        params![head, 1_000],
    );
    for ((command, text), seq) in posts.iter().zip(1..) {
        let (event, client) = (command.event_id.as_bytes(), command.client_id.as_bytes());
        let author = command.author.as_bytes();
        insert(
            "INSERT INTO events VALUES (1, ?1, 1, ?2, ?3, ?4, ?5, ?6)",
            params![seq, event, client, author, 900 + seq, text],
        );
        insert(
            "INSERT INTO messages VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![seq, event, client, author, 900 + seq, text],
        );
        let digest = Sha256::new()
            .chain_update(b"post\0lobby\0")
            .chain_update(text)
            .finalize();
        insert(
            "INSERT INTO commands VALUES (?1, ?2, ?3, ?4)",
            params![author, client, &digest[..16], seq],
        );
    }
}

#[tokio::test]
async fn a_database_of_the_first_format_holds_what_it_held() {
    let folder = folder();
    let lobby = room("lobby");
    let author = ids::user_id();
    let texts = ["처음", "second", "three\nlines\n"];
    let posts = texts.map(|text| (post(author, &lobby, text), text));
    let epoch = [7; 16];
    write_first_format(folder.path(), &epoch, &posts);

    let chat = open(folder.path());
    assert_eq!(*chat.epoch().as_bytes(), epoch);
    let page = whole(&chat, &lobby).await;
    assert_eq!((page.seq, page.topic.as_str()), (3, ""));
    for ((row, (command, text)), seq) in page.messages.iter().zip(&posts).zip(1..) {
        assert_eq!((row.seq, row.message.as_str(), row.at), (seq, *text, 900 + seq));
        assert_eq!((row.id, row.user_id), (command.event_id, author));
        assert_eq!((row.rev, row.deleted, row.edited_at), (seq, false, None));
        assert_eq!((&row.name, &row.reply_to), (&None, &None));
    }
    let read = events(&chat, &lobby, 0).await;
    let expected: Vec<_> = posts
        .iter()
        .zip(1_u64..)
        .map(|((command, text), seq)| {
            json!({
                "type": "message", "room": "lobby", "seq": seq, "id": command.event_id,
                "clientId": command.client_id, "userId": author, "message": text, "at": 900 + seq
            })
        })
        .collect();
    let without_html = read.into_iter().map(|mut frame| {
        frame.as_object_mut().unwrap().remove("html");
        frame
    });
    assert_eq!(without_html.collect::<Vec<_>>(), expected);
    for ((command, _), seq) in posts.iter().zip(1..) {
        let repeated = submit(&chat, again(command)).await.unwrap();
        assert_eq!((repeated.seq, repeated.repeated), (seq, true));
    }
    // And it can be gone on with.
    assert_eq!(done(&chat, edit(author, &lobby, 1, "anew")).await, 4);
    assert_eq!(done(&chat, react(ids::user_id(), &lobby, 2, "👍", true)).await, 5);
    drop(chat);
    let chat = open(folder.path());
    let page = whole(&chat, &lobby).await;
    assert_eq!(
        (page.messages[0].message.as_str(), page.messages[0].rev),
        ("anew", 4)
    );
    assert_eq!(page.messages[1].reactions.len(), 1);
}

#[tokio::test]
async fn the_names_of_a_database_of_the_second_format_are_called() {
    let folder = folder();
    let lobby = room("lobby");
    let (ada, author) = (ids::user_id(), ids::user_id());
    let old = post(ada, &lobby, "@ada");
    write_first_format(folder.path(), &[7; 16], &[(old, "@ada")]);
    {
        let connection = Connection::open(database(folder.path())).unwrap();
        connection.execute_batch(SECOND_FORMAT).unwrap();
        let ada = ada.as_bytes();
        let insert = |sql, values: &[&dyn rusqlite::ToSql]| connection.execute(sql, values).unwrap();
        insert("INSERT INTO people VALUES (?1, 'ÁDA')", &[ada]);
        insert("INSERT INTO positions VALUES (?1, 1, 1)", &[ada]);
    }
    let chat = open(folder.path());
    assert_eq!(chat.name_of(ada).await.unwrap().as_deref(), Some("ÁDA"));
    let seq = done(&chat, post(author, &lobby, "@áda")).await;
    let rooms = chat.rooms(ada).await.unwrap();
    assert_eq!(
        rooms[0].position.map(|position| (position.seq, position.mention)),
        Some((1, seq))
    );
    assert_eq!(whole(&chat, &lobby).await.messages[0].message, "@ada");
}
