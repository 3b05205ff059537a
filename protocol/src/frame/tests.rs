//! The frames as they are read and written, and as docs/PROTOCOL.md shows them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::*;
use crate::error::ErrorCode;
use crate::id::{ClientId, Epoch, EventId, UserId};
use crate::room::RoomName;

#[test]
fn a_client_frame_is_read_with_its_optional_fields_missing_and_unknown_ones_ignored() {
    let frame: ClientFrame<'_> = serde_json::from_str(r#"{"type":"join","room":"lobby","later":1}"#).unwrap();
    assert_eq!(
        frame,
        ClientFrame::Join {
            room: "lobby".into(),
            epoch: None,
            after: None,
            event_id: None,
            quiet: false,
        }
    );
}

#[test]
fn a_text_with_escapes_is_read_as_it_was_meant() {
    let frame: ClientFrame<'_> = serde_json::from_str(
        r#"{"type":"post","room":"lobby","clientId":"x","message":"\"\uC548\uB155\"\n"}"#,
    )
    .unwrap();
    let ClientFrame::Post { message, .. } = frame else {
        panic!("{frame:?}")
    };
    assert_eq!(message, "\"안녕\"\n");
}

#[test]
fn every_listed_type_is_one_that_is_read() {
    for kind in ClientFrame::TYPES {
        let text = format!(
            r#"{{"type":"{kind}","room":"r","clientId":"c","message":"m","target":1,"emoji":"e","on":true,
                "topic":"t","name":"n","seq":1}}"#
        );
        let frame = serde_json::from_str::<ClientFrame<'_>>(&text).unwrap();
        assert!(frame.room().is_none_or(|room| room == "r"), "{kind}");
        assert!(frame.client_id().is_none_or(|id| id == "c"), "{kind}");
    }
}

fn message(room: &RoomName) -> ServerFrame<'_> {
    let id = [1; 16];
    ServerFrame::Message(MessageEvent {
        room,
        seq: 1,
        id: EventId::from_bytes(id),
        client_id: ClientId::from_bytes(id),
        user_id: UserId::from_bytes(id),
        name: Some("하나"),
        message: "안녕",
        html: Some(""),
        mentions: vec![UserId::from_bytes(id)],
        reply_to: Some(Quote {
            seq: 1,
            user_id: UserId::from_bytes(id),
            name: None,
            message: "",
        }),
        at: 5,
        edited_at: Some(6),
        rev: Some(2),
        deleted: true,
        reactions: vec![Reaction {
            emoji: "👍",
            user_ids: &[],
        }],
    })
}

fn head(room: &RoomName) -> EventHead<'_> {
    let id = [1; 16];
    EventHead {
        room,
        seq: 2,
        id: EventId::from_bytes(id),
        client_id: ClientId::from_bytes(id),
        user_id: UserId::from_bytes(id),
        name: Some("하나"),
        at: 6,
    }
}

/// One of each, with every field, in the order of the enum. A variant that is missing here does not compile.
fn one_of_each(room: &RoomName) -> Vec<ServerFrame<'_>> {
    let (epoch, client_id) = (Epoch::from_bytes([2; 16]), ClientId::from_bytes([3; 16]));
    let mut frames = vec![ServerFrame::UserId {
        user_id: UserId::from_bytes([4; 16]),
        name: Some(""),
        epoch,
        limits: LimitsFrame::new(30),
    }];
    while let Some(last) = frames.last() {
        frames.push(match last {
            ServerFrame::UserId { .. } => ServerFrame::Joined {
                room,
                epoch,
                seq: 0,
                head: 0,
            },
            ServerFrame::Joined { .. } => ServerFrame::Resync { room },
            ServerFrame::Resync { .. } => message(room),
            ServerFrame::Message(_) => ServerFrame::Edited {
                head: head(room),
                target: 1,
                message: "",
                html: Some(""),
                excerpt: Some(""),
                mentions: vec![UserId::from_bytes([4; 16])],
            },
            ServerFrame::Edited { .. } => ServerFrame::Deleted {
                head: head(room),
                target: 1,
            },
            ServerFrame::Deleted { .. } => ServerFrame::Reacted {
                head: head(room),
                target: 1,
                emoji: "👍",
                on: true,
            },
            ServerFrame::Reacted { .. } => ServerFrame::Topic {
                head: head(room),
                topic: "",
            },
            ServerFrame::Topic { .. } => ServerFrame::Ack { client_id, seq: 1 },
            ServerFrame::Ack { .. } => ServerFrame::Error {
                code: ErrorCode::Busy,
                message: "",
                client_id: Some(""),
                room: Some(""),
                retry_after_ms: Some(0),
            },
            ServerFrame::Error { .. } => ServerFrame::Presence {
                room,
                people: Vec::new(),
                count: 0,
            },
            ServerFrame::Presence { .. } => ServerFrame::Typing {
                room,
                people: Vec::new(),
            },
            ServerFrame::Typing { .. } => ServerFrame::Read {
                room,
                read: 1,
                unread: 0,
                marked: false,
            },
            ServerFrame::Read { .. } => ServerFrame::Mention {
                room,
                mention: 1,
                rev: 2,
            },
            ServerFrame::Mention { .. } => ServerFrame::Left { room },
            ServerFrame::Left { .. } => ServerFrame::Rooms { rooms: Vec::new() },
            ServerFrame::Rooms { .. } => ServerFrame::Name {
                user_id: UserId::from_bytes([4; 16]),
                name: "",
            },
            ServerFrame::Name { .. } => ServerFrame::Beat,
            ServerFrame::Beat => ServerFrame::Bye {
                code: 1001,
                reconnect_ms: 0,
            },
            ServerFrame::Bye { .. } => break,
        });
    }
    frames
}

