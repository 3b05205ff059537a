//! Digests and replies.

use super::*;

fn name(room: &str) -> RoomName {
    RoomName::parse(room).unwrap()
}

fn text(message: &str) -> MessageText {
    MessageText::parse(message).unwrap()
}

fn post(room: &str, message: &str) -> Action {
    Action::Post {
        room: name(room),
        message: text(message),
        reply_to: None,
        calls: Calls::default(),
    }
}

fn one_of_each() -> Vec<Action> {
    let room = name("개발");
    let emoji = || Emoji::parse("👍").unwrap();
    vec![
        post("개발", "1"),
        post("lobby", "1"),
        post("개발", "2"),
        Action::Post {
            room: room.clone(),
            message: text("1"),
            reply_to: Some(1),
            calls: Calls::default(),
        },
        Action::Edit {
            room: room.clone(),
            target: 1,
            message: text("1"),
            calls: Calls::default(),
        },
        Action::Edit {
            room: room.clone(),
            target: 11,
            message: text("1"),
            calls: Calls::default(),
        },
        Action::Delete {
            room: room.clone(),
            target: 1,
        },
        Action::React {
            room: room.clone(),
            target: 1,
            emoji: emoji(),
            on: true,
        },
        Action::React {
            room: room.clone(),
            target: 1,
            emoji: emoji(),
            on: false,
        },
        Action::SetTopic {
            room: room.clone(),
            topic: Topic::parse("1").unwrap(),
        },
        Action::Rename {
            name: PersonName::parse("1").unwrap(),
        },
        Action::Read {
            room: room.clone(),
            seq: 1,
        },
        Action::Positions {
            positions: vec![ReadTo {
                user_id: crate::ids::user_id(),
                room: room.clone(),
                seq: 1,
                session: 0,
            }],
        },
        Action::Unread {
            room: room.clone(),
            seq: 1,
        },
        Action::Leave { room },
    ]
}

#[test]
fn the_digest_tells_actions_apart() {
    let digests: std::collections::HashSet<_> = one_of_each().iter().map(Action::digest).collect();
    assert_eq!(digests.len(), one_of_each().len());
    assert_eq!(post("a", "b").digest(), post("a", "b").digest());
    assert_ne!(post("a", "b").digest(), post("ab", "b").digest());
}

#[test]
fn a_post_is_known_by_the_digest_it_had_before_there_were_answers() {
    let mut hash = Sha256::new();
    hash.update(b"post\0lobby\0hello");
    assert_eq!(post("lobby", "hello").digest(), hash.finalize()[..16]);
}

#[test]
fn a_reply_that_is_dropped_says_that_nothing_is_known() {
    let (tx, rx) = std::sync::mpsc::channel();
    drop(Reply::new(move |outcome| tx.send(outcome).unwrap()));
    assert_eq!(rx.recv().unwrap(), Err(Refusal::Unavailable));
}

#[test]
fn a_command_survives_its_own_format() {
    for action in one_of_each() {
        let command = Command {
            format: COMMAND_FORMAT,
            client_id: crate::ids::client_id(),
            author: crate::ids::user_id(),
            event_id: crate::ids::event_id(),
            at: 1,
            action,
        };
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
    }
}

#[test]
fn a_command_of_the_first_format_is_read() {
    let id = crate::ids::client_id();
    let text = format!(
        r#"{{"format":1,"clientId":"{id}","author":"{id}","eventId":"{id}","at":1,
            "action":{{"type":"post","room":"lobby","message":"hello"}}}}"#
    );
    let command: Command = serde_json::from_str(&text).unwrap();
    assert_eq!(command.action, post("lobby", "hello"));
}
