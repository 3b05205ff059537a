//! Pages of a room's history.

use protocol::{Epoch, EventId};

use crate::model::message::Message;
use crate::model::person::Person;

/// A page of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The room's last `seq` when the page was read: what it shows is true up to here.
    pub seq: u64,
    /// The event there, where it is known.
    pub id: Option<EventId>,
    /// What the room is about.
    pub topic: String,
    /// The messages, in order of `seq`.
    pub messages: Vec<Message>,
    /// What those are called now of whom the messages do not say it.
    pub people: Vec<Person>,
    /// Whether there are messages before them.
    pub has_older: bool,
    /// Whether there are messages after them.
    pub has_newer: bool,
}

/// A part of a room's messages: as many as a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The last ones.
    Latest,
    /// Those before this `seq`.
    Before(u64),
    /// Those after this `seq`.
    After(u64),
    /// Those around this `seq`.
    Around(u64),
}
