//! Brings what is shown up to date.

use std::time::Duration;

use client::Message;
use client::outbox;
use client::room::Edge;
use client::tab::{Input, Tab};
use leptos::prelude::*;
use protocol::ErrorCode;

use super::driver::{chat, step, with};
use super::{dom, focus, places, scroll, system};
use crate::Start;
use crate::chat_app::{Chat, Followed, Here, Line, Place, Post};
use crate::html::put;

/// How often what is shown is brought up to date while nobody can see it, in milliseconds.
const HIDDEN_FRAME_MS: u64 = 250;
/// How much longer than it took to bring what is shown up to date it is left alone: when much happens, most of the time is
/// for keys and scrolling, on a slow machine too. What comes alone is shown with the next frame of the screen.
const REST_TIMES: u64 = 3;
/// The longest that it is left alone, in milliseconds.
const REST_MAX_MS: u64 = 250;
/// Messages that are read out at once to those who listen; what comes in a rush cannot be listened to.
const HEARD_MAX: usize = 3;
/// How long it is said in passing that something was done, in milliseconds.
const TOAST_MS: u64 = 2_000;

/// What is known of what is shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Whether it will be brought up to date soon.
    is_stale: bool,
    /// When that began last, and until when it is left alone since, on the clock of `system::now`.
    began_ms: u64,
    rests_until_ms: u64,
    /// Whether the seconds until the next attempt are being counted down.
    is_counting: bool,
    /// Whether this browser stores nothing.
    pub(super) is_unstored: bool,
    /// The message to be brought into view with the next frame.
    wanted: Option<u64>,
    /// The last message when the reader was last at the end; `None` before anything was shown.
    seen: Option<u64>,
    /// All up to this `seq` was read out, or was there before.
    heard: Option<u64>,
    /// How often something was read out.
    times_heard: u32,
    /// Whether the reader is on the way to the room's end, which is not there yet.
    pub(super) goes_to_end: bool,
    /// The place that was asked for by its address.
    pub(super) asked: Option<u64>,
    /// The line above the unread that the reader has been at.
    passed: Option<u64>,
}

impl Shown {
    pub(super) fn of(start: &Start) -> Self {
        let page = start.page.as_ref();
        let last = page.map(|page| page.messages.last().map_or(0, |last| last.seq));
        Self {
            seen: last,
            heard: page.map(|page| page.seq),
            ..Self::default()
        }
    }

    /// Another room is shown, of which nothing was seen yet.
    pub(super) fn go(&mut self) {
        self.wanted = None;
        self.asked = None;
        self.seen = None;
        self.heard = None;
        self.passed = None;
    }
}

/// Shows what is known with one of the next frames of the screen: once, however much arrives until then.
pub(super) fn soon() {
    let wait_ms = with(|driver| {
        let shown = &mut driver.shown;
        let is_first = !std::mem::replace(&mut shown.is_stale, true);
        is_first.then(|| shown.rests_until_ms.saturating_sub(system::now().ms))
    });
    match wait_ms.flatten() {
        Some(_) if dom::is_hidden() => set_timeout(show, Duration::from_millis(HIDDEN_FRAME_MS)),
        Some(0) => request_animation_frame(show),
        Some(wait_ms) => set_timeout(show, Duration::from_millis(wait_ms)),
        None => {}
    }
}

/// Shows what is known with the next frame of the screen, without a rest: the person did something.
pub(super) fn at_once() {
    soon();
    request_animation_frame(show);
}

/// Nobody sees the page any more: a frame of the screen that is waited for does not come.
pub(super) fn is_hidden() {
    set_timeout(show, Duration::from_millis(HIDDEN_FRAME_MS));
}

/// The place that was asked for is among the rows, or could not be had.
pub(super) fn place(seq: Option<u64>) {
    let is_another = with(|driver| {
        driver.shown.wanted = seq;
        driver.shown.asked.take().is_some_and(|asked| seq != Some(asked))
    });
    if (seq.is_none() || is_another == Some(true))
        && let Some(chat) = chat()
    {
        chat.refusal.set(Some(ErrorCode::NoSuchMessage));
    }
    soon();
}

