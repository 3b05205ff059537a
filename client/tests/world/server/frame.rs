//! The frames of `madang.v1` that the server sends.

use client::model::{Change, ChangeKind, Event};
use protocol::ServerFrame;
use serde_json::{Value, json};

/// An event as a frame.
pub(super) fn event_frame(room: &str, event: &Event) -> Value {
    let (client_id, user_id) = event.command().unwrap();
    let mut frame = json!({
        "room": room, "seq": event.seq(), "id": event.id(), "clientId": client_id, "userId": user_id,
    });
    let more = match event {
        Event::Message(message) => {
            let mut more = json!({"type": "message", "message": message.message, "at": message.at});
            if let Some(name) = &message.name {
                more["name"] = json!(name);
            }
            if message.rev != message.seq {
                more["rev"] = json!(message.rev);
            }
            if let Some(at) = message.edited_at() {
                more["editedAt"] = json!(at);
            }
            if message.is_deleted() {
                more["deleted"] = json!(true);
            }
            if let Some(quote) = message.reply_to() {
                more["replyTo"] =
                    json!({"seq": quote.seq, "userId": quote.user_id, "message": quote.excerpt});
                if let Some(name) = &quote.name {
                    more["replyTo"]["name"] = json!(name);
                }
            }
            if !message.mentions().is_empty() {
                more["mentions"] = json!(message.mentions());
            }
            let reactions = message.reactions().iter();
            let reactions =
                reactions.map(|reaction| json!({"emoji": reaction.emoji, "userIds": reaction.user_ids}));
            let reactions: Vec<Value> = reactions.collect();
            if !reactions.is_empty() {
                more["reactions"] = json!(reactions);
            }
            more
        }
        Event::Change(Change { at, target, kind, .. }) => match kind {
            ChangeKind::Edited {
                message, mentions, ..
            } => {
                json!({"type": "edited", "at": at, "target": target, "message": message, "mentions": mentions})
            }
            ChangeKind::Deleted => json!({"type": "deleted", "at": at, "target": target}),
            ChangeKind::Reacted { emoji, on } => {
                json!({"type": "reacted", "at": at, "target": target, "emoji": emoji, "on": on})
            }
            ChangeKind::Topic(topic) => json!({"type": "topic", "at": at, "topic": topic}),
        },
        Event::Other { .. } => panic!("the server has no unknown events"),
    };
    if let Event::Change(Change { name: Some(name), .. }) = event {
        frame["name"] = json!(name);
    }
    let fields = frame.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    frame
}

pub(super) fn frame_text(frame: &ServerFrame<'_>) -> String {
    serde_json::to_string(frame).unwrap()
}
