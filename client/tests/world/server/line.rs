//! What the server knows of a line and sends on it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::limits::ROOMS_LISTED_MAX;
use protocol::{RoomName, ServerFrame, UserId};
use serde_json::{Value, json};

use super::Server;
use super::frame::{event_frame, frame_text};

/// People in a room who are named.
const PRESENCE_SHOWN_PEOPLE: usize = 50;
/// Events a join is caught up by; few, so that tests reach it.
pub(crate) const CATCH_UP_EVENTS_MAX: u64 = 200;

/// How far a line has had the events of a room it has joined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(crate) room: String,
    pub(crate) seq: u64,
}

/// The rooms a line has joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subscriptions(pub(crate) Vec<Subscription>);

impl Subscriptions {
    pub(super) fn set(&mut self, room: &str, seq: u64) {
        self.remove(room);
        self.0.push(Subscription {
            room: room.to_owned(),
            seq,
        });
    }

    fn has(&self, room: &str) -> bool {
        self.0.iter().any(|known| known.room == room)
    }

    pub(super) fn remove(&mut self, room: &str) {
        self.0.retain(|known| known.room != room);
    }
}

/// The page of a line and its number there.
pub(crate) type LineKey = (usize, u32);

/// The ephemeral frames that a line was sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentEphemeral {
    /// How many of the frames to single people it has had or need not have.
    people: usize,
    line: Option<LineKey>,
    /// The last frame of each type and room.
    rooms: BTreeMap<(String, &'static str), String>,
    /// The rooms that it is told of: those that were listed when it began, and later ones while there are not too many.
    follows: BTreeSet<String>,
    /// How the rooms are that are followed and not joined, as far as it was told.
    rows: BTreeMap<String, Value>,
}

impl Server {
    pub(crate) fn greeting(&self, user_id: UserId) -> String {
        let mut frame =
            json!({"type": "userId", "userId": user_id, "epoch": self.epoch, "limits": {"postRate": 30}});
        if let Some(name) = self.names.get(&user_id) {
            frame["name"] = json!(name);
        }
        frame.to_string()
    }

    /// Appends the events that these subscriptions have not had yet, and moves them on.
    pub(crate) fn pull(&self, subscriptions: &mut Subscriptions, said: &mut Vec<String>) {
        for Subscription { room: name, seq } in &mut subscriptions.0 {
            let Some(room) = self.rooms.get(name) else {
                continue;
            };
            for seq in *seq + 1..=room.head() {
                said.push(event_frame(name, &room.event(seq)).to_string());
            }
            *seq = room.head();
        }
    }

    /// The ephemeral frames that a line has not had yet: about its person, and about who is in its rooms.
    pub(crate) fn pull_ephemeral(
        &mut self,
        (user_id, now): (UserId, u64),
        subscriptions: &Subscriptions,
        here: &BTreeMap<String, Vec<UserId>>,
        told: &mut SentEphemeral,
    ) -> Vec<String> {
        let own = self.people[told.people..].iter();
        let own = own.filter(|(person, _, by)| *person == user_id && (by.is_none() || *by != told.line));
        let mut said: Vec<String> = own.map(|(_, frame, _)| frame.clone()).collect();
        told.people = self.people.len();
        for subscription in &subscriptions.0 {
            let name = &subscription.room;
            let person = |user_id: &UserId| json!({"userId": user_id, "name": self.names.get(user_id)});
            let people: Vec<Value> = here.get(name).into_iter().flatten().map(person).collect();
            let count = people.len() + self.strangers;
            let people = if count > PRESENCE_SHOWN_PEOPLE {
                Vec::new()
            } else {
                people
            };
            let mut frames = vec![(
                "presence",
                json!({"type": "presence", "room": name, "people": people, "count": count}),
            )];
            if self.rooms.contains_key(name) {
                let typing: Vec<Value> = self
                    .typing
                    .get(name)
                    .into_iter()
                    .flatten()
                    .filter(|(_, until)| now < *until)
                    .map(|(user_id, _)| person(user_id))
                    .collect();
                let is_known = told.rooms.contains_key(&(name.clone(), "typing"));
                if is_known || !typing.is_empty() {
                    frames.push((
                        "typing",
                        json!({"type": "typing", "room": name, "people": typing}),
                    ));
                }
            }
            for (kind, frame) in frames {
                let frame = frame.to_string();
                let before = told.rooms.insert((name.clone(), kind), frame.clone());
                said.extend(Some(frame).filter(|frame| before.as_ref() != Some(frame)));
            }
        }
        told.rooms.retain(|(name, _), _| subscriptions.has(name));
        said
    }

