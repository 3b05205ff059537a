//! Inputs that own what they carry, so that they can wait.

use protocol::ClientId;

use crate::outbox::{Seed, Stored};
use crate::tab::Input;

/// An [`Input`] on its way to a tab.
#[derive(Clone, Debug)]
pub enum QueuedInput {
    Start {
        shared: bool,
        visible: bool,
    },
    Stop,
    LockGranted,
    LockLost,
    NoLock,
    TabMessage(String),
    Visible(bool),
    Online,
    Timer,
    Opened(u32),
    Text {
        id: u32,
        cursor: Option<String>,
        text: String,
    },
    Closed(u32, u16),
    Answer(u32, Option<String>),
    Fetched(u32, Option<String>),
    Loaded(Option<Vec<String>>),
    Stored(ClientId, Stored),
    StorageEmptied,
    Discarded(ClientId, Option<String>),
    StoredElsewhere,
    Post(Seed, String),
    Edit(Seed, u64, String),
    Delete(Seed, u64),
    React(Seed, u64, String, bool),
    Rename(Seed, String),
    Discard(ClientId),
    Older,
    Newer,
    AtEnd(bool),
    Seen,
}

impl QueuedInput {
    #[must_use]
    pub fn as_input(&self) -> Input<'_> {
        match self {
            Self::Start { shared, visible } => Input::Start {
                shared: *shared,
                visible: *visible,
            },
            Self::Stop => Input::Stop,
            Self::LockGranted => Input::LockGranted,
            Self::LockLost => Input::LockLost,
            Self::NoLock => Input::NoLock,
            Self::TabMessage(text) => Input::TabMessage(text),
            Self::Visible(visible) => Input::Visible(*visible),
            Self::Online => Input::Online,
            Self::Timer => Input::Timer,
            Self::Opened(id) => Input::Opened(*id),
            Self::Text { id, cursor, text } => Input::Text {
                id: *id,
                cursor: cursor.as_deref(),
                text,
            },
            Self::Closed(id, code) => Input::Closed(*id, *code),
            Self::Answer(id, body) => Input::Answer(*id, body.as_deref()),
            Self::Fetched(id, body) => Input::Fetched(*id, body.as_deref()),
            Self::Loaded(rows) => Input::Loaded(rows.as_deref()),
            Self::Stored(client_id, stored) => Input::Stored(*client_id, *stored),
            Self::StorageEmptied => Input::StorageEmptied,
            Self::Discarded(client_id, left) => Input::Discarded(*client_id, left.as_deref()),
            Self::StoredElsewhere => Input::StoredElsewhere,
            Self::Post(seed, text) => Input::Post(*seed, text.clone()),
            Self::Edit(seed, target, text) => Input::Edit(*seed, *target, text.clone()),
            Self::Delete(seed, target) => Input::Delete(*seed, *target),
            Self::React(seed, target, emoji, on) => Input::React(*seed, *target, emoji.clone(), *on),
            Self::Discard(client_id) => Input::Discard(*client_id),
            Self::Rename(seed, name) => Input::Rename(*seed, name.clone()),
            Self::Older => Input::Older,
            Self::Newer => Input::Newer,
            Self::AtEnd(is_at_end) => Input::AtEnd(*is_at_end),
            Self::Seen => Input::Seen,
        }
    }
}
