//! Names that complete what is being written after `@`.

use client::Person;
use client::tab::Tab;
use js_sys::JsString;
use leptos::prelude::*;

use super::input;
use crate::browser::driver;
use crate::browser::system::text;
use crate::state::{Chat, Mentions};

/// Names that are offered at once.
const MENTIONS_MAX: usize = 6;

/// Offers the names that begin like the `@…` before the caret.
pub(super) fn offer(chat: Chat) {
    let before_caret = input::element().and_then(|element| input::before_caret(&element));
    let begun = before_caret.and_then(|text| {
        let begun = text.rsplit(char::is_whitespace).next()?.strip_prefix('@')?;
        Some(lower_case(begun))
    });
    let names = match begun {
        Some(begun) => driver::with(|driver| names(&driver.tab, &begun)).unwrap_or_default(),
        None => Vec::new(),
    };
    let mentions = Mentions { names, selected: 0 };
    if chat.mentions.with_untracked(|before| *before != mentions) {
        chat.mentions.set(mentions);
    }
}

/// Offers no names any more.
pub(crate) fn offer_nothing() {
    if let Some(chat) = driver::chat()
        && chat
            .mentions
            .with_untracked(|mentions| !mentions.names.is_empty())
    {
        chat.mentions.set(Mentions::default());
    }
}

/// Puts the name at this place of the list where it was begun. Whether the text has changed.
pub(super) fn complete(chat: Chat, at: usize) -> bool {
    let mentions = chat.mentions.get_untracked();
    let name = mentions.names.get(at);
    let is_done = name.is_some_and(|name| put(chat, name).is_some());
    chat.mentions.set(Mentions::default());
    is_done
}

fn put(chat: Chat, name: &str) -> Option<()> {
    let element = input::element()?;
    let before = input::before_caret(&element)?;
    let begin = before.rfind('@')?;
    let value = text(&element, "value");
    let after = value.get(before.len()..).unwrap_or_default();
    let before = [before.get(..=begin).unwrap_or_default(), name, " "].concat();
    let value = [&*before, after].concat();
    input::set_value(&element, &before, &value);
    chat.input_message.set(value);
    Some(())
}

/// The names of the others who are here or have spoken, that begin like this. A name with a space in it cannot be told
/// from the words after it.
fn names(tab: &Tab, begun: &str) -> Vec<Box<str>> {
    let mut names = Vec::new();
    let here = tab
        .here()
        .0
        .iter()
        .map(|Person { user_id, name }| (*user_id, name));
    let spoke = tab.rows().iter().rev().map(|row| (row.user_id, &row.name));
    for (user_id, name) in here.chain(spoke) {
        if names.len() == MENTIONS_MAX {
            break;
        }
        if let Some(name) = name
            && Some(user_id) != tab.user_id()
            && !name.contains(' ')
            && lower_case(name).starts_with(begun)
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}

/// By the browser's tables: ours would be a tenth of all that is loaded.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}
