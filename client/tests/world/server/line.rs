//! What the server knows of a line and sends on it.

use std::collections::BTreeMap;

use protocol::{RoomName, ServerFrame, UserId};
use serde_json::{Value, json};

use super::Server;
use super::frame::{event_frame, frame_text};

/// Events a join is caught up by; few, so that tests reach it.
pub(crate) const CATCH_UP_EVENTS_MAX: u64 = 200;

/// How far a line has had the events of a room it has joined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(crate) room: String,
    pub(crate) seq: u64,
    pub(crate) is_quiet: bool,
}

/// The rooms a line has joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subscriptions(pub(crate) Vec<Subscription>);

impl Subscriptions {
    pub(super) fn set(&mut self, room: &str, seq: u64, is_quiet: bool) {
        self.remove(room);
        self.0.push(Subscription {
            room: room.to_owned(),
            seq,
            is_quiet,
        });
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
        for Subscription { room: name, seq, .. } in &mut subscriptions.0 {
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
        for subscription in subscriptions
            .0
            .iter()
            .filter(|subscription| !subscription.is_quiet)
        {
            let name = &subscription.room;
            let person = |user_id: &UserId| json!({"userId": user_id, "name": self.names.get(user_id)});
            let people: Vec<Value> = here.get(name).into_iter().flatten().map(person).collect();
            let count = people.len();
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
        told.rooms.retain(|(name, _), _| {
            subscriptions
                .0
                .iter()
                .any(|subscription| subscription.room == *name && !subscription.is_quiet)
        });
        said
    }

    /// The state of a line that begins: frames to people from before are not for it.
    pub(crate) fn ephemeral_now(&self, line: LineKey) -> SentEphemeral {
        SentEphemeral {
            line: Some(line),
            people: self.people.len(),
            rooms: BTreeMap::new(),
        }
    }

    pub(crate) fn cursor(&self, subscriptions: &Subscriptions) -> String {
        let mut text = self.epoch.to_string();
        for Subscription { room, seq, is_quiet } in &subscriptions.0 {
            text += &format!(".{room}~{seq}~{}", u8::from(*is_quiet));
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
            let is_quiet = part.next() == Some("1");
            if is_ours
                && self
                    .head(room)
                    .checked_sub(seq)
                    .is_some_and(|lag| lag <= CATCH_UP_EVENTS_MAX)
            {
                subscriptions.set(room, seq, is_quiet);
            } else {
                let name = RoomName::parse(room).unwrap();
                said.push(frame_text(&ServerFrame::Resync { room: &name }));
            }
        }
        subscriptions
    }
}