#[test]
fn the_listed_types_of_the_server_are_those_it_writes() {
    let room = RoomName::lobby();
    let written: Vec<String> = one_of_each(&room)
        .iter()
        .map(|frame| {
            serde_json::to_value(frame).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(written, ServerFrame::TYPES);
}

/// The frames in docs/PROTOCOL.md: every JSON object with a `type`, wherever it stands in its line.
fn documented() -> Vec<Map<String, Value>> {
    let document = include_str!("../../../docs/PROTOCOL.md");
    let starts = document.match_indices("{\"type\":").map(|(at, _)| at);
    starts
        .map(|at| {
            let mut values = serde_json::Deserializer::from_str(&document[at..]).into_iter();
            let value: Value = values.next().unwrap().unwrap();
            value.as_object().unwrap().clone()
        })
        .collect()
}

/// The frame, if it is one that clients send and all of its fields are read. Some types are sent both ways, with
/// other fields.
fn read_whole(frame: &Map<String, Value>) -> bool {
    let read = |frame: &Map<String, Value>| {
        let text = serde_json::to_string(frame).unwrap();
        serde_json::from_str::<ClientFrame<'_>>(&text)
            .ok()
            .map(|frame| format!("{frame:?}"))
    };
    let whole = read(frame);
    let without = |field: &String| {
        let mut without = frame.clone();
        without.remove(field);
        read(&without)
    };
    whole.is_some() && frame.keys().all(|field| without(field) != whole)
}

#[test]
fn the_document_shows_every_field_the_server_writes_and_no_other() {
    let room = RoomName::lobby();
    for frame in one_of_each(&room) {
        let written = serde_json::to_value(frame).unwrap();
        let shown: BTreeSet<String> = documented()
            .into_iter()
            .filter(|frame| frame["type"] == written["type"] && !read_whole(frame))
            .flat_map(|frame| frame.into_iter().map(|(key, _)| key))
            .collect();
        let written: BTreeSet<String> = written.as_object().unwrap().keys().cloned().collect();
        assert_eq!(shown, written);
    }
}

#[test]
fn every_frame_of_a_client_in_the_document_is_read_and_none_of_its_fields_is_ignored() {
    let documented = documented();
    for kind in ClientFrame::TYPES {
        let mut shown = documented
            .iter()
            .filter(|frame| frame["type"].as_str() == Some(kind));
        if ServerFrame::TYPES.contains(kind) {
            assert!(shown.any(read_whole), "{kind}");
        } else {
            shown.for_each(|frame| assert!(read_whole(frame), "{frame:?}"));
        }
    }
}

#[test]
fn a_message_event_is_a_flat_object_a_plain_client_can_read() {
    let room = RoomName::lobby();
    let event = message(&room);
    let text = serde_json::to_string(&event).unwrap();
    assert!(
        text.starts_with(r#"{"type":"message","room":"lobby","seq":1,"#),
        "{text}"
    );
    assert!(text.contains(r#""message":"안녕""#), "{text}");
}
