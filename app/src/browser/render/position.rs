//! Where the reader is among the rows that are shown.

use client::room::Edge;
use client::tab::Input;
use leptos::prelude::*;

use super::{focus, rendered, scroll};
use crate::browser::driver::{self, step};
use crate::browser::{dom, system};
use crate::state::TimelineState;

/// Looks where the reader is: at the end or not, past the line above the unread or not. To be called when rows were drawn, and
/// when they were scrolled.
pub(crate) fn look() {
    let is_at_end = scroll::is_at_end();
    let is_past = scroll::is_past_unread();
    let Some((chat, line, first)) = driver::with(|driver| {
        let tab = &driver.tab;
        (driver.chat, tab.read_line(), tab.first_unread())
    }) else {
        return;
    };
    let first_unread = rendered::with(|rendered| {
        if is_past {
            rendered.passed = line;
        }
        first.filter(|_| rendered.passed != line)
    });
    let before = chat.timeline.get_untracked();
    let timeline = TimelineState {
        is_at_end,
        unseen: if is_at_end && before.newer == Edge::End {
            0
        } else {
            before.unseen
        },
        first_unread,
        ..before
    };
    if timeline != before {
        chat.timeline.set(timeline);
    }
    if is_at_end != before.is_at_end {
        step(Input::AtEnd(is_at_end));
    }
}

/// The timeline was scrolled: asks for what lies beyond an edge that is near.
pub(crate) fn scrolled() {
    look();
    let Some(chat) = driver::chat() else { return };
    let timeline = chat.timeline.get_untracked();
    let (is_near_top, is_near_end) = scroll::near();
    if is_near_top && timeline.older == Edge::More {
        step(Input::Older);
    } else if is_near_end && timeline.newer == Edge::More {
        step(Input::Newer);
    }
}

/// Brings a message into view, and marks it as the one that was asked for; or goes back to a place that was left.
pub(crate) fn mark_and_show(seq: u64) {
    if let Some(left) = rendered::with(|rendered| rendered.goes_back_to.take()) {
        scroll::back_to(left);
        look();
        return;
    }
    let Some(row) = scroll::to_message(seq) else {
        return;
    };
    focus::arrive(&row);
    // What is marked already is marked anew.
    dom::mark(&row, "data-here", false);
    system::number(&row, "offsetHeight");
    dom::mark(&row, "data-here", true);
    if let Some(chat) = driver::chat() {
        let before = chat.timeline.get_untracked();
        let timeline = TimelineState {
            target: Some(seq),
            ..before
        };
        if before != timeline {
            focus::keep(|| chat.timeline.set(timeline));
        }
    }
    look();
}
