//! Going elsewhere in the room: to its end, to where the unread begins, to a message.

use client::tab::Input;
use leptos::prelude::*;
use protocol::ErrorCode;

use super::{frame, position, rendered, scroll};
use crate::browser::driver::{self, step};

/// Goes to the room's end.
pub(crate) fn to_end() {
    rendered::with(|rendered| rendered.goes_to_end = true);
    scroll::to_end();
    step(Input::ToEnd);
    frame::soon();
}

/// Goes where the unread begins.
pub(crate) fn to_first_unread() {
    let known = driver::with(|driver| (driver.tab.read_line(), driver.tab.first_unread()));
    let Some((line, first)) = known else { return };
    rendered::with(|rendered| rendered.passed = line);
    if let Some(seq) = first {
        step(Input::OpenAt(seq));
        position::look();
    }
}

/// The place that was asked for is among the rows, or could not be had.
pub(crate) fn arrive(seq: Option<u64>) {
    let is_another = rendered::with(|rendered| {
        rendered.scroll_to = seq;
        let addressed = rendered.addressed.take();
        addressed.is_some_and(|addressed| seq != Some(addressed))
    });
    if (seq.is_none() || is_another)
        && let Some(chat) = driver::chat()
    {
        chat.refusal
            .set(chat.words.refusal(ErrorCode::NoSuchMessage).to_owned());
    }
    frame::soon();
}
