//! What becomes of what is written: a message, a reply, an edit.

use client::model::Operation;
use client::outbox::SendState;
use client::tab::Input;
use leptos::prelude::*;
use protocol::UserId;

use super::{draft, input, mentions};
use crate::browser::driver::{self, step};
use crate::browser::render::{frame, rendered, scroll};
use crate::browser::{dom, system};
use crate::state::{Chat, Intent};

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
    chat.refusal.set(String::new());
    match operation {
        Operation::Post => {
            mentions::forget();
            draft::end(chat);
            // The client goes there by itself.
            rendered::with(|rendered| rendered.goes_to_end = true);
            scroll::to_end();
            frame::at_once();
        }
        Operation::Edit => draft::end(chat),
        _ => {}
    }
}

/// Begins a reply to a message.
pub(crate) fn reply(seq: u64) {
    let Some(chat) = driver::chat() else { return };
    if let Some((user_id, _)) = message(seq) {
        drop_edit();
        begin(chat, Intent::Reply(seq, chat.name_of(user_id)));
    }
}

/// Begins to edit a message of ours: from what it says, or from what it was to say and the server did not take.
pub(crate) fn edit(seq: u64) {
    let Some(chat) = driver::chat() else { return };
    if chat.intent.get_untracked() == Intent::Edit(seq) {
        input::focus();
    } else if let Some((user_id, text)) = message(seq)
        && chat.user_id.get_untracked() == Some(user_id)
    {
        drop_edit();
        draft::store();
        chat.input_message.set(refused_text(seq).unwrap_or(text));
        begin(chat, Intent::Edit(seq));
    }
}

/// Begins something with what stands in the input.
fn begin(chat: Chat, intent: Intent) {
    chat.intent.set(intent);
    draft::is_ours();
    draft::store();
    input::focus();
}

/// Whether an edit has changed something that beginning another one, or an answer, would throw away.
pub(crate) fn loses_edit(seq: u64) -> bool {
    let intent = driver::chat().map(|chat| chat.intent.get_untracked());
    match intent {
        Some(Intent::Edit(edited)) if edited != seq => {
            let before = refused_text(edited).or_else(|| Some(message(edited)?.1));
            before != dom::typed()
        }
        _ => false,
    }
}

/// Gives up the edit, if there is one: what was being written before it is there again.
pub(crate) fn drop_edit() {
    if let Some(chat) = driver::chat()
        && matches!(chat.intent.get_untracked(), Intent::Edit(_))
    {
        draft::end(chat);
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
    drop_edit();
    chat.refusal.set(String::new());
    begin(chat, Intent::Say);
}

/// What a message was to say, where the server did not take it.
fn refused_text(seq: u64) -> Option<String> {
    let rows = driver::chat()?.pending.get_untracked();
    let mut edits = rows
        .into_iter()
        .rev()
        .filter(|row| row.operation == Operation::Edit);
    let row = edits.find(|row| row.target == seq && matches!(row.state, SendState::Failed(_)))?;
    Some(row.text)
}

/// Who said the message of this `seq`, and what.
fn message(seq: u64) -> Option<(UserId, String)> {
    driver::with(|driver| {
        let rows = driver.tab.shown();
        let row = rows.iter().find(|row| row.message.seq == seq)?;
        Some((row.message.user_id, row.message.message.clone()))
    })?
}