/// Shows who is here.
pub(super) fn people() {
    let shown = with(|driver| {
        let tab = &driver.tab;
        let (people, count) = tab.here();
        let here = Here {
            name: tab.name().map(Box::from),
            people: people.to_vec(),
            count,
            typing: tab.typing().cloned().collect(),
        };
        (driver.chat, here)
    });
    if let Some((chat, here)) = shown
        && chat.people.with_untracked(|before| *before != here)
    {
        dom::set_name(here.name.as_deref().unwrap_or_default());
        focus::keep(|| chat.people.set(here));
    }
    // What waits for an answer may be stuck now.
    soon();
}

/// Shows how the connection is, and goes on doing so while there are seconds to count down.
pub(super) fn line() {
    let shown = with(|driver| {
        let (tab, now) = (&driver.tab, system::now().ms);
        let status = tab.status();
        let line = Line {
            phase: status.phase,
            kind: status.transport,
            role: tab.role(),
            held_by: tab.held_by(),
            seconds: status
                .next_try
                .map_or(0, |at| at.saturating_sub(now).div_ceil(1_000)),
            is_unstored: driver.shown.is_unstored,
        };
        let counts = line.seconds > 0 && !std::mem::replace(&mut driver.shown.is_counting, true);
        (driver.chat.line, line, counts)
    });
    let Some((signal, shown, counts)) = shown else {
        return;
    };
    if signal.get_untracked() != shown {
        focus::keep(|| signal.set(shown));
    }
    if counts {
        let count = || {
            with(|driver| driver.shown.is_counting = false);
            line();
        };
        set_timeout(count, Duration::from_secs(1));
    }
}

/// What is shown of the room now.
struct View {
    rows: Vec<outbox::EchoedMessage>,
    posts: Vec<Post>,
    place: Place,
    rooms: Vec<Followed>,
    topic: String,
    heard: String,
    wanted: Option<u64>,
}

fn show() {
    let is_at_end = scroll::is_at_end();
    step(Input::AtEnd(is_at_end));
    line();
    let Some(chat) = chat() else { return };
    let before = chat.place.get_untracked();
    let Some(view) = with(|driver| {
        driver.shown.is_stale = false;
        driver.shown.began_ms = system::now().ms;
        let tab = &driver.tab;
        let post =
            |(row, state): (&outbox::OutboxRow, _)| Post::from((row, state, tab.can_discard(row.client_id)));
        let place = Place {
            older: tab.older(),
            newer: tab.newer(),
            is_at_end,
            unseen: driver.shown.unseen(tab, is_at_end),
            read_line: tab.read_line(),
            here: before.here,
            // Where it stands is known once the rows are drawn: see `look`.
            first_unread: before.first_unread.and(tab.first_unread()),
            missed: tab.missed(),
        };
        View {
            rows: tab.shown(),
            posts: tab.pending().chain(tab.changes()).map(post).collect(),
            place,
            rooms: tab.rooms().iter().map(Followed::from).collect(),
            topic: tab.topic().to_owned(),
            heard: driver.shown.said(tab, chat),
            wanted: driver.shown.wanted.take(),
        }
    }) else {
        return;
    };
    let change = || {
        chat.messages.set(view.rows);
        chat.posts.set(view.posts);
        if before != view.place {
            chat.place.set(view.place);
        }
        if chat.rooms.with_untracked(|rooms| *rooms != view.rooms) {
            chat.rooms.set(view.rooms);
            places::set_title(chat);
        }
        if chat.topic.with_untracked(|topic| *topic != view.topic) {
            chat.topic.set(view.topic);
        }
        if !view.heard.is_empty() {
            chat.heard.set(view.heard);
        }
    };
    let is_whole = view.place.newer == Edge::End;
    let goes_to_end = with(|driver| {
        let goes = driver.shown.goes_to_end;
        driver.shown.goes_to_end = goes && !is_whole;
        goes
    });
    let follows_end = goes_to_end == Some(true) || is_at_end && is_whole && before.newer == Edge::End;
    if goes_to_end == Some(true) {
        scroll::to_end();
    }
    scroll::keep_place(view.wanted, follows_end, || focus::keep(change));
}

impl Shown {
    /// The messages of others below what the reader has seen.
    fn unseen(&mut self, tab: &Tab, is_at_end: bool) -> u64 {
        let Some(last) = last(tab) else { return 0 };
        if is_at_end && tab.newer() == Edge::End {
            self.seen = Some(last);
        }
        let seen = *self.seen.get_or_insert(last);
        tab.below() + others_after(tab, seen).count() as u64
    }

