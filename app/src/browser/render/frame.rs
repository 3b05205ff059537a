//! Brings the signals of the room up to date, once a frame of the screen however much arrives.

use std::cell::Cell;
use std::time::Duration;

use client::outbox::{EchoedMessage, OutboxRow, PendingRow};
use client::room::Edge;
use client::tab::Input;
use leptos::prelude::*;

use super::{announcements, connection, focus, position, rendered, scroll, title};
use crate::browser::driver::{self, step};
use crate::browser::{dom, system};
use crate::state::{Chat, Followed, TimelineState};

/// How often the page is brought up to date while nobody can see it, in milliseconds.
const HIDDEN_FRAME_MS: u64 = 250;
/// How many times as long as publishing took the page is left alone after it: when much happens, most of the time is for keys and
/// scrolling, on a slow machine too. What comes alone is published with the next frame of the screen.
const REST_TIMES: u64 = 3;
/// The longest rest, in milliseconds.
const REST_MAX_MS: u64 = 250;

thread_local! {
    /// Whether the signals will be brought up to date soon.
    static IS_STALE: Cell<bool> = const { Cell::new(false) };
    /// When publishing began last, on the clock of `system::now`.
    static BEGAN_MS: Cell<u64> = const { Cell::new(0) };
    /// Until when the page is left alone, on the same clock.
    static RESTS_UNTIL_MS: Cell<u64> = const { Cell::new(0) };
}

/// Publishes with one of the next frames of the screen: once, however much arrives until then.
pub(crate) fn soon() {
    if driver::chat().is_none() || IS_STALE.replace(true) {
        return;
    }
    match RESTS_UNTIL_MS.get().saturating_sub(system::now().ms) {
        _ if dom::is_hidden() => publish_after(HIDDEN_FRAME_MS),
        0 => request_animation_frame(publish),
        wait_ms => publish_after(wait_ms),
    }
}

/// Publishes with the next frame of the screen, without a rest: the person did something.
pub(crate) fn at_once() {
    soon();
    request_animation_frame(publish);
}

/// Publishes although the page is hidden now: a frame of the screen that is waited for does not come.
pub(crate) fn without_screen() {
    publish_after(HIDDEN_FRAME_MS);
}

fn publish_after(ms: u64) {
    set_timeout(publish, Duration::from_millis(ms));
}

/// What is known of the room now.
struct Known {
    rows: Vec<EchoedMessage>,
    pending: Vec<PendingRow>,
    timeline: TimelineState,
    rooms: Vec<Followed>,
    topic: String,
    announcements: String,
    scroll_to: Option<u64>,
    /// Whether the reader was on the way to the room's end.
    goes_to_end: bool,
}

fn publish() {
    let is_at_end = scroll::is_at_end();
    step(Input::AtEnd(is_at_end));
    connection::show();
    IS_STALE.set(false);
    let Some(chat) = driver::chat() else { return };
    BEGAN_MS.set(system::now().ms);
    let before = chat.timeline.get_untracked();
    let Some(known) = known(chat, before, is_at_end) else {
        return;
    };
    let change = || {
        chat.messages.set(known.rows);
        chat.pending.set(known.pending);
        if before != known.timeline {
            chat.timeline.set(known.timeline);
        }
        if chat.rooms.with_untracked(|rooms| *rooms != known.rooms) {
            chat.rooms.set(known.rooms);
            title::set(chat);
        }
        if chat.topic.with_untracked(|topic| *topic != known.topic) {
            chat.topic.set(known.topic);
        }
        if !known.announcements.is_empty() {
            chat.announcements.set(known.announcements);
        }
    };
    let is_whole = known.timeline.newer == Edge::End;
    let follows_end = known.goes_to_end || is_at_end && is_whole && before.newer == Edge::End;
    if known.goes_to_end {
        scroll::to_end();
    }
    let scroll_to = known.scroll_to;
    let keeps_place = scroll_to.is_none() && !follows_end;
    let drawn = move || {
        if let Some(seq) = scroll_to {
            position::mark_and_show(seq);
        }
        is_drawn();
    };
    scroll::keep_place(keeps_place, || focus::keep(change), drawn);
}

fn known(chat: Chat, before: TimelineState, is_at_end: bool) -> Option<Known> {
    driver::with(|driver| {
        rendered::with(|rendered| {
            let tab = &driver.tab;
            let pending =
                |(row, state): (&OutboxRow, _)| PendingRow::new(row, state, tab.can_discard(row.client_id));
            let timeline = TimelineState {
                older: tab.older(),
                newer: tab.newer(),
                is_at_end,
                unseen: rendered.unseen(tab, is_at_end),
                read_line: tab.read_line(),
                target: before.target,
                // Where it stands is known once the rows are drawn: see `position::look`.
                first_unread: before.first_unread.and(tab.first_unread()),
                missed: tab.missed(),
                refused: tab.join_refused(),
            };
            let goes_to_end = rendered.goes_to_end;
            rendered.goes_to_end = goes_to_end && timeline.newer != Edge::End;
            Known {
                rows: tab.shown(),
                pending: tab.pending().chain(tab.changes()).map(pending).collect(),
                timeline,
                rooms: tab.rooms().iter().map(Followed::from).collect(),
                topic: tab.topic().to_owned(),
                announcements: announcements::new_messages(rendered, tab, chat),
                scroll_to: rendered.scroll_to.take(),
                goes_to_end,
            }
        })
    })
}

/// What is shown is up to date, and laid out.
fn is_drawn() {
    position::look();
    let now = system::now().ms;
    let took = now.saturating_sub(BEGAN_MS.get());
    RESTS_UNTIL_MS.set(now + (took * REST_TIMES).min(REST_MAX_MS));
}
