//! What is fetched: pages of history, and the list of rooms.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use client::model::{Event, Part};
use client::testing::FakeRoom;
use protocol::UserId;
use protocol::limits::ROOMS_LISTED_MAX;
use serde_json::{Value, json};

use super::Server;
use super::frame::event_frame;

impl Server {
    /// What is at an address of history, or at that of the list of rooms.
    pub(crate) fn get(&mut self, user_id: UserId, address: &str) -> String {
        if address == client::wire::endpoints::ROOMS {
            self.lists += 1;
            return self.list(user_id);
        }
        let (path, query) = address.split_once('?').unwrap();
        let room = path.split('/').nth(4).unwrap();
        // There is but one server, which is behind no other.
        let part = query.split('&').skip(1).find(|part| !part.starts_with("at="));
        let part = part.map_or(Part::Latest, |part| {
            let (name, seq) = part.split_once('=').unwrap();
            let seq = seq.parse().unwrap();
            match name {
                "before" => Part::Before(seq),
                "after" => Part::After(seq),
                "around" => Part::Around(seq),
                _ => panic!("{address}"),
            }
        });
        self.page(room, part)
    }

    pub(crate) fn page(&self, name: &str, part: Part) -> String {
        let empty = FakeRoom::default();
        let room = self.rooms.get(name).unwrap_or(&empty);
        let page = room.page(self.epoch, part);
        let messages = page.messages.into_iter();
        let messages: Vec<Value> = messages
            .map(|message| event_frame(name, &Event::Message(message)))
            .collect();
        let page = json!({
            "epoch": page.epoch, "seq": page.seq, "eventId": page.id, "topic": page.topic, "messages": messages,
            "hasOlder": page.has_older, "hasNewer": page.has_newer,
        });
        page.to_string()
    }

    fn list(&self, user_id: UserId) -> String {
        let rooms: Vec<Value> = self.listed(user_id).into_values().collect();
        json!({"epoch": self.epoch, "rooms": rooms}).to_string()
    }

    /// As many of them as are listed: those that mention and are not read first, then the unread, then the liveliest.
    pub(super) fn listed(&self, user_id: UserId) -> BTreeMap<String, Value> {
        let mut rows: Vec<(String, Value)> = self.rows(user_id).into_iter().collect();
        rows.sort_by_key(|(_, row)| {
            let number = |name: &str| row[name].as_u64().unwrap();
            let (head, read) = (number("head"), number("read"));
            (read >= number("mention"), read >= head, Reverse(head))
        });
        rows.truncate(ROOMS_LISTED_MAX);
        rows.into_iter().collect()
    }

    /// The rooms that somebody follows, each as it is listed.
    pub(super) fn rows(&self, user_id: UserId) -> BTreeMap<String, Value> {
        let item = |(name, read, unread): (String, u64, u64)| {
            let (head, topic) = self
                .rooms
                .get(&name)
                .map_or((0, ""), |room| (room.head(), &room.topic));
            let row = json!({"room": name, "topic": topic, "head": head, "at": head, "read": read, "unread": unread,
                "mention": self.last_mention(&name, user_id), "following": true});
            (name, row)
        };
        self.followed(user_id).into_iter().map(item).collect()
    }
}
