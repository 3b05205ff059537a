//! What happens to a tab, kept until its turn comes.

use client::outbox::Seed;
use client::tab::Input;
use protocol::ClientId;

use crate::wire::Event;

/// Something that happens to a tab in one of its lives.
#[derive(Debug)]
pub(super) struct Happening {
    pub(super) slot: usize,
    pub(super) life: u64,
    pub(super) what: What,
}

/// A channel of a tab's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// The one with this number.
    Line(u32),
    /// The page of history with this number.
    Fetch(u32),
    /// The page the tab is loaded from.
    Page,
}

/// What happens.
#[derive(Debug)]
pub(super) enum What {
    /// The page it is loaded from is to be asked for.
    Load,
    /// The browser lets it run again.
    Thaw,
    Start {
        visible: bool,
    },
    Stop,
    LockGranted,
    LockLost,
    Word(String),
    Visible(bool),
    Online,
    Timer,
    Heard(Channel, Event),
    FetchedNothing(u32),
    Loaded(Vec<String>),
    Stored(ClientId),
    Post(Seed, String),
    Older,
    AtEnd(bool),
    Newer,
    Seen,
}

impl What {
    /// As the machine takes it; `None` for what is not its business.
    pub(super) fn input(&self) -> Option<Input<'_>> {
        Some(match self {
            Self::Load | Self::Thaw => return None,
            Self::Start { visible } => Input::Start {
                shared: true,
                visible: *visible,
            },
            Self::Stop => Input::Stop,
            Self::LockGranted => Input::LockGranted,
            Self::LockLost => Input::LockLost,
            Self::Word(text) => Input::TabMessage(text),
            Self::Visible(visible) => Input::Visible(*visible),
            Self::Online => Input::Online,
            Self::Timer => Input::Timer,
            Self::Heard(channel, event) => heard(*channel, event)?,
            Self::FetchedNothing(id) => Input::Fetched(*id, None),
            Self::Loaded(rows) => Input::Loaded(Some(rows)),
            Self::Stored(client_id) => Input::Stored(*client_id, true),
            Self::Post(seed, text) => Input::Post(*seed, text.clone()),
            Self::Older => Input::Older,
            Self::AtEnd(is_at_end) => Input::AtEnd(*is_at_end),
            Self::Newer => Input::Newer,
            Self::Seen => Input::Seen,
        })
    }
}

fn heard(channel: Channel, event: &Event) -> Option<Input<'_>> {
    Some(match (channel, event) {
        (Channel::Line(id), Event::Opened) => Input::Opened(id),
        (Channel::Line(id), Event::Text(text, cursor)) => Input::Text {
            id,
            cursor: cursor.as_deref(),
            text,
        },
        (Channel::Line(id), Event::Closed(code)) => Input::Closed(id, *code),
        (Channel::Line(id), Event::Answer(body)) => Input::Answer(id, body.as_deref()),
        (Channel::Fetch(id), Event::Answer(body)) => Input::Fetched(id, body.as_deref()),
        _ => return None,
    })
}
