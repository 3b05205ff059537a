//! What the server sends is read whole, and what is not known is passed over.

use protocol::{ErrorCode, ServerFrame, UserId};
use serde_json::{Value as Json, json};

use crate::model::event::{Change, ChangeKind, Event};
use crate::model::listing::{ListedRoom, Listing};
use crate::model::message::Message;
use crate::model::page::HistoryPage;
use crate::model::person::Person;
use crate::testing::{Random, epoch, message as plain_message};
use crate::wire::incoming::{Envelope, Frame, Refused};

const ID: &str = "019ab2c4-d5e6-7f80-90a1-b2c3d4e5f607";
const OTHER: &str = "019ab2c4-d5e6-7f80-90a1-b2c3d4e5f608";

fn read(frame: &Json) -> Option<Frame> {
    Frame::read(&frame.to_string())
}

fn user(id: &str) -> UserId {
    id.parse().unwrap()
}

fn person(id: &str, name: Option<&str>) -> Person {
    Person {
        user_id: user(id),
        name: name.map(Box::from),
    }
}

/// What every event has.
fn event(kind: &str, more: &Json) -> Json {
    let mut event = json!({
        "type": kind, "room": "개발", "seq": 9, "id": ID, "clientId": OTHER, "userId": ID, "name": "민지", "at": 5,
    });
    let fields = event.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    event
}

fn change(target: u64, kind: ChangeKind) -> Frame {
    Frame::Event {
        room: "개발".to_owned(),
        event: Event::Change(Change {
            seq: 9,
            id: ID.parse().unwrap(),
            client_id: OTHER.parse().unwrap(),
            user_id: user(ID),
            name: Some("민지".into()),
            at: 5,
            target,
            kind,
        }),
    }
}

/// A frame of each type as the server sends it and as it is read.
fn one_of_each() -> Vec<(Json, Frame)> {
    let (room, epoch) = (|| "개발".to_owned(), epoch());
    let epoch_text = epoch.to_string();
    let plain = Message {
        seq: 9,
        rev: 9,
        id: ID.parse().unwrap(),
        client_id: OTHER.parse().unwrap(),
        user_id: user(ID),
        name: Some("민지".into()),
        message: "안녕".to_owned(),
        at: 5,
        details: None,
    };
    vec![
        (
            json!({"type": "userId", "userId": ID, "epoch": epoch_text, "limits": {"postRate": 30}}),
            Frame::UserId {
                user_id: user(ID),
                name: None,
                epoch,
            },
        ),
        (
            json!({"type": "joined", "room": "개발", "epoch": epoch_text, "seq": 3, "head": 9}),
            Frame::Joined {
                room: room(),
                epoch,
                seq: 3,
                head: 9,
            },
        ),
        (
            json!({"type": "resync", "room": "개발"}),
            Frame::Resync { room: room() },
        ),
        (
            event("message", &json!({"message": "안녕"})),
            Frame::Event {
                room: room(),
                event: Event::Message(plain),
            },
        ),
        (
            event(
                "edited",
                &json!({"target": 4, "message": "*어*", "html": "<em>어</em>", "mentions": [OTHER], "excerpt": "어"}),
            ),
            change(
                4,
                ChangeKind::Edited {
                    message: "*어*".to_owned(),
                    html: Some("<em>어</em>".into()),
                    mentions: vec![user(OTHER)],
                    excerpt: Some("어".into()),
                },
            ),
        ),
        (
            event("deleted", &json!({"target": 4})),
            change(4, ChangeKind::Deleted),
        ),
        (
            event("reacted", &json!({"target": 4, "emoji": "🎉", "on": false})),
            change(
                4,
                ChangeKind::Reacted {
                    emoji: "🎉".into(),
                    on: false,
                },
            ),
        ),
        (
            event("topic", &json!({"topic": "오늘"})),
            change(0, ChangeKind::Topic("오늘".to_owned())),
        ),
        (
            json!({"type": "ack", "clientId": OTHER, "seq": 4}),
            Frame::Ack {
                client_id: OTHER.parse().unwrap(),
                seq: 4,
            },
        ),
        (
            json!({"type": "error", "code": "busy", "message": "", "retryAfterMs": 1}),
            Frame::Error(Refused {
                code: ErrorCode::Busy,
                client_id: None,
                room: None,
                retry_after_ms: Some(1),
            }),
        ),
        (
            json!({"type": "presence", "room": "개발", "people": [{"userId": ID, "name": "민지"}, {"userId": OTHER}],
                "count": 7}),
            Frame::Presence {
                room: room(),
                people: vec![person(ID, Some("민지")), person(OTHER, None)],
                count: 7,
            },
        ),
        (
            json!({"type": "typing", "room": "개발", "people": []}),
            Frame::Typing {
                room: room(),
                people: Vec::new(),
            },
        ),
        (
            json!({"type": "read", "room": "개발", "read": 8, "unread": 2}),
            Frame::Read {
                room: room(),
                read: 8,
                unread: 2,
                is_marked: false,
            },
        ),
        (
            json!({"type": "mention", "room": "개발", "mention": 7, "rev": 9}),
            Frame::Mention {
                room: room(),
                mention: 7,
                rev: 9,
            },
        ),
        (
            json!({"type": "left", "room": "개발"}),
            Frame::Left { room: room() },
        ),
        (
            json!({"type": "rooms", "rooms": [{"room": "개발", "head": 9, "at": 7, "read": 4, "unread": 3, "mention": 8,
                "following": true}]}),
            Frame::Rooms(Listing {
                epoch: None,
                rooms: vec![ListedRoom {
                    name: room(),
                    topic: String::new(),
                    head: 9,
                    read: 4,
                    unread: 3,
                    mention: 8,
                    is_followed: true,
                }],
            }),
        ),
        (
            json!({"type": "name", "userId": ID, "name": "민지"}),
            Frame::Name(person(ID, Some("민지"))),
        ),
        (json!({"type": "beat"}), Frame::Beat),
        (
            json!({"type": "bye", "code": 1001, "reconnectMs": 70}),
            Frame::Bye {
                code: 1001,
                reconnect_ms: 70,
            },
        ),
    ]
}

