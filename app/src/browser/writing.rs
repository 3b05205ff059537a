//! What is being written: what becomes of it, its draft, and the names that complete it.

use std::time::Duration;

use client::Person;
use client::model::Operation;
use client::tab::Input;
use js_sys::JsString;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use super::driver::{chat, step, with};
use super::system::{number, set, text as text_of};
use super::{dom, memory, scroll, show, system};
use crate::chat_app::{Chat, Intent, Mentions};

/// How long after a key what is being written is kept, in milliseconds.
const DRAFT_MS: u64 = 400;
/// Names that are offered at once.
const MENTIONS_MAX: usize = 6;

/// Sends what stands in the input, as what it is meant.
///
/// Read from the element, not from the signal: at the end of a composition the element is ahead.
pub(super) fn send() {
    let (Some(text), Some(chat)) = (dom::typed(), chat()) else {
        return;
    };
    let seed = system::seed();
    step(match chat.intent.get_untracked() {
        Intent::Say => Input::Post(seed, text),
        Intent::Reply(seq, _) => Input::Reply(seed, seq, text),
        Intent::Edit(seq) => Input::Edit(seed, seq, text),
    });
}

/// What was written was taken.
pub(super) fn accepted(kind: Operation) {
    let Some(chat) = chat() else { return };
    chat.refusal.set(None);
    match kind {
        Operation::Post => {
            chat.input_message.set(String::new());
            chat.intent.set(Intent::Say);
            with(|driver| memory::set_draft(driver.tab.room().as_str(), ""));
            // The client goes there by itself.
            with(|driver| driver.shown.goes_to_end = true);
            scroll::to_end();
            show::at_once();
        }
        Operation::Edit => say_again(chat),
        _ => {}
    }
}

/// Something is being written: keeps it in a moment, tells the others, and offers names.
pub(super) fn writing() {
    let (Some(chat), Some(text)) = (chat(), dom::typed()) else {
        return;
    };
    chat.input_message.set(text);
    offer(chat);
    if matches!(chat.intent.get_untracked(), Intent::Edit(_)) {
        return;
    }
    let is_empty = chat.input_message.with_untracked(String::is_empty);
    step(Input::Typing(!is_empty));
    if with(|driver| std::mem::replace(&mut driver.is_writing, true)) == Some(false) {
        set_timeout(keep_draft, Duration::from_millis(DRAFT_MS));
    }
}

/// A key in the input. Whether it meant something that the input need not know of.
pub(super) fn composer_key(key: &str, shift: bool) -> bool {
    let Some(chat) = chat() else { return false };
    let mentions = chat.mentions.get_untracked();
    let count = mentions.names.len();
    if count > 0 {
        let select = |selected| chat.mentions.update(|mentions| mentions.selected = selected);
        match key {
            "ArrowDown" => select((mentions.selected + 1) % count),
            "ArrowUp" => select((mentions.selected + count - 1) % count),
            "Enter" | "Tab" if !shift => complete(mentions.selected),
            "Escape" => chat.mentions.set(Mentions::default()),
            _ => return false,
        }
        return true;
    }
    match key {
        "ArrowUp" if chat.input_message.with_untracked(String::is_empty) => edit_last(),
        "Escape" if chat.intent.with_untracked(|intent| *intent != Intent::Say) => {
            cancel();
            true
        }
        _ => false,
    }
}

/// Answers a message.
pub(super) fn reply(seq: u64) {
    let Some(chat) = chat() else { return };
    if let Some((user_id, _)) = message(seq) {
        if matches!(chat.intent.get_untracked(), Intent::Edit(_)) {
            say_again(chat);
        }
        chat.intent.set(Intent::Reply(seq, chat.name_of(user_id)));
        focus();
    }
}

/// Says something else instead of what a message of ours says.
pub(super) fn edit(seq: u64) {
    let Some(chat) = chat() else { return };
    if let Some((user_id, text)) = message(seq)
        && chat.user_id.get_untracked() == Some(user_id)
    {
        keep_all();
        chat.intent.set(Intent::Edit(seq));
        chat.input_message.set(text);
        focus();
    }
}

