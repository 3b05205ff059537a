//! What happens to a browser's tabs, kept until its turn comes.

use client::testing::QueuedInput;

use crate::wire::Event;

/// Something that happens to the tab at `slot` in one of its lives.
#[derive(Debug)]
pub(super) struct TabEvent {
    pub(super) slot: usize,
    pub(super) life: u64,
    pub(super) kind: TabEventKind,
}

#[derive(Debug)]
pub(super) enum TabEventKind {
    /// The tab's page is to be requested.
    RequestPage,
    /// The request of the tab's page was answered, with a body or without.
    PageAnswered(Option<String>),
    /// The frozen tab goes on.
    Thaw,
    Input(QueuedInput),
}

/// A channel of a tab's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// The socket, stream or request with this number.
    Line(u32),
    /// The page of history with this number.
    Fetch(u32),
    /// The page that the tab is loaded from.
    Page,
}

/// What an event on a channel is to the tab; `None` if there is no such event on a channel of this kind.
pub(super) fn of_channel(channel: Channel, event: Event) -> Option<TabEventKind> {
    let input = match (channel, event) {
        (Channel::Page, Event::Answer(body)) => return Some(TabEventKind::PageAnswered(body)),
        (Channel::Line(id), Event::Opened) => QueuedInput::Opened(id),
        (Channel::Line(id), Event::Text(text, cursor)) => QueuedInput::Text { id, cursor, text },
        (Channel::Line(id), Event::Closed(code)) => QueuedInput::Closed(id, code),
        (Channel::Line(id), Event::Answer(body)) => QueuedInput::Answer(id, body),
        (Channel::Fetch(id), Event::Answer(body)) => QueuedInput::Fetched(id, body),
        _ => return None,
    };
    Some(TabEventKind::Input(input))
}
