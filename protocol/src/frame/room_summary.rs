//! A room in a list of rooms.

use serde::Serialize;

use crate::room::RoomName;

/// A room in a list, as it stands for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomSummary<'a> {
    /// The room.
    pub room: &'a RoomName,
    /// What it is about, if anybody has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
    /// Its last `seq`.
    pub head: u64,
    /// When its last event was, in Unix milliseconds.
    pub at: u64,
    /// The last `seq` this person has read, where they follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Messages of others after that, [`crate::limits::UNREAD_MAX`] at most, where they follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<u64>,
    /// The `seq` of the last message that mentions this person, read or not, where they follow it and there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mention: Option<u64>,
    /// Whether they follow it.
    pub following: bool,
}
