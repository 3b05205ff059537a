//! What the HTTP API answers.

use serde::Serialize;

use super::room_summary::RoomSummary;
use super::server::{LimitsFrame, Person, ServerFrame};
use crate::id::{Epoch, EventId, UserId};

/// The answer of `GET /api/v1/me`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeFrame<'a> {
    /// The identity in the cookie; a new one if the request brought none.
    pub user_id: UserId,
    /// What this person is called, if they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The database's epoch.
    pub epoch: Epoch,
    /// The bounds in force.
    pub limits: LimitsFrame,
}

/// A page of history, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage<'a> {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The room's last `seq` at the moment of reading: the page is true up to here, and a `join` goes on from here.
    pub seq: u64,
    /// The event there, which `join` is told with it: another history may have another one at the same place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// What the room is about, if anybody has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
    /// Whether there are messages before the first one.
    pub has_older: bool,
    /// Whether there are messages after the last one.
    pub has_newer: bool,
    /// The messages, in order of `seq`; each is a `message` frame, as it stands now.
    pub messages: Vec<ServerFrame<'a>>,
    /// What those are called now of whom the messages do not say it: who said something in them under another name,
    /// and who is only quoted or has only put an emoji to something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person<'a>>,
}

/// The answer of `GET /api/v1/rooms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomsPage<'a> {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The rooms.
    pub rooms: Vec<RoomSummary<'a>>,
}

/// The answer of `GET /api/v1/rooms/{room}/messages/{seq}/edits`: the texts a message had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EditsPage<'a> {
    /// The former texts, oldest first, [`crate::limits::EDITS_KEPT_MAX`] at most.
    pub edits: Vec<FormerText<'a>>,
}

/// A text that a message had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerText<'a> {
    /// The text, as it was written.
    pub message: &'a str,
    /// How it looks, where that differs from the text; see [`MessageEvent::html`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<&'a str>,
    /// When it was written, in Unix milliseconds.
    pub at: u64,
}

/// The answer of `GET /api/v1/rooms/{room}/seen`: how far those who follow the room have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenPage<'a> {
    /// The people, [`crate::limits::SEEN_PEOPLE_MAX`] at most.
    pub people: Vec<SeenBy<'a>>,
}

/// How far somebody has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenBy<'a> {
    /// Who.
    pub user_id: UserId,
    /// What they are called, if they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The last `seq` they have read.
    pub seq: u64,
}
