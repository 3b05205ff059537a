//! Drafts: what is being written in each room, and an edit that was begun there, survive leaving the room or the page.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;

use crate::browser::io::local_storage;
use crate::browser::{dom, driver};
use crate::state::{Chat, Intent, Mentions};

/// How long after a key the draft is stored, in milliseconds.
const STORE_AFTER_MS: u64 = 400;

thread_local! {
    /// Whether the draft will be stored in a moment.
    static WILL_STORE: Cell<bool> = const { Cell::new(false) };
}

/// Begins with the room that is shown first.
pub(crate) fn begin(chat: Chat) {
    WILL_STORE.set(false);
    restore(chat);
}

/// Empties the input for another room, or restores what was being written there.
pub(crate) fn change_room(chat: Chat) {
    chat.intent.set(Intent::Say);
    chat.mentions.set(Mentions::default());
    chat.refusal.set(None);
    chat.input_message.set(String::new());
    restore(chat);
}

/// Restores what was being written in the room, unless something is being written already.
fn restore(chat: Chat) {
    let room = chat.room.get_untracked();
    if !chat.input_message.with_untracked(String::is_empty) {
        return;
    }
    if let Some((seq, text)) = local_storage::edit(room.as_str()) {
        chat.intent.set(Intent::Edit(seq));
        chat.input_message.set(text);
    } else if let Some(draft) = local_storage::draft(room.as_str()) {
        chat.input_message.set(draft);
    }
}

/// Stores the draft in a moment.
pub(super) fn store_soon() {
    if !WILL_STORE.replace(true) {
        set_timeout(store_if_written, Duration::from_millis(STORE_AFTER_MS));
    }
}

/// Stores what stands in the input, whether it was written since it was last stored or not: the draft, or the edit.
pub(crate) fn store() {
    let Some(chat) = driver::chat() else { return };
    if let Intent::Edit(seq) = chat.intent.get_untracked() {
        if let Some(text) = dom::typed() {
            local_storage::set_edit(chat.room.get_untracked().as_str(), Some((seq, &text)));
        }
    } else {
        WILL_STORE.set(true);
        store_if_written();
    }
}

/// Stores the draft if it was written since it was last stored.
pub(crate) fn store_if_written() {
    let Some(chat) = driver::chat() else { return };
    let is_edit = matches!(chat.intent.get_untracked(), Intent::Edit(_));
    if WILL_STORE.take()
        && !is_edit
        && let Some(text) = dom::typed()
        && let Some(room) = driver::with(|driver| driver.tab.room().clone())
    {
        local_storage::set_draft(room.as_str(), &text);
    }
}

/// The draft was sent.
pub(super) fn forget() {
    driver::with(|driver| local_storage::set_draft(driver.tab.room().as_str(), ""));
}

/// Ends an edit: what was being written before it is there again.
pub(super) fn end_edit(chat: Chat) {
    local_storage::set_edit(chat.room.get_untracked().as_str(), None);
    chat.intent.set(Intent::Say);
    chat.input_message.set(String::new());
    restore(chat);
}
