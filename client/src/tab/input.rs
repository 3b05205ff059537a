//! What a tab is given.

use protocol::{ClientId, RoomName, UserId};

use crate::model::page::HistoryPage;
use crate::model::transport::Transports;
use crate::outbox::row::Seed;
use crate::outbox::storage::Stored;

/// What happens to a tab.
#[derive(Debug)]
pub enum Input<'a> {
    /// The page is there, or comes back from the browser's cache. Nothing is done before this.
    Start {
        /// Whether the tabs of this browser can talk (`BroadcastChannel`).
        shared: bool,
        /// Whether somebody is looking.
        visible: bool,
    },
    /// The page goes (`pagehide`, or it is taken down): everything is closed, until the next start.
    Stop,
    /// There is no lock here, though one was asked for.
    NoLock,
    /// The lock is ours.
    LockGranted,
    /// The lock was stolen from us.
    LockLost,
    /// Another tab said this.
    TabMessage(&'a str),
    /// Somebody looks at the page, or nobody does any more.
    Visible(bool),
    /// The browser is on a network again.
    Online,
    /// The browser is on no network any more.
    Offline,
    /// The time set by [`Effect::Timer`](crate::effect::Effect::Timer) has come.
    Timer,
    /// The socket of this number opened.
    Opened(u32),
    /// A frame arrived on the socket, an event on the stream of this number.
    Text {
        /// The channel.
        id: u32,
        /// The stream's last event id; `None` or empty when there is none.
        cursor: Option<&'a str>,
        /// The frame.
        text: &'a str,
    },
    /// The socket or stream of this number ended with this close code; 1006 where there is none.
    Closed(u32, u16),
    /// The request of this number was answered: the body of a 200, or nothing.
    Answer(u32, Option<&'a str>),
    /// The request of this number was refused.
    RequestRefused {
        id: u32,
        /// The HTTP status.
        status: u16,
        /// What its `Retry-After` says, in milliseconds; 0 without one.
        retry_after_ms: u64,
    },
    /// The answer to an [`Effect::Fetch`](crate::effect::Effect::Fetch) of this number; `None` when there was none in
    /// time.
    Fetched(u32, Option<&'a str>),
    /// What [`Effect::Load`](crate::effect::Effect::Load) found, in any order; `None` when there is no storage.
    Loaded(Option<&'a [String]>),
    /// What became of an [`Effect::Store`](crate::effect::Effect::Store) or
    /// [`Effect::Update`](crate::effect::Effect::Update).
    Stored(ClientId, Stored),
    /// The browser has emptied its storage: what is not found there was not sent for that. Comes before the answer that it
    /// concerns; an `Update` has stored its row all the same.
    StorageEmptied,
    /// The answer to an [`Effect::Discard`](crate::effect::Effect::Discard): the row, if it stays.
    Discarded(ClientId, Option<&'a str>),
    /// Another tab of this browser stores something, or has stored it.
    StoredElsewhere,
    /// The text that is said, or said instead, next calls these people: their ids, each in quotes, with commas between them.
    Calls(String),
    /// Say this in the room.
    Post(Seed, String),
    /// Say this in answer to the message of this `seq`.
    Reply(Seed, u64, String),
    /// Say this instead of what the message of this `seq` says, which is ours.
    Edit(Seed, u64, String),
    /// Take back the message of this `seq`, which is ours.
    Delete(Seed, u64),
    /// Put this emoji to the message of this `seq`, or take ours back.
    React(Seed, u64, String, bool),
    /// Say what the room is about.
    Topic(Seed, String),
    /// Say what we are called.
    Rename(Seed, String),
    /// Try a row that is stuck again, as a new one of who we are now.
    Retry(Seed, ClientId),
    /// Let a row go, where [`Tab::can_discard`](super::Tab::can_discard) says it may.
    Discard(ClientId),
    /// Try every row that is stuck again, of all rooms.
    RetryAll(Seed),
    /// Let every row that is stuck go, of all rooms.
    DiscardAll,
    /// A key was pressed in what is being written; or it was emptied, or given up.
    Typing(bool),
    /// Show another room, on the connection there is: from this place, else from its end.
    Go(RoomName, Option<u64>),
    /// Show this place of the room; [`Effect::ScrollTo`](crate::effect::Effect::ScrollTo) says when it is there.
    OpenAt(u64),
    /// Show the room's end.
    ToEnd,
    /// Show what stands above the first row.
    Older,
    /// Show what stands below the last row.
    Newer,
    /// Whether the reader is at the last row, whenever that changes; at first they are, unless the tab begins at a
    /// place. Rows far above can go then, and what is there is read.
    AtEnd(bool),
    /// What was missed has been seen.
    Seen,
    /// Take this message and all after it to be unread, until this room is left or something is written.
    MarkUnread(u64),
    /// Follow this room no more.
    Leave(RoomName),
}

/// What a tab begins with.
#[derive(Debug)]
pub struct Config {
    /// The room it shows.
    pub room: RoomName,
    /// Who we are, if the page says so; else it is asked for.
    pub user_id: Option<UserId>,
    /// What we are called, if the page says so.
    pub name: Option<Box<str>>,
    /// The room's last messages, or those of a place, if the page has them; else they are fetched.
    pub page: Option<HistoryPage>,
    /// How far the room was read before the page was made, where something in it is unread.
    pub read_line: Option<u64>,
    /// The transports to use.
    pub transports: Transports,
}

impl Input<'_> {
    /// Inputs that are ignored while idle. Not among them: answers to what the tab asked for, and what is
    /// written.
    pub(super) fn is_ignored_while_idle(&self) -> bool {
        matches!(
            self,
            Self::NoLock
                | Self::LockGranted
                | Self::LockLost
                | Self::TabMessage(_)
                | Self::Visible(_)
                | Self::Online
                | Self::Offline
                | Self::Timer
                | Self::Opened(_)
                | Self::Text { .. }
                | Self::Closed(..)
                | Self::Answer(..)
                | Self::RequestRefused { .. }
                | Self::Retry(..)
                | Self::Discard(_)
                | Self::RetryAll(_)
                | Self::DiscardAll
                | Self::StoredElsewhere
        )
    }
}
