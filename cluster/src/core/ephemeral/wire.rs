//! The form of these messages, in bytes. Numbers are big-endian.
//!
//! ```text
//! message  = format kind node(8) (typing | presence)
//! typing   = room user(16) on
//! presence = sequence(8) *(room came(2) *user(16) left(2) *user(16))
//! room     = bytes(1) name
//! ```
//!
//! A kind says which of the two it is and, of presence, whether it is a change or a part of all there is, the first and the last of
//! its parts being marked.

use protocol::{RoomName, UserId};

use crate::NodeId;
use crate::limits::EPHEMERAL_MESSAGE_BYTES_MAX;

/// The format that is read and written. Another one is passed by: the nodes of a cluster that is being upgraded do not see one
/// another's people meanwhile.
const FORMAT: u8 = 1;

const KIND_TYPING: u8 = 0;
const KIND_CHANGE: u8 = 1;
/// Of all there is, with these two.
const KIND_ALL: u8 = 4;
const IS_FIRST: u8 = 1;
const IS_LAST: u8 = 2;

/// Bytes of a message before its rooms.
const HEAD_BYTES: usize = 1 + 1 + 8 + 8;
/// Bytes of an id.
const USER_BYTES: usize = 16;
/// Bytes of the two counts.
const COUNTS_BYTES: usize = 2 + 2;

/// What a node says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub node: NodeId,
    pub word: Word,
}

/// What of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Somebody is typing in a room, or no more.
    Typing {
        room: RoomName,
        user_id: UserId,
        on: bool,
    },
    Presence(Presence),
}

/// Who is with a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The number of the message among those in which the node tells that: each is one more than the one before.
    pub sequence: u64,
    pub part: Part,
    pub rooms: Vec<RoomChange>,
}

/// What a message is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What has changed.
    Change,
    /// All there is: whoever is in none of its parts is not there.
    All { is_first: bool, is_last: bool },
}

/// Who has come into a room and who has left it. A room may be in several parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomChange {
    pub room: RoomName,
    pub came: Vec<UserId>,
    pub left: Vec<UserId>,
}

impl Message {
    /// What these bytes say; `None` when that is nothing this version knows.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > EPHEMERAL_MESSAGE_BYTES_MAX {
            return None;
        }
        let mut reading = Reading(bytes);
        if reading.byte()? != FORMAT {
            return None;
        }
        let kind = reading.byte()?;
        let node = NodeId::new(reading.number()?);
        let word = match kind {
            KIND_TYPING => reading.typing()?,
            KIND_CHANGE => Word::Presence(reading.presence(Part::Change)?),
            _ if kind & !(IS_FIRST | IS_LAST) == KIND_ALL => Word::Presence(reading.presence(Part::All {
                is_first: kind & IS_FIRST != 0,
                is_last: kind & IS_LAST != 0,
            })?),
            _ => return None,
        };
        reading.0.is_empty().then_some(Self { node, word })
    }
}

/// That somebody is typing, or no more.
#[must_use]
pub fn typing(node: NodeId, room: &RoomName, user_id: UserId, on: bool) -> Vec<u8> {
    let mut bytes = vec![FORMAT, KIND_TYPING];
    bytes.extend(node.number().to_be_bytes());
    put_room(room, &mut bytes);
    bytes.extend(user_id.as_bytes());
    bytes.push(u8::from(on));
    bytes
}

/// Writes presence into as many messages of [`EPHEMERAL_MESSAGE_BYTES_MAX`] as it needs.
#[derive(Debug)]
pub(super) struct Writing {
    node: NodeId,
    is_all: bool,
    messages: Vec<Vec<u8>>,
}

impl Writing {
    pub(super) fn new(node: NodeId, is_all: bool) -> Self {
        Self {
            node,
            is_all,
            messages: Vec::new(),
        }
    }

