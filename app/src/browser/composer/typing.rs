//! Something is being written, key by key.

use client::tab::Input;
use leptos::prelude::*;

use super::{draft, intent, mentions};
use crate::browser::dom;
use crate::browser::driver::{self, step};
use crate::state::{Intent, Mentions};

/// The text has changed: stores it in a moment, tells the others, and offers names.
pub(crate) fn typed() {
    let (Some(chat), Some(text)) = (driver::chat(), dom::typed()) else {
        return;
    };
    chat.input_message.set(text);
    mentions::offer(chat);
    if !chat.refusal.with_untracked(String::is_empty) {
        chat.refusal.set(String::new());
    }
    draft::is_ours();
    draft::store_soon();
    if matches!(chat.intent.get_untracked(), Intent::Edit(_)) {
        return;
    }
    let is_empty = chat.input_message.with_untracked(String::is_empty);
    step(Input::Typing(!is_empty));
}

/// Puts the name at this place of the list where it was begun.
pub(crate) fn complete(at: usize) {
    if let Some(chat) = driver::chat()
        && mentions::complete(chat, at)
    {
        typed();
    }
}

/// A key in the input. Whether it was taken: then the input itself must not see it.
pub(crate) fn key(key: &str, shift: bool) -> bool {
    let Some(chat) = driver::chat() else {
        return false;
    };
    let offered = chat.mentions.get_untracked();
    let count = offered.people.len();
    if count > 0 {
        let select = |selected| chat.mentions.update(|mentions| mentions.selected = selected);
        match key {
            "ArrowDown" => select((offered.selected + 1) % count),
            "ArrowUp" => select((offered.selected + count - 1) % count),
            "Enter" | "Tab" if !shift => complete(offered.selected),
            "Escape" => chat.mentions.set(Mentions::default()),
            _ => return false,
        }
        return true;
    }
    match key {
        "ArrowUp" if chat.input_message.with_untracked(String::is_empty) => intent::edit_last(),
        "Escape" if chat.intent.with_untracked(|intent| *intent != Intent::Say) => {
            intent::cancel();
            true
        }
        _ => false,
    }
}
