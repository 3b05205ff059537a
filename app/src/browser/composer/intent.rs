//! What becomes of what is written: a message, a reply, an edit.

use client::model::Operation;
use client::tab::Input;
use leptos::prelude::*;
use protocol::UserId;

use super::{draft, input, mentions};
use crate::browser::driver::{self, step};
use crate::browser::render::{frame, rendered, scroll};
use crate::browser::{dom, system};
use crate::state::Intent;

/// Sends what stands in the input, as what it is meant.
///
/// Read from the element, not from the signal: at the end of a composition the element is ahead.
pub(crate) fn send() {
    let (Some(text), Some(chat)) = (dom::typed(), driver::chat()) else {
        return;
    };
    let seed = system::seed();
    step(Input::Calls(mentions::calls(&text)));
    step(match chat.intent.get_untracked() {
        Intent::Say => Input::Post(seed, text),
        Intent::Reply(seq, _) => Input::Reply(seed, seq, text),
        Intent::Edit(seq) => Input::Edit(seed, seq, text),
    });
}

/// What was written was taken into the outbox.
pub(crate) fn accepted(operation: Operation) {
    let Some(chat) = driver::chat() else { return };
    chat.refusal.set(None);
    match operation {
        Operation::Post => {
            mentions::forget();
            chat.input_message.set(String::new());
            chat.intent.set(Intent::Say);
            draft::forget();
            // The client goes there by itself.
            rendered::with(|rendered| rendered.goes_to_end = true);
            scroll::to_end();
            frame::at_once();
        }
        Operation::Edit => draft::end_edit(chat),
        _ => {}
    }
}

/// Begins a reply to a message.
pub(crate) fn reply(seq: u64) {
    let Some(chat) = driver::chat() else { return };
    if let Some((user_id, _)) = message(seq) {
        if matches!(chat.intent.get_untracked(), Intent::Edit(_)) {
            draft::end_edit(chat);
        }
        chat.intent.set(Intent::Reply(seq, chat.name_of(user_id)));
        input::focus();
    }
}

/// Begins to edit a message of ours.
pub(crate) fn edit(seq: u64) {
    let Some(chat) = driver::chat() else { return };
    if let Some((user_id, text)) = message(seq)
        && chat.user_id.get_untracked() == Some(user_id)
    {
        draft::store();
        chat.intent.set(Intent::Edit(seq));
        chat.input_message.set(text);
        input::focus();
    }
}

/// Begins to edit the last of our messages that is loaded. Whether there is one.
pub(super) fn edit_last() -> bool {
    let last = driver::with(|driver| {
        let me = driver.tab.user_id();
        let rows = driver.tab.rows().iter().rev();
        let mut own = rows.filter(|row| Some(row.user_id) == me && !row.is_deleted());
        own.next().map(|row| row.seq)
    });
    if let Some(Some(seq)) = last {
        edit(seq);
        return true;
    }
    false
}

/// Gives up what was begun: a reply keeps its text, an edit gives back what was being written before.
pub(crate) fn cancel() {
    let Some(chat) = driver::chat() else { return };
    match chat.intent.get_untracked() {
        Intent::Edit(_) => draft::end_edit(chat),
        _ => chat.intent.set(Intent::Say),
    }
    chat.refusal.set(None);
    input::focus();
}

/// Who said the message of this `seq`, and what.
fn message(seq: u64) -> Option<(UserId, String)> {
    driver::with(|driver| {
        let rows = driver.tab.shown();
        let row = rows.iter().find(|row| row.message.seq == seq)?;
        Some((row.message.user_id, row.message.message.clone()))
    })?
}
