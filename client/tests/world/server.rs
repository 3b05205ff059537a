//! A server: the rooms, who has asked for what, who has read how far.

mod command;
mod commit;
mod frame;
mod history;
mod line;

use std::collections::{BTreeMap, HashMap};

use client::Message;
use client::testing::FakeRoom;
use protocol::{ClientId, Epoch, ErrorCode, UserId};
use serde_json::{Value, json};

pub(crate) use command::Command;
pub(crate) use line::{LineKey, SentEphemeral, Subscriptions};

/// The rooms, the commands that were taken, and how far was read.
pub(crate) type Copied = (
    BTreeMap<String, FakeRoom>,
    HashMap<(UserId, ClientId), (Value, u64)>,
    BTreeMap<(UserId, String), u64>,
);

pub(crate) struct Server {
    pub(crate) is_up: bool,
    pub(crate) epoch: Epoch,
    pub(crate) rooms: BTreeMap<String, FakeRoom>,
    /// Who is typing in each room, and until when.
    typing: BTreeMap<String, Vec<(UserId, u64)>>,
    /// The commands that were taken, and the `seq` of each.
    known: HashMap<(UserId, ClientId), (Value, u64)>,
    pub(crate) names: BTreeMap<UserId, String>,
    pub(crate) positions: BTreeMap<(UserId, String), u64>,
    /// Frames to single people, and the line that said so itself and need not be told.
    people: Vec<(UserId, String, Option<LineKey>)>,
    /// The answer to every command, if it is not to be taken.
    pub(crate) refuses: Option<ErrorCode>,
    /// Whether it answers every join with `resync`.
    pub(crate) rejects_cursors: bool,
    /// Posts that reached it, repeats included.
    pub(crate) posts: usize,
    /// Joins that reached it.
    pub(crate) joins: usize,
    /// Frames about positions that reached it.
    pub(crate) reads: usize,
    /// People in every room besides those of this world.
    pub(crate) strangers: usize,
    /// Times the list of rooms was asked for.
    pub(crate) lists: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            is_up: true,
            epoch: Epoch::from_bytes([7; 16]),
            rooms: BTreeMap::new(),
            typing: BTreeMap::new(),
            known: HashMap::new(),
            names: BTreeMap::new(),
            positions: BTreeMap::new(),
            people: Vec::new(),
            refuses: None,
            rejects_cursors: false,
            posts: 0,
            joins: 0,
            reads: 0,
            strangers: 0,
            lists: 0,
        }
    }
}

impl Server {
    /// An error code that this protocol may not have yet; one like it then.
    pub(crate) fn code(name: &str) -> ErrorCode {
        let known = ErrorCode::ALL.iter().copied().find(|code| code.as_str() == name);
        known.unwrap_or(ErrorCode::NotFound)
    }

    /// The messages of a room as they stand.
    pub(crate) fn log(&self, room: &str) -> &[Message] {
        self.rooms.get(room).map_or(&[], FakeRoom::rows)
    }

    pub(crate) fn texts(&self, room: &str) -> Vec<String> {
        self.log(room)
            .iter()
            .map(|message| message.message.clone())
            .collect()
    }

    /// The `seq` of each message of a room, and what it said at first.
    pub(crate) fn said(&self, room: &str) -> impl DoubleEndedIterator<Item = (u64, &str)> {
        let versions = self
            .rooms
            .get(room)
            .into_iter()
            .flat_map(FakeRoom::first_versions);
        versions.map(|message| (message.seq, &*message.message))
    }

    pub(crate) fn head(&self, room: &str) -> u64 {
        self.rooms.get(room).map_or(0, FakeRoom::head)
    }

    /// The `seq` of the message that said this at first.
    pub(crate) fn seq_of(&self, room: &str, text: &str) -> u64 {
        self.said(room).rev().find(|(_, said)| *said == text).unwrap().0
    }

    /// Another database, with nothing in it.
    pub(crate) fn replace_database(&mut self) {
        self.epoch = Epoch::from_bytes([self.epoch.as_bytes()[0] + 1; 16]);
        self.rooms.clear();
        self.typing.clear();
        self.known.clear();
        self.positions.clear();
    }

    /// What a copy of the data folder has.
    pub(crate) fn copy(&self) -> Copied {
        (self.rooms.clone(), self.known.clone(), self.positions.clone())
    }

    /// Puts such a copy in the place of what there is, as it is or as a restored one, under another epoch.
    pub(crate) fn put_back(&mut self, copy: Copied, is_restored: bool) {
        if is_restored {
            self.replace_database();
        }
        (self.rooms, self.known, self.positions) = copy;
    }

    /// Somebody without a tab says something.
    pub(crate) fn say(&mut self, room: &str, text: &str) -> u64 {
        self.act(room, &json!({"type": "post", "message": text}))
    }

    /// Somebody without a tab does something.
    pub(crate) fn act(&mut self, room: &str, frame: &Value) -> u64 {
        let seq = self.head(room) + 1;
        let author = UserId::from_bytes([9; 16]);
        let client_id = ClientId::from_parts(seq, [9; 10]);
        self.commit(author, client_id, room, frame).unwrap()
    }

    /// Messages of others in a room that this person has not read.
    pub(crate) fn unread(&self, user_id: UserId, name: &str, read: u64) -> u64 {
        let is_unread = |row: &&Message| row.seq > read && row.user_id != user_id && !row.is_deleted();
        let count = self.log(name).iter().filter(is_unread).count() as u64;
        count.min(1_000)
    }

    /// The rooms this person follows, each with the last `seq` read and how many messages are not.
    pub(crate) fn followed(&self, user_id: UserId) -> Vec<(String, u64, u64)> {
        let positions = self
            .positions
            .iter()
            .filter(|((person, _), _)| *person == user_id);
        positions
            .map(|((_, name), read)| (name.clone(), *read, self.unread(user_id, name, *read)))
            .collect()
    }
}