    /// How the rooms are that somebody follows and the line has not joined, those that have changed.
    pub(crate) fn pull_rooms(
        &self,
        user_id: UserId,
        subscriptions: &Subscriptions,
        told: &mut SentEphemeral,
    ) -> Option<String> {
        let mut rows = self.rows(user_id);
        told.follows.retain(|name| rows.contains_key(name));
        for name in rows.keys() {
            if told.follows.len() < ROOMS_LISTED_MAX {
                told.follows.insert(name.clone());
            }
        }
        rows.retain(|name, _| told.follows.contains(name));
        let mut changed: Vec<Value> = Vec::new();
        for (name, row) in &rows {
            if !subscriptions.has(name) && told.rows.get(name) != Some(row) {
                changed.push(row.clone());
            }
        }
        for name in told.rows.keys().filter(|name| !rows.contains_key(*name)) {
            if !subscriptions.has(name) {
                changed.push(json!({"room": name, "head": self.head(name), "at": 0, "following": false}));
            }
        }
        told.rows = rows;
        // Whoever unsubscribes from one of these is told how it is.
        told.rows.retain(|name, _| !subscriptions.has(name));
        let has_changed = !changed.is_empty();
        has_changed.then(|| json!({"type": "rooms", "rooms": changed}).to_string())
    }

    /// The state of a line of somebody that begins: frames to people from before are not for it, and how the rooms were is in
    /// the list.
    pub(crate) fn ephemeral_now(&self, line: LineKey, user_id: UserId) -> SentEphemeral {
        let rows = self.listed(user_id);
        SentEphemeral {
            line: Some(line),
            people: self.people.len(),
            rooms: BTreeMap::new(),
            follows: rows.keys().cloned().collect(),
            rows,
        }
    }

    pub(crate) fn cursor(&self, subscriptions: &Subscriptions) -> String {
        let mut text = self.epoch.to_string();
        for Subscription { room, seq } in &subscriptions.0 {
            text += &format!(".{room}~{seq}");
        }
        text
    }

    pub(crate) fn envelope(&self, subscriptions: &Subscriptions, said: &[String]) -> String {
        format!(
            r#"{{"cursor":"{}","frames":[{}]}}"#,
            self.cursor(subscriptions),
            said.join(",")
        )
    }

    /// The subscriptions in the cursor of an address; for those that cannot be resumed, appends a `resync`.
    pub(crate) fn resume(&self, address: &str, said: &mut Vec<String>) -> Subscriptions {
        let mut subscriptions = Subscriptions::default();
        let Some((_, cursor)) = address.split_once("cursor=") else {
            return subscriptions;
        };
        let mut parts = cursor.split('&').next().unwrap().split('.');
        let is_ours = parts.next() == Some(&self.epoch.to_string());
        for part in parts {
            let mut part = part.split('~');
            let room = part.next().unwrap();
            let seq: u64 = part.next().unwrap().parse().unwrap();
            if is_ours
                && self
                    .head(room)
                    .checked_sub(seq)
                    .is_some_and(|lag| lag <= CATCH_UP_EVENTS_MAX)
            {
                subscriptions.set(room, seq);
            } else {
                let name = RoomName::parse(room).unwrap();
                said.push(frame_text(&ServerFrame::Resync { room: &name }));
            }
        }
        subscriptions
    }
}