#[test]
fn every_frame_the_server_sends_is_read() {
    for (theirs, ours) in one_of_each() {
        assert_eq!(read(&theirs), Some(ours));
    }
    for kind in ServerFrame::TYPES {
        assert!(
            one_of_each().iter().any(|(theirs, _)| theirs["type"] == **kind),
            "{kind}"
        );
    }
    for code in ErrorCode::ALL.iter().copied() {
        let theirs = ServerFrame::Error {
            code,
            message: code.sentence(),
            client_id: Some(ID),
            room: Some("a"),
            retry_after_ms: None,
        };
        let ours = Refused {
            code,
            client_id: ID.parse().ok(),
            room: Some("a".to_owned()),
            retry_after_ms: None,
        };
        let text = serde_json::to_string(&theirs).unwrap();
        assert_eq!(Frame::read(&text), Some(Frame::Error(ours)));
    }
}

#[test]
fn a_frame_that_lacks_a_field_it_needs_is_none_and_one_with_a_field_more_is_what_it_was() {
    let may_lack = |kind: &str, field: &str| {
        let optional = ["name", "limits", "html", "on", "people", "mentions", "excerpt"];
        kind == "error" || optional.contains(&field)
    };
    for (theirs, ours) in one_of_each() {
        let mut more = theirs.clone();
        more.as_object_mut()
            .unwrap()
            .insert("later".to_owned(), json!([{"a": 0.5}]));
        assert_eq!(read(&more), Some(ours));
        let kind = theirs["type"].as_str().unwrap();
        for field in theirs.as_object().unwrap().keys() {
            let mut less = theirs.clone();
            less.as_object_mut().unwrap().remove(field);
            if !may_lack(kind, field) && field != "type" {
                assert!(read(&less).is_none(), "{less}");
            }
        }
    }
}

#[test]
fn random_messages_are_read_as_they_were_written() {
    let mut random = Random::new(5);
    for seq in 0..500 {
        let mut expected = plain_message(seq);
        expected.message = random.text(60);
        expected.name = (seq % 2 == 0).then(|| random.text(9).into());
        let text = json!({
            "type": "message", "room": "lobby", "seq": seq, "id": expected.id, "clientId": expected.client_id,
            "userId": expected.user_id, "name": expected.name, "message": expected.message, "at": expected.at,
        });
        let event = Event::Message(expected);
        let room = "lobby".to_owned();
        assert_eq!(read(&text), Some(Frame::Event { room, event }));
    }
}

