//! Drafts: what is being written in each room, as what it is meant, and an edit that was begun there, survive leaving the
//! room or the page. They belong to a person, and go from all tabs when one of them sends them.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use web_sys::Event;

use crate::browser::io::local_storage;
use crate::browser::system::{get, text};
use crate::browser::{dom, driver};
use crate::state::{Chat, Intent, Mentions};

/// How long after a key the draft is stored, in milliseconds.
const STORE_AFTER_MS: u64 = 400;
/// What a stored answer begins with. It goes on with the `seq` of what it answers, a space, whom it answers, a line break, and
/// the text. No text that can be sent begins like this.
const ANSWER: char = '\u{1f}';

thread_local! {
    /// Whether the draft will be stored in a moment.
    static WILL_STORE: Cell<bool> = const { Cell::new(false) };
    /// Whether what stands in the input was written or begun in this tab: only such a tab stores it.
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// Begins with the room that is shown first. What was typed before the script came stays.
pub(crate) fn begin(chat: Chat) {
    WILL_STORE.set(false);
    // Since the page was taken over nobody has listened to what is typed.
    if let Some(text) = dom::typed()
        && chat.input_message.with_untracked(|known| *known != text)
    {
        chat.input_message.set(text);
    }
    if chat.input_message.with_untracked(String::is_empty) {
        restore(chat);
    } else {
        IS_OURS.set(true);
    }
}

/// Empties the input for another room, or restores what was being written there.
pub(crate) fn change_room(chat: Chat) {
    chat.mentions.set(Mentions::default());
    chat.refusal.set(String::new());
    restore(chat);
}

/// We are somebody else now, whose drafts are others. What is being written here goes on.
pub(crate) fn change_person(chat: Chat) {
    if IS_OURS.get() {
        store_soon();
    } else {
        restore(chat);
    }
}

/// Another tab sent something that was being written, or gave it up: what this tab shows of the same goes, too.
pub(crate) fn sent_elsewhere(event: &Event) {
    let Some(chat) = driver::chat() else { return };
    let is_gone = get(event, "newValue").is_null();
    if is_gone
        && let Some((key, value)) = value(chat)
        && key == text(event, "key")
        && value == text(event, "oldValue")
    {
        show(chat, draft(chat));
    }
}

/// What stands in the input was written or begun here.
pub(super) fn is_ours() {
    IS_OURS.set(true);
}

/// Stores what is being written in a moment.
pub(super) fn store_soon() {
    if !WILL_STORE.replace(true) {
        set_timeout(store, Duration::from_millis(STORE_AFTER_MS));
    }
}

/// Stores what is being written, if it is so in this tab.
pub(crate) fn store() {
    WILL_STORE.set(false);
    if IS_OURS.get()
        && let Some(chat) = driver::chat()
        && let Some((key, value)) = value(chat)
    {
        local_storage::set_text(&key, Some(&value));
    }
}

/// What stands in the input was sent, or given up: what was being written before is there again.
pub(super) fn end(chat: Chat) {
    if let Some((key, _)) = value(chat) {
        local_storage::set_text(&key, None);
    }
    show(chat, draft(chat));
}

/// What stands in the input, as it is stored, and its key. An emptied one is stored as such: to other tabs, one that is gone was
/// sent.
fn value(chat: Chat) -> Option<(String, String)> {
    let text = dom::typed()?;
    let intent = chat.intent.get_untracked();
    let value = match &intent {
        Intent::Say => text,
        Intent::Reply(seq, name) => {
            [&*String::from(ANSWER), &seq.to_string(), " ", name, "\n", &text].concat()
        }
        Intent::Edit(seq) => [&*seq.to_string(), " ", &text].concat(),
    };
    Some((key(chat, matches!(intent, Intent::Edit(_)))?, value))
}

/// Puts into the input what was being written in the room.
fn restore(chat: Chat) {
    let edit = key(chat, true).and_then(|key| local_storage::text(&key));
    match edit.as_deref().and_then(numbered) {
        Some((seq, text)) => show(chat, Some((Intent::Edit(seq), text.to_owned()))),
        None => show(chat, draft(chat)),
    }
}

fn show(chat: Chat, stored: Option<(Intent, String)>) {
    let (intent, text) = stored.unwrap_or_default();
    IS_OURS.set(false);
    chat.intent.set(intent);
    chat.input_message.set(text);
}

/// The draft that is stored for the room.
fn draft(chat: Chat) -> Option<(Intent, String)> {
    let draft = local_storage::text(&key(chat, false)?)?;
    let answer = draft.strip_prefix(ANSWER).and_then(numbered);
    Some(
        match answer.and_then(|(seq, rest)| Some((seq, rest.split_once('\n')?))) {
            Some((seq, (name, text))) => (Intent::Reply(seq, name.to_owned()), text.to_owned()),
            None => (Intent::Say, draft),
        },
    )
}

/// A number, a space, and the rest.
fn numbered(text: &str) -> Option<(u64, &str)> {
    let (seq, rest) = text.split_once(' ')?;
    Some((seq.parse().ok()?, rest))
}

/// Where the draft of this person in this room is stored, or the edit; nowhere while it is not known who we are.
fn key(chat: Chat, is_edit: bool) -> Option<String> {
    let who = chat.user_id.get_untracked()?.to_string();
    let begun = if is_edit { "edit:" } else { "draft:" };
    Some([begun, &who, ":", chat.room.get_untracked().as_str()].concat())
}
