//! What a command costs the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::limits::EDITS_KEPT_MAX;
use rusqlite::params;

use super::*;
use crate::command::{COMMAND_FORMAT, ReadTo};
use crate::ids;
use crate::limits::POSITIONS_PER_COMMAND_MAX;
use crate::store::open_writer;

/// Messages of the room, every other one of them deleted.
const MESSAGES: u64 = 20_000;
/// Followers of the room, all of one name, all mentioned in the same message.
const FOLLOWERS: u64 = 5_000;
/// Steps of SQLite's machine that one command may take: looking at each of those would take more.
const STEPS_MAX: u64 = 10_000;

fn lobby() -> RoomName {
    RoomName::lobby()
}

fn text(text: &str) -> MessageText {
    MessageText::parse(text).unwrap()
}

fn post(message: &str) -> Action {
    Action::Post {
        room: lobby(),
        message: text(message),
        reply_to: Some(2),
        calls: Calls::default(),
    }
}

fn fill(connection: &Connection, author: UserId) {
    connection
        .execute_batch(&format!(
            "BEGIN;
             INSERT INTO rooms (room_id, name, head, last_at) VALUES (1, 'lobby', {MESSAGES}, 0);
             CREATE TEMP TABLE numbers AS
                 WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < {MESSAGES}) SELECT seq FROM n;
             INSERT INTO people (user_id, name, folded)
                 SELECT randomblob(16), 'Mina', 'mina' FROM numbers WHERE seq <= {FOLLOWERS};
             INSERT INTO positions (user_id, room_id, seq) SELECT user_id, 1, 0 FROM people;"
        ))
        .unwrap();
    for sql in [
        "INSERT INTO events (room_id, seq, kind, event_id, client_id, author, at, body)
         SELECT 1, seq, 1, randomblob(16), randomblob(16), ?1, 0, 'x' FROM numbers",
        "INSERT INTO messages (room_id, seq, event_id, client_id, author, at, body, deleted_at)
         SELECT 1, seq, randomblob(16), randomblob(16), ?1, 0, 'x', CASE WHEN seq % 2 THEN 1 END FROM numbers",
        "INSERT INTO mentions (user_id, room_id, seq) SELECT ?1, 1, seq FROM numbers",
    ] {
        connection.execute(sql, params![author.as_bytes()]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
}

#[test]
fn no_command_makes_the_writer_look_at_all_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open_writer(&folder.path().join("madang.db"), false).unwrap();
    let mut connection = opened.connection;
    let author = ids::user_id();
    fill(&connection, author);
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(count)).unwrap();
    let read_to = |seq: u64| ReadTo {
        user_id: ids::user_id(),
        room: lobby(),
        seq,
        session: 0,
    };
    let (room, target) = (lobby, 2);
    let emoji = Emoji::parse("👍").unwrap();
    let all = [
        ("post", post("hello")),
        ("a post that calls", post("@Mina, @mina and @nobody")),
        (
            "edit",
            Action::Edit {
                room: room(),
                target,
                message: text("@Mina"),
                calls: Calls::default(),
            },
        ),
        (
            "react",
            Action::React {
                room: room(),
                target,
                emoji,
                on: true,
            },
        ),
        ("delete", Action::Delete { room: room(), target }),
        (
            "topic",
            Action::SetTopic {
                room: room(),
                topic: Topic::parse("this and that").unwrap(),
            },
        ),
        (
            "rename",
            Action::Rename {
                name: PersonName::parse("Mina").unwrap(),
            },
        ),
        ("read", Action::Read { room: room(), seq: 1 }),
        ("unread", Action::Unread { room: room(), seq: 0 }),
        ("leave", Action::Leave { room: room() }),
        (
            "a position",
            Action::Positions {
                positions: vec![read_to(MESSAGES)],
            },
        ),
    ];
    let take = |what: &str, mut action: Action, most: u64| {
        action.find_calls();
        let command = Command {
            format: COMMAND_FORMAT,
            client_id: ids::client_id(),
            author,
            event_id: ids::event_id(),
            at: 1,
            action,
        };
        let before = steps.load(Ordering::Relaxed);
        let mut cache = Cache::default();
        let applied = apply(&connection, &mut cache, &command, &command.action.digest()).unwrap();
        cache.write(&connection).unwrap();
        assert!(applied.outcome.is_ok(), "{what}: {:?}", applied.outcome);
        let taken = steps.load(Ordering::Relaxed) - before;
        assert!((1..most).contains(&taken), "{what} took {taken} steps");
    };
    for number in 0..EDITS_KEPT_MAX + 5 {
        let edit = Action::Edit {
            room: room(),
            target,
            message: text(&format!("text {number}")),
            calls: Calls::default(),
        };
        take("one of many edits", edit, STEPS_MAX);
    }
    for (what, action) in all {
        take(what, action, STEPS_MAX);
    }
    let positions = (0..POSITIONS_PER_COMMAND_MAX).map(|_| read_to(1)).collect();
    let many = Action::Positions { positions };
    take("many positions", many, 100 * POSITIONS_PER_COMMAND_MAX as u64);
}