/// A row of a page that has everything a row can have.
fn a_rich_row() -> Json {
    event(
        "message",
        &json!({
            "message": "*안녕*", "html": "<em>안녕</em>", "editedAt": 77, "rev": 12,
            "replyTo": {"seq": 2, "userId": OTHER, "name": "수진", "message": "그래?"},
            "reactions": [{"emoji": "👍", "userIds": [ID, OTHER]}, {"emoji": "🎉", "userIds": [ID]}],
        }),
    )
}

#[test]
fn a_page_of_history_is_read_whole() {
    let deleted = event("message", &json!({"message": "", "deleted": true, "rev": 13}));
    let theirs = json!({
        "epoch": epoch(), "seq": 77, "topic": "오늘", "messages": [a_rich_row(), deleted], "hasOlder": true,
        "hasNewer": false,
    });
    let page = HistoryPage::read(&theirs.to_string()).unwrap();
    assert_eq!((page.epoch, page.seq, &*page.topic), (epoch(), 77, "오늘"));
    assert_eq!((page.has_older, page.has_newer), (true, false));
    let [row, deleted] = &page.messages[..] else {
        panic!("{page:?}")
    };
    assert_eq!((row.seq, row.rev, row.edited_at()), (9, 12, Some(77)));
    assert_eq!(
        (row.html(), row.name.as_deref()),
        (Some("<em>안녕</em>"), Some("민지"))
    );
    let quote = row.reply_to().unwrap();
    assert_eq!(
        (quote.seq, quote.user_id, quote.name.as_deref(), &*quote.excerpt),
        (2, user(OTHER), Some("수진"), "그래?")
    );
    let reactions: Vec<(&str, &[UserId])> = row
        .reactions()
        .iter()
        .map(|reaction| (&*reaction.emoji, &*reaction.user_ids))
        .collect();
    assert_eq!(
        reactions,
        [("👍", &[user(ID), user(OTHER)][..]), ("🎉", &[user(ID)][..])]
    );
    assert!(deleted.is_deleted() && deleted.rev == 13 && !row.is_deleted());
    let broken = theirs.to_string().replacen("\"at\":", "\"later\":", 1);
    assert_eq!(HistoryPage::read(&broken), None);
    let bare = json!({"epoch": epoch(), "seq": 0, "messages": []}).to_string();
    assert!(HistoryPage::read(&bare).is_some_and(|page| page.topic.is_empty() && !page.has_older));
}

#[test]
fn an_event_of_an_unknown_type_still_has_its_place_and_anything_else_unknown_is_ignored() {
    let frame = Frame::read(r#"{"type":"waved","room":"lobby","seq":5,"hand":0.5}"#);
    let event = Event::Other { seq: 5, id: None };
    assert_eq!(
        frame,
        Some(Frame::Event {
            room: "lobby".to_owned(),
            event
        })
    );
    assert_eq!(Frame::read(r#"{"type":"weather"}"#), Some(Frame::Unknown));
    let frame = Frame::read(r#"{"type":"error","code":"newerThanUs"}"#);
    assert_eq!(
        frame,
        Some(Frame::Error(Refused {
            code: ErrorCode::Internal,
            client_id: None,
            room: None,
            retry_after_ms: None,
        }))
    );
    for text in [
        "",
        "{}",
        "[]",
        r#"{"type":1}"#,
        r#"{"type":"message","room":"lobby","seq":1}"#,
    ] {
        assert_eq!(Frame::read(text), None, "{text}");
    }
}

#[test]
fn an_http_answer_is_its_cursor_and_its_frames_as_they_stand() {
    let text = r#"{"cursor":"AQ-_","frames":[{"type":"beat"} , {"a":["]",{}]}],"later":1}"#;
    let envelope = Envelope::read(text).unwrap();
    assert_eq!(envelope.cursor, "AQ-_");
    assert_eq!(envelope.frames, [r#"{"type":"beat"}"#, r#"{"a":["]",{}]}"#]);
    assert_eq!(
        Envelope::read(r#"{"frames":[],"cursor":""}"#).unwrap().frames,
        [""; 0]
    );
    for text in [
        "",
        "{}",
        r#"{"cursor":"x"}"#,
        r#"{"cursor":"x","frames":1}"#,
        r#"{"cursor":"x","frames":[1}"#,
    ] {
        assert_eq!(Envelope::read(text), None, "{text}");
    }
}
