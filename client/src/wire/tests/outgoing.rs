//! What the client writes is what is read at the other end: by the server, and by the leading tab.

use protocol::{ClientFrame, ClientId, Epoch, EventId};
use serde_json::{Value as Json, json};

use crate::model::cursor::Cursor;
use crate::model::operation::Operation;
use crate::model::position::Position;
use crate::outbox::row::OutboxRow;
use crate::testing::{Random, epoch, message};
use crate::wire::outgoing::{PING, join, position, typing, unsubscribe};
use crate::wire::request::TabRequest;

/// A frame of each type as the client writes it and as it is meant.
fn written(random: &mut Random) -> Vec<(String, Json)> {
    let (room, text) = (format!("r{}", random.text(10)), random.text(60));
    let client_id = ClientId::from_bytes(random.bytes());
    let (epoch, id) = (
        Epoch::from_bytes(random.bytes()),
        EventId::from_bytes(random.bytes()),
    );
    let row = |operation, target| {
        let row = OutboxRow {
            client_id,
            operation,
            room: if operation == Operation::Rename {
                String::new()
            } else {
                room.clone()
            },
            user_id: None,
            target,
            message: text.clone(),
            mentions: String::new(),
            tried: false,
            failed: None,
        };
        row.frame()
    };
    let at = Cursor {
        epoch,
        seq: 12,
        id: Some(id),
    };
    let command = |kind: &str, more: Json| {
        let mut frame = json!({"type": kind, "room": room, "clientId": client_id});
        let fields = frame.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        frame
    };
    let text = &text;
    vec![
        (
            join(&room, at),
            json!({"type": "join", "room": room, "epoch": epoch, "after": 12, "eventId": id}),
        ),
        (
            join(&room, Cursor { id: None, ..at }),
            json!({"type": "join", "room": room, "epoch": epoch, "after": 12}),
        ),
        (unsubscribe(&room), json!({"type": "unsubscribe", "room": room})),
        (row(Operation::Post, 0), command("post", json!({"message": text}))),
        (
            row(Operation::Post, 7),
            command("post", json!({"message": text, "replyTo": 7})),
        ),
        (
            row(Operation::Edit, 7),
            command("edit", json!({"target": 7, "message": text})),
        ),
        (row(Operation::Delete, 7), command("delete", json!({"target": 7}))),
        (
            row(Operation::React, 7),
            command("react", json!({"target": 7, "emoji": text, "on": true})),
        ),
        (
            row(Operation::Unreact, 7),
            command("react", json!({"target": 7, "emoji": text, "on": false})),
        ),
        (row(Operation::Topic, 0), command("topic", json!({"topic": text}))),
        (
            row(Operation::Rename, 0),
            json!({"type": "rename", "clientId": client_id, "name": text}),
        ),
        (
            position(&room, Position::Read(5)),
            json!({"type": "read", "room": room, "seq": 5}),
        ),
        (
            position(&room, Position::Unread(5)),
            json!({"type": "unread", "room": room, "seq": 5}),
        ),
        (
            position(&room, Position::Left),
            json!({"type": "leave", "room": room}),
        ),
        (
            typing(&room, true),
            json!({"type": "typing", "room": room, "on": true}),
        ),
        (PING.to_owned(), json!({"type": "ping"})),
    ]
}

#[test]
fn what_the_client_writes_is_what_the_server_reads() {
    let mut random = Random::new(8);
    for _ in 0..200 {
        for (ours, meant) in written(&mut random) {
            assert_eq!(serde_json::from_str::<Json>(&ours).unwrap(), meant);
            let kind = meant["type"].as_str().unwrap();
            if ClientFrame::TYPES.contains(&kind) {
                assert!(serde_json::from_str::<ClientFrame<'_>>(&ours).is_ok(), "{ours}");
            }
        }
    }
    let written = written(&mut random);
    for kind in ClientFrame::TYPES {
        assert!(written.iter().any(|(_, meant)| meant["type"] == **kind), "{kind}");
    }
}

#[test]
fn what_a_tab_asks_of_the_leader_is_read_by_it() {
    let at = Cursor {
        epoch: epoch(),
        seq: 12,
        id: Some(message(12).id),
    };
    assert_eq!(
        TabRequest::read(&join("개발", at)),
        Some(TabRequest::Join("개발".to_owned(), at))
    );
    assert_eq!(
        TabRequest::read(&unsubscribe("개발")),
        Some(TabRequest::Unsubscribe("개발".to_owned()))
    );
    for place in [Position::Read(1), Position::Unread(1), Position::Left] {
        let request = TabRequest::Position("a".to_owned(), place);
        assert_eq!(TabRequest::read(&position("a", place)), Some(request));
    }
    assert_eq!(TabRequest::read(&typing("a", true)), Some(TabRequest::Pass));
    assert_eq!(TabRequest::read("{}"), None);
}
