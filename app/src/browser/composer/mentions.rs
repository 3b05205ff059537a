//! Names that complete what is being written after `@`.

use std::cell::RefCell;

use client::Person;
use client::tab::Tab;
use js_sys::JsString;
use leptos::prelude::*;
use protocol::hangul;
use web_sys::HtmlTextAreaElement;

use super::input;
use crate::browser::{driver, system};
use crate::state::{Chat, Mentions};

/// Names that are offered at once.
const MENTIONS_MAX: usize = 6;
/// Bytes after an `@` beyond which no name is meant.
const BEGUN_BYTES_MAX: usize = 100;
/// People who are called by id in one text: what the server takes.
const CALLS_MAX: usize = 50;

thread_local! {
    /// Those who were chosen for what is being written.
    static CHOSEN: RefCell<Vec<Person>> = const { RefCell::new(Vec::new()) };
}

/// Offers the names that fit the `@…` before the caret.
pub(super) fn offer(chat: Chat) {
    let before_caret = input::element().and_then(|element| input::before_caret(&element));
    let begun = before_caret.as_deref().and_then(begun).map(lower_case);
    let people = match begun {
        Some(begun) => driver::with(|driver| people(&driver.tab, &begun)).unwrap_or_default(),
        None => Vec::new(),
    };
    let mentions = Mentions { people, selected: 0 };
    if chat.mentions.with_untracked(|before| *before != mentions) {
        chat.mentions.set(mentions);
    }
}

/// Offers no names any more.
pub(crate) fn offer_nothing() {
    if let Some(chat) = driver::chat()
        && chat
            .mentions
            .with_untracked(|mentions| !mentions.people.is_empty())
    {
        chat.mentions.set(Mentions::default());
    }
}

/// Puts the name at this place of the list where it was begun. Whether the text has changed.
pub(super) fn complete(chat: Chat, at: usize) -> bool {
    let mut mentions = chat.mentions.get_untracked();
    chat.mentions.set(Mentions::default());
    at < mentions.people.len() && put(mentions.people.swap_remove(at)).is_some()
}

/// The ids of those who were chosen and are still called in this text, as [`client::tab::Input::Calls`] takes them.
pub(super) fn calls(text: &str) -> String {
    CHOSEN.with_borrow(|chosen| {
        let mut ids = String::new();
        let is_called = |person: &&Person| system::contains(text, &called(person));
        for person in chosen.iter().filter(is_called).take(CALLS_MAX) {
            ids += if ids.is_empty() { "\"" } else { ",\"" };
            ids += &person.user_id.to_string();
            ids.push('"');
        }
        ids
    })
}

/// What was written is sent, or given up.
pub(super) fn forget() {
    CHOSEN.take();
}

/// Mentions somebody where the caret is.
pub(crate) fn call(person: Person) {
    if let Some(element) = input::element() {
        let before = input::before_caret(&element).unwrap_or_default();
        let space = if ends_in_word(&before) { " " } else { "" };
        write(&element, &before, space, person);
    }
}

fn put(person: Person) -> Option<()> {
    let element = input::element()?;
    let before = input::before_caret(&element)?;
    let begin = before.rfind('@')?;
    write(&element, before.get(..begin)?, "", person);
    Some(())
}

/// As what the browser itself writes, so that it can be undone.
fn write(element: &HtmlTextAreaElement, before: &str, space: &str, person: Person) {
    input::write(element, before, &[space, &*called(&person), " "].concat());
    CHOSEN.with_borrow_mut(|chosen| chosen.push(person));
}

fn called(person: &Person) -> String {
    String::from("@") + person.name.as_deref().unwrap_or_default()
}

/// What stands after an `@` that may begin a name, as far as that may go.
fn begun(before_caret: &str) -> Option<&str> {
    let (before, begun) = before_caret.rsplit_once('@')?;
    (!ends_in_word(before) && !begun.contains('\n') && begun.len() <= BEGUN_BYTES_MAX).then_some(begun)
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_letter)
}

/// About what the server takes for a part of a word; see decision 20.
fn is_letter(c: char) -> bool {
    let is_sign = matches!(c, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}');
    c.is_ascii_alphanumeric() || c == '_' || c == '@' || ('\u{c0}'..'\u{1f000}').contains(&c) && !is_sign
}

/// The others who are here or have spoken, whose names fit this: those that fit best first.
fn people(tab: &Tab, begun: &str) -> Vec<Person> {
    let mut people: Vec<(u8, Person)> = Vec::new();
    let here = tab.here().0.iter().chain(tab.names());
    let here = here.map(|Person { user_id, name }| (*user_id, name));
    let spoke = tab.rows().iter().rev().map(|row| (row.user_id, &row.name));
    for (user_id, name) in here.chain(spoke) {
        if let Some(name) = name
            && Some(user_id) != tab.user_id()
            && people.iter().all(|(_, known)| known.user_id != user_id)
            && let Some(fit) = hangul::fit(&lower_case(name), begun)
        {
            let name = Some(name.clone());
            people.push((fit, Person { user_id, name }));
        }
    }
    // Walked once for each fit: a sort would bring its own code along.
    let mut best = Vec::new();
    for wanted in 0..=hangul::FIT_WORST {
        let fitting = people.iter().filter(|(fit, _)| *fit == wanted);
        best.extend(fitting.map(|(_, person)| person.clone()));
    }
    best.truncate(MENTIONS_MAX);
    best
}

/// By the browser's tables: ours would be a tenth of all that is loaded.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}