/// Edits the last of our messages here. Whether there is one.
fn edit_last() -> bool {
    let last = with(|driver| {
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

/// Gives up what was begun: an answer keeps its text, an edit gives back what was being written before.
pub(super) fn cancel() {
    let Some(chat) = chat() else { return };
    match chat.intent.get_untracked() {
        Intent::Edit(_) => say_again(chat),
        _ => chat.intent.set(Intent::Say),
    }
    chat.refusal.set(None);
    focus();
}

/// What was being written before an edit is there again.
pub(super) fn say_again(chat: Chat) {
    memory::set_edit(chat.room.get_untracked().as_str(), None);
    chat.intent.set(Intent::Say);
    chat.input_message.set(String::new());
    restore_draft(chat);
}

/// Gives the focus to the input.
pub(super) fn focus() {
    if let Some(input) = dom::one(".composer-input") {
        scroll::focus(&input);
    }
}

/// Who said the message of this `seq`, and what.
fn message(seq: u64) -> Option<(protocol::UserId, String)> {
    with(|driver| {
        let rows = driver.tab.shown();
        let row = rows.iter().find(|row| row.message.seq == seq)?;
        Some((row.message.user_id, row.message.message.clone()))
    })?
}

/// Gives back what was being written when the room was left, unless something is being written already.
pub(super) fn restore_draft(chat: Chat) {
    let room = chat.room.get_untracked();
    if !chat.input_message.with_untracked(String::is_empty) {
        return;
    }
    if let Some((seq, text)) = memory::edit(room.as_str()) {
        chat.intent.set(Intent::Edit(seq));
        chat.input_message.set(text);
    } else if let Some(draft) = memory::draft(room.as_str()) {
        chat.input_message.set(draft);
    }
}

/// Keeps what stands in the input, whether it was written since it was last kept or not: the draft, or the edit.
pub(super) fn keep_all() {
    let Some(chat) = chat() else { return };
    if let Intent::Edit(seq) = chat.intent.get_untracked() {
        if let Some(text) = dom::typed() {
            memory::set_edit(chat.room.get_untracked().as_str(), Some((seq, &text)));
        }
    } else {
        with(|driver| driver.is_writing = true);
        keep_draft();
    }
}

pub(super) fn keep_draft() {
    with(|driver| {
        let is_edit = matches!(driver.chat.intent.get_untracked(), Intent::Edit(_));
        if std::mem::take(&mut driver.is_writing)
            && !is_edit
            && let Some(text) = dom::typed()
        {
            memory::set_draft(driver.tab.room().as_str(), &text);
        }
    });
}

/// Offers the names that would complete the word before the caret, if it begins as one is called.
fn offer(chat: Chat) {
    let begun = input().and_then(|input| before_caret(&input)).and_then(|text| {
        let begun = text.rsplit(char::is_whitespace).next()?.strip_prefix('@')?;
        Some(lower_case(begun))
    });
    let names = match begun {
        Some(begun) => with(|driver| names(driver, &begun)).unwrap_or_default(),
        None => Vec::new(),
    };
    let mentions = Mentions { names, selected: 0 };
    if chat.mentions.with_untracked(|before| *before != mentions) {
        chat.mentions.set(mentions);
    }
}

/// The names of the others who are here or have spoken, that begin like this. A name with a space in it cannot be told
/// from the words after it.
fn names(driver: &super::driver::Driver, begun: &str) -> Vec<Box<str>> {
    let (tab, mut names) = (&driver.tab, Vec::new());
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

/// Offers no names any more.
pub(super) fn offer_nothing() {
    if let Some(chat) = chat()
        && chat
            .mentions
            .with_untracked(|mentions| !mentions.names.is_empty())
    {
        chat.mentions.set(Mentions::default());
    }
}

/// Puts the name at this place of the list where it was begun.
pub(super) fn complete(at: usize) {
    let Some(chat) = chat() else { return };
    let mentions = chat.mentions.get_untracked();
    if let Some(name) = mentions.names.get(at)
        && let Some(input) = input()
        && let Some(before) = before_caret(&input)
        && let Some(begin) = before.rfind('@')
    {
        let value = text_of(&input, "value");
        let after = value.get(before.len()..).unwrap_or_default();
        let before = [before.get(..=begin).unwrap_or_default(), &**name, " "].concat();
        #[expect(clippy::cast_possible_truncation, reason = "a message is short")]
        let caret = before.encode_utf16().count() as u32;
        let text = before + after;
        set(&input, "value", &(&*text).into());
        let _ = input.set_selection_range(caret, caret);
        chat.input_message.set(text);
        writing();
    }
    chat.mentions.set(Mentions::default());
}

/// By the browser's tables: ours would be a tenth of all that is loaded.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

fn input() -> Option<HtmlTextAreaElement> {
    Some(dom::one(".composer-input")?.unchecked_into())
}

/// What stands before the caret, which is counted in UTF-16.
fn before_caret(input: &HtmlTextAreaElement) -> Option<String> {
    let caret = number(input, "selectionStart");
    let mut text = text_of(input, "value");
    let mut units = 0.0;
    let end = text.char_indices().find(|(_, c)| {
        let is_end = units >= caret;
        units += if *c > '\u{ffff}' { 2.0 } else { 1.0 };
        is_end
    });
    if let Some((end, _)) = end {
        text.truncate(end);
    }
    Some(text)
}
