//! Events, and what a message says.

use serde::Serialize;

use crate::id::{ClientId, EventId, UserId};
use crate::room::RoomName;

/// What every event has. (A message has it too, among its own fields.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventHead<'a> {
    /// The room it happened in.
    pub room: &'a RoomName,
    /// Its place in the room: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The event's own id.
    pub id: EventId,
    /// The id it has from whoever asked for it.
    pub client_id: ClientId,
    /// Who asked for it.
    pub user_id: UserId,
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// When a node of the server took it, in Unix milliseconds; never runs backwards within a room.
    pub at: u64,
}

/// A message in its room. The same bytes go to every recipient, to full and to plain clients alike.
///
/// As an event it is what was said. In a page it is how it stands now, and then has the fields from `edited_at` on
/// where they say something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageEvent<'a> {
    /// The room it was said in.
    pub room: &'a RoomName,
    /// Its place in the room: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The event's own id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// Who said it.
    pub user_id: UserId,
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The text, as it was written; empty when it has been deleted.
    pub message: &'a str,
    /// How it looks, where that differs from the text with its signs escaped: HTML of a few harmless elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<&'a str>,
    /// Whom it mentions: [`limits::MENTIONS_MAX`] people at most, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote<'a>>,
    /// When a node of the server took it, in Unix milliseconds; never runs backwards within a room.
    pub at: u64,
    /// When its text was last changed, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<u64>,
    /// The `seq` of the last event that changed it, if any did: edits, reactions and its deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<u64>,
    /// Whether it has been deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Who put which emoji to it, in the order in which each came first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction<'a>>,
}

/// What is shown of a message in the answers to it: as it stood when the answer was encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote<'a> {
    /// The message's place in the room.
    pub seq: u64,
    /// Its author.
    pub user_id: UserId,
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The first [`limits::QUOTE_CHARS_MAX`] characters of its text; empty when it has been deleted.
    pub message: &'a str,
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction<'a> {
    /// The emoji.
    pub emoji: &'a str,
    /// Those it is from, in the order in which they came.
    pub user_ids: &'a [UserId],
}