    /// What others said since this was last asked, for those who listen. What is loaded later was said before.
    fn said(&mut self, tab: &Tab, chat: Chat) -> String {
        if last(tab).is_none() {
            return String::new();
        }
        let heard = self.heard.replace(tab.known_to());
        let Some(heard) = heard.filter(|_| tab.newer() == Edge::End) else {
            return String::new();
        };
        let mut said: Vec<String> = others_after(tab, heard)
            .take(HEARD_MAX)
            .map(|row| {
                let name = chat.words.name(row.name.as_deref(), row.user_id);
                [&*name, ": ", &*row.message].concat()
            })
            .collect();
        said.reverse();
        self.heard_html(&said.join("\n"))
    }

    /// A text as something new, though it be the same as the last.
    fn heard_html(&mut self, text: &str) -> String {
        let mut page = String::new();
        if !text.is_empty() {
            self.times_heard += 1;
            put(
                &mut page,
                &[
                    "<p data-time=\"",
                    &self.times_heard.to_string(),
                    "\">",
                    text,
                    "</p>",
                ],
            );
        }
        page
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

/// Looks where the reader is: at the end or not, past the line above the unread or not. To be called when the rows are
/// drawn, and when they are scrolled.
pub(super) fn look() {
    let is_at_end = scroll::is_at_end();
    let is_past = scroll::is_past_unread();
    let Some((chat, first_unread)) = with(|driver| {
        let line = driver.tab.read_line();
        if is_past {
            driver.shown.passed = line;
        }
        let first = driver.tab.first_unread();
        (driver.chat, first.filter(|_| driver.shown.passed != line))
    }) else {
        return;
    };
    let before = chat.place.get_untracked();
    let place = Place {
        is_at_end,
        unseen: if is_at_end && before.newer == Edge::End {
            0
        } else {
            before.unseen
        },
        first_unread,
        ..before
    };
    if place != before {
        chat.place.set(place);
    }
    if is_at_end != before.is_at_end {
        step(Input::AtEnd(is_at_end));
    }
}

/// What is shown is up to date, and laid out.
pub(super) fn is_drawn() {
    look();
    with(|driver| {
        let (shown, now) = (&mut driver.shown, system::now().ms);
        let took = now.saturating_sub(shown.began_ms);
        shown.rests_until_ms = now + (took * REST_TIMES).min(REST_MAX_MS);
    });
}

/// Marks a message as the one that was asked for.
pub(super) fn mark(seq: u64) {
    if let Some(chat) = chat() {
        let place = Place {
            here: Some(seq),
            ..chat.place.get_untracked()
        };
        if chat.place.get_untracked() != place {
            focus::keep(|| chat.place.set(place));
        }
    }
}

/// Goes to the room's end.
pub(super) fn to_end() {
    with(|driver| driver.shown.goes_to_end = true);
    scroll::to_end();
    step(Input::ToEnd);
    soon();
}

/// Goes where the unread begins.
pub(super) fn to_first_unread() {
    if let Some(Some(seq)) = with(|driver| {
        driver.shown.passed = driver.tab.read_line();
        driver.tab.first_unread()
    }) {
        step(Input::OpenAt(seq));
        look();
    }
}

/// The timeline was scrolled.
pub(crate) fn scrolled() {
    look();
    let Some(chat) = chat() else { return };
    let place = chat.place.get_untracked();
    let (is_near_top, is_near_end) = scroll::near();
    if is_near_top && place.older == Edge::More {
        step(Input::Older);
    } else if is_near_end && place.newer == Edge::More {
        step(Input::Newer);
    }
}

/// Says in passing that something was done.
pub(super) fn tell(chat: Chat, text: &'static str) {
    chat.toast.set(text);
    chat.heard
        .set(with(|driver| driver.shown.heard_html(text)).unwrap_or_default());
    let number = with(|driver| {
        driver.toasts = driver.toasts.wrapping_add(1);
        driver.toasts
    });
    let end = move || {
        if with(|driver| driver.toasts) == number {
            chat.toast.set("");
        }
    };
    set_timeout(end, Duration::from_millis(TOAST_MS));
}

/// What was asked for could not be had: the server is not to be reached.
pub(super) fn cannot_reach() {
    if let Some(chat) = chat() {
        tell(chat, chat.words.not_reached());
    }
}
