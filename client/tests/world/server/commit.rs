//! Commands that change the log.

use std::collections::BTreeMap;

use client::Message;
use client::model::{Change, ChangeKind, Details, Quote, Reaction};
use client::testing::FakeRoom;
use protocol::{ClientId, ErrorCode, EventId, UserId};
use serde_json::{Value, json};

use super::Server;

impl Server {
    /// Applies a command; returns the `seq` of its event, or the room's last where it changes nothing.
    pub(super) fn commit(
        &mut self,
        author: UserId,
        client_id: ClientId,
        name: &str,
        frame: &Value,
    ) -> Result<u64, ErrorCode> {
        if frame["type"] == "rename" {
            return self.rename(author, frame);
        }
        let mentions = self.mentioned_in(author, frame);
        let before = self.mentions_of(name);
        let result = self.commit_in(author, client_id, name, frame, mentions);
        for (user_id, mention) in self.mentions_of(name) {
            if before.get(&user_id) != Some(&mention) {
                let rev = self.rooms.get(name).map(FakeRoom::head);
                let told = json!({"type": "mention", "room": name, "mention": mention, "rev": rev});
                self.people.push((user_id, told.to_string(), None));
            }
        }
        result
    }

    /// Those whom what is said calls by their names.
    fn mentioned_in(&self, author: UserId, frame: &Value) -> Vec<UserId> {
        let text = frame["message"].as_str().unwrap_or_default();
        let called = self
            .names
            .iter()
            .filter(|(user_id, name)| **user_id != author && text.contains(&format!("@{name}")));
        called.map(|(user_id, _)| *user_id).collect()
    }

    /// The last message of a room that mentions each of those who have a name; 0 for none.
    fn mentions_of(&self, room: &str) -> BTreeMap<UserId, u64> {
        let people = self.names.keys();
        people
            .map(|user_id| (*user_id, self.last_mention(room, *user_id)))
            .collect()
    }

    pub(super) fn last_mention(&self, room: &str, user_id: UserId) -> u64 {
        let rows = self.rooms.get(room).map_or(&[][..], FakeRoom::rows);
        let mut calling = rows.iter().rev().filter(|row| row.mentions().contains(&user_id));
        calling.next().map_or(0, |row| row.seq)
    }

    fn commit_in(
        &mut self,
        author: UserId,
        client_id: ClientId,
        name: &str,
        frame: &Value,
        mentions: Vec<UserId>,
    ) -> Result<u64, ErrorCode> {
        let author_name = self.names.get(&author).map(|name| Box::from(&**name));
        let room = self.rooms.entry(name.to_owned()).or_default();
        let seq = room.head() + 1;
        // Other content has another id, also in an older copy that was put back.
        let mut random: [u8; 10] = client_id.as_bytes()[6..].try_into().unwrap();
        random[9] ^= frame.to_string().len() as u8;
        let id = EventId::from_parts(seq, random);
        let text = |field: &str| frame[field].as_str().unwrap().to_owned();
        let mut target = 0;
        if let Some(wanted) = frame["target"].as_u64().or(frame["replyTo"].as_u64()) {
            let row = room.message(wanted).ok_or(Self::code("noSuchMessage"))?;
            target = wanted;
            let is_own = matches!(frame["type"].as_str(), Some("edit" | "delete"));
            if is_own && row.user_id != author {
                return Err(Self::code("notYours"));
            }
            if row.is_deleted() && frame["type"] == "delete" {
                return Ok(room.head());
            }
            if row.is_deleted() && frame["type"] != "post" {
                return Err(Self::code("deleted"));
            }
        }
        let kind = match frame["type"].as_str().unwrap() {
            "post" => {
                let quoted = room.message(target);
                let reply_to = quoted.map(|row| Quote {
                    seq: row.seq,
                    user_id: row.user_id,
                    name: row.name.clone(),
                    excerpt: "".into(),
                });
                let details = Details {
                    mentions,
                    reply_to,
                    ..Details::default()
                };
                let message = Message {
                    seq,
                    rev: seq,
                    id,
                    client_id,
                    user_id: author,
                    name: author_name,
                    message: text("message"),
                    at: seq,
                    details: Some(Box::new(details)).filter(|details| **details != Details::default()),
                };
                room.say(message);
                self.positions.insert((author, name.to_owned()), seq);
                return Ok(seq);
            }
            "edit" => ChangeKind::Edited {
                message: text("message"),
                html: None,
                mentions,
                excerpt: None,
            },
            "delete" => ChangeKind::Deleted,
            "react" => ChangeKind::Reacted {
                emoji: text("emoji").into(),
                on: frame["on"].as_bool().unwrap(),
            },
            "topic" => ChangeKind::Topic(text("topic")),
            other => panic!("{other}"),
        };
        let is_done = match (&kind, room.message(target)) {
            (ChangeKind::Topic(topic), _) => *topic == room.topic,
            (ChangeKind::Edited { message, .. }, Some(row)) => *message == row.message,
            (ChangeKind::Reacted { emoji, on }, Some(row)) => {
                let mut reactions = row.reactions().iter();
                let has_it =
                    |reaction: &Reaction| reaction.emoji == *emoji && reaction.user_ids.contains(&author);
                reactions.any(has_it) == *on
            }
            _ => false,
        };
        if is_done {
            return Ok(room.head());
        }
        let change = Change {
            seq,
            id,
            client_id,
            user_id: author,
            name: author_name,
            at: seq,
            target,
            kind,
        };
        room.change(change);
        Ok(seq)
    }

    fn rename(&mut self, author: UserId, frame: &Value) -> Result<u64, ErrorCode> {
        let name = frame["name"].as_str().unwrap().trim();
        if name.is_empty() {
            return Err(Self::code("badName"));
        }
        self.names.insert(author, name.to_owned());
        let told = json!({"type": "name", "userId": author, "name": name});
        self.people.push((author, told.to_string(), None));
        Ok(0)
    }
}
