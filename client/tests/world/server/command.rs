//! The frames of `madang.v1` that a client sends.

use client::testing::Random;
use protocol::{ClientId, Epoch, ErrorCode, EventId, ServerFrame, UserId};
use serde_json::{Value, json};

use super::frame::frame_text;
use super::line::CATCH_UP_EVENTS_MAX;
use super::{LineKey, Server, Subscriptions};
use crate::world::Faults;

/// How long somebody is typing who does not say so again, in milliseconds.
const TYPING_MS: u64 = 5_000;

/// A frame that has reached the server.
#[derive(Clone, Copy)]
pub(crate) struct Command<'a> {
    pub(crate) author: UserId,
    /// The time, in milliseconds.
    pub(crate) now: u64,
    pub(crate) text: &'a str,
    /// The line that it came on, if it is one that hears.
    pub(crate) line: Option<LineKey>,
}

impl Server {
    /// Carries out one frame; what is said about it at once.
    pub(crate) fn command(
        &mut self,
        command: Command<'_>,
        subscriptions: &mut Subscriptions,
        random: &mut Random,
        faults: Faults,
    ) -> Vec<String> {
        let Command {
            author,
            now,
            text,
            line,
        } = command;
        let frame: Value = serde_json::from_str(text).unwrap();
        let room = frame["room"].as_str().unwrap_or_default();
        match frame["type"].as_str().unwrap() {
            "ping" => vec![json!({"type": "beat"}).to_string()],
            "unsubscribe" => {
                subscriptions.remove(room);
                Vec::new()
            }
            "join" => vec![self.join(room, &frame, subscriptions)],
            "read" | "unread" | "leave" => {
                self.reads += 1;
                self.set_position(author, room, &frame, line);
                Vec::new()
            }
            "typing" => {
                if self.rooms.contains_key(room) {
                    let typing = self.typing.entry(room.to_owned()).or_default();
                    typing.retain(|(user_id, _)| *user_id != author);
                    if frame["on"] == true {
                        typing.push((author, now + TYPING_MS));
                    }
                }
                Vec::new()
            }
            _ => {
                let busy = random.once_in(faults.busy);
                vec![self.take(author, frame, busy)]
            }
        }
    }

    /// Sets how far somebody has read a room, or that they follow it no more.
    fn set_position(&mut self, user_id: UserId, room: &str, frame: &Value, line: Option<LineKey>) {
        let key = (user_id, room.to_owned());
        let known = self.positions.get(&key).copied();
        if frame["type"] == "leave" {
            if self.positions.remove(&key).is_some() {
                let told = json!({"type": "left", "room": room}).to_string();
                self.people.push((user_id, told, None));
            }
            return;
        }
        let mut read = frame["seq"].as_u64().unwrap().min(self.head(room));
        if frame["type"] == "read" {
            read = read.max(known.unwrap_or(0));
        }
        self.positions.insert(key, read);
        let marked = frame["type"] == "unread";
        if known != Some(read) || marked {
            let unread = self.unread(user_id, room, read);
            let mut told = json!({"type": "read", "room": room, "read": read, "unread": unread});
            if marked {
                told["marked"] = json!(true);
            }
            let told = told.to_string();
            // Who reads on knows it; that they follow the room now they are told.
            let by = line.filter(|_| frame["type"] == "read" && known.is_some());
            self.people.push((user_id, told, by));
        }
    }

    fn join(&mut self, name: &str, frame: &Value, subscriptions: &mut Subscriptions) -> String {
        self.joins += 1;
        let after = frame["after"].as_u64().unwrap();
        let epoch: Epoch = frame["epoch"].as_str().unwrap().parse().unwrap();
        let id: Option<EventId> = frame["eventId"].as_str().map(|id| id.parse().unwrap());
        let head = self.head(name);
        let known = self.rooms.get(name).and_then(|room| room.event_id(after));
        let is_known = id.is_none_or(|id| known.is_none_or(|known| known == id));
        if self.rejects_cursors
            || epoch != self.epoch
            || after > head
            || !is_known
            || head - after > CATCH_UP_EVENTS_MAX
        {
            subscriptions.remove(name);
            return json!({"type": "resync", "room": name}).to_string();
        }
        subscriptions.set(name, after);
        json!({"type": "joined", "room": name, "epoch": epoch, "seq": after, "head": head}).to_string()
    }

    fn take(&mut self, author: UserId, frame: Value, busy: bool) -> String {
        self.posts += usize::from(frame["type"] == "post");
        let client_id: ClientId = frame["clientId"].as_str().unwrap().parse().unwrap();
        let result = match self.known.get(&(author, client_id)) {
            Some((known, seq)) if *known == frame => Ok(*seq),
            Some(_) => Err(ErrorCode::ClientIdReused),
            None => match self.refuses {
                Some(code) => Err(code),
                None if busy => Err(ErrorCode::Busy),
                None => {
                    let room = frame["room"].as_str().unwrap_or_default();
                    self.commit(author, client_id, room, &frame)
                }
            },
        };
        if let Ok(seq) = result {
            self.known.insert((author, client_id), (frame, seq));
        }
        match result {
            Ok(seq) => json!({"type": "ack", "clientId": client_id, "seq": seq}).to_string(),
            Err(code) => frame_text(&ServerFrame::Error {
                code,
                message: "",
                client_id: Some(&client_id.to_string()),
                room: None,
                retry_after_ms: (code == ErrorCode::Busy).then_some(300),
            }),
        }
    }
}