    /// Adds a room. Who came and who left stand in the order given, however many messages that takes.
    pub(super) fn add(&mut self, room: &RoomName, mut came: &[UserId], mut left: &[UserId]) {
        let room_bytes = 1 + room.as_str().len();
        while !(came.is_empty() && left.is_empty()) {
            let message = self.message_with(room_bytes + COUNTS_BYTES + USER_BYTES);
            let free = EPHEMERAL_MESSAGE_BYTES_MAX - message.len() - room_bytes - COUNTS_BYTES;
            let fits = free / USER_BYTES;
            put_room(room, message);
            let rest = fits - put_people(&mut came, fits, message);
            put_people(&mut left, rest, message);
        }
    }

    /// The messages, numbered from the one after `sequence` on. Of all there is, one at least; of no change none.
    pub(super) fn end(mut self, sequence: &mut u64) -> Vec<Vec<u8>> {
        if self.is_all && self.messages.is_empty() {
            self.begin();
        }
        let count = self.messages.len();
        for (number, message) in self.messages.iter_mut().enumerate() {
            *sequence += 1;
            let kind = if self.is_all {
                let first = if number == 0 { IS_FIRST } else { 0 };
                let last = if number + 1 == count { IS_LAST } else { 0 };
                KIND_ALL | first | last
            } else {
                KIND_CHANGE
            };
            message[1] = kind;
            message[HEAD_BYTES - 8..HEAD_BYTES].copy_from_slice(&sequence.to_be_bytes());
        }
        self.messages
    }

    /// The last message, or a new one where that has not so many bytes left.
    fn message_with(&mut self, bytes: usize) -> &mut Vec<u8> {
        let has_room = |message: &Vec<u8>| message.len() + bytes <= EPHEMERAL_MESSAGE_BYTES_MAX;
        if !self.messages.last().is_some_and(has_room) {
            self.begin();
        }
        let last = self.messages.len() - 1;
        &mut self.messages[last]
    }

    /// Begins a message, in which the kind and the sequence are still to be put.
    fn begin(&mut self) {
        let mut message = vec![FORMAT, 0];
        message.extend(self.node.number().to_be_bytes());
        message.extend(0_u64.to_be_bytes());
        self.messages.push(message);
    }
}

fn put_room(room: &RoomName, bytes: &mut Vec<u8>) {
    // Names have 32 characters at most, and so fewer bytes than this can say.
    bytes.push(u8::try_from(room.as_str().len()).unwrap_or(u8::MAX));
    bytes.extend(room.as_str().as_bytes());
}

/// Puts as many as fit, and says how many those were.
fn put_people(people: &mut &[UserId], fits: usize, bytes: &mut Vec<u8>) -> usize {
    let count = people.len().min(fits).min(usize::from(u16::MAX));
    let (now, later) = people.split_at(count);
    bytes.extend(u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
    for user_id in now {
        bytes.extend(user_id.as_bytes());
    }
    *people = later;
    count
}

/// What is left to be read.
struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        self.take(COUNT)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn room(&mut self) -> Option<RoomName> {
        let count = self.byte()?.into();
        let name = std::str::from_utf8(self.take(count)?).ok()?;
        RoomName::parse(name).ok()
    }

    fn user(&mut self) -> Option<UserId> {
        self.array().map(UserId::from_bytes)
    }

    fn people(&mut self) -> Option<Vec<UserId>> {
        let count = self.array().map(u16::from_be_bytes)?;
        let bytes = self.take(usize::from(count) * USER_BYTES)?;
        let (ids, _) = bytes.as_chunks::<USER_BYTES>();
        Some(ids.iter().copied().map(UserId::from_bytes).collect())
    }

    fn typing(&mut self) -> Option<Word> {
        let (room, user_id) = (self.room()?, self.user()?);
        let on = match self.byte()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(Word::Typing { room, user_id, on })
    }

    fn presence(&mut self, part: Part) -> Option<Presence> {
        let sequence = self.number()?;
        let mut rooms = Vec::new();
        while !self.0.is_empty() {
            rooms.push(RoomChange {
                room: self.room()?,
                came: self.people()?,
                left: self.people()?,
            });
        }
        Some(Presence {
            sequence,
            part,
            rooms,
        })
    }
}
