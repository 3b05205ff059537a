//! What is remembered of what has been drawn.

use std::cell::RefCell;

use client::Message;
use client::room::Edge;
use client::tab::Tab;

use super::scroll::Left;
use crate::start::Start;

/// What is remembered of what has been drawn of the room.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// The message to be brought into view with the next frame.
    pub(crate) scroll_to: Option<u64>,
    /// The last message when the reader was last at the end; `None` before anything was shown.
    seen: Option<u64>,
    /// All up to this `seq` was announced, or was there before.
    announced: Option<u64>,
    /// Whether the reader is on the way to the room's end, which is not loaded yet.
    pub(crate) goes_to_end: bool,
    /// The place that was left and is to be shown again.
    pub(crate) goes_back_to: Option<Left>,
    /// The message that the page's address names, until it is found or proves missing.
    pub(crate) addressed: Option<u64>,
    /// The line above the unread that the reader has been at.
    pub(crate) passed: Option<u64>,
}

thread_local! {
    static RENDERED: RefCell<Rendered> = const { RefCell::new(Rendered::NOTHING) };
}

/// Reads or changes what is remembered.
pub(crate) fn with<T>(use_it: impl FnOnce(&mut Rendered) -> T) -> T {
    RENDERED.with_borrow_mut(use_it)
}

/// Begins with what the server has drawn.
pub(crate) fn begin(start: &Start) {
    let page = start.page.as_ref();
    RENDERED.set(Rendered {
        seen: page.map(|page| page.messages.last().map_or(0, |last| last.seq)),
        announced: page.map(|page| page.seq),
        ..Rendered::NOTHING
    });
}

/// Another room is shown, of which nothing was seen yet.
pub(crate) fn change_room() {
    with(|rendered| {
        let goes_to_end = rendered.goes_to_end;
        *rendered = Rendered {
            goes_to_end,
            ..Rendered::NOTHING
        };
    });
}

impl Rendered {
    const NOTHING: Self = Self {
        scroll_to: None,
        seen: None,
        announced: None,
        goes_to_end: false,
        goes_back_to: None,
        addressed: None,
        passed: None,
    };

    /// The messages of others below what the reader has seen.
    pub(crate) fn unseen(&mut self, tab: &Tab, is_at_end: bool) -> u64 {
        let Some(last) = last(tab) else { return 0 };
        if is_at_end && tab.newer() == Edge::End {
            self.seen = Some(last);
        }
        let seen = *self.seen.get_or_insert(last);
        tab.below() + others_after(tab, seen).count() as u64
    }

    /// What others said since this was last asked, the last first. What is loaded later was said before.
    pub(crate) fn new_messages<'a>(&mut self, tab: &'a Tab) -> Option<impl Iterator<Item = &'a Message>> {
        last(tab)?;
        let announced = self.announced.replace(tab.known_to());
        let announced = announced.filter(|_| tab.newer() == Edge::End)?;
        Some(others_after(tab, announced))
    }
}

/// The last message that is here, 0 in an empty room; `None` while nothing is here yet.
fn last(tab: &Tab) -> Option<u64> {
    match tab.rows().last() {
        Some(last) => Some(last.seq),
        None => (tab.older() == Edge::End).then_some(0),
    }
}

/// What others said after this `seq`, the last first.
fn others_after(tab: &Tab, seq: u64) -> impl Iterator<Item = &Message> {
    let me = tab.user_id();
    let rows = tab.rows().iter().rev().map(|row| &**row);
    rows.take_while(move |row| row.seq > seq)
        .filter(move |row| Some(row.user_id) != me)
}
