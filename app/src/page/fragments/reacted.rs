//! Who put which emoji to a message.

use maud::html;
use protocol::UserId;

use super::lines::{Around, Lines};
use super::title::titled;
use crate::page_words as words;
use crate::words::Lang;

/// An emoji, and some of those who put it to the message.
#[derive(Clone, Debug)]
pub struct Reacted {
    pub emoji: String,
    /// How many there are.
    pub count: usize,
    /// Those who are told of, each with what they are called.
    pub people: Vec<(UserId, Option<String>)>,
}

/// Who put which emoji to a message, in the order the emoji have under it.
#[must_use]
pub fn reacted(lang: Lang, around: &Around, reactions: &[Reacted]) -> String {
    let words = words::of(lang);
    let people = reactions.iter().flat_map(|reacted| &reacted.people);
    let lines = Lines::new(
        lang,
        around,
        people.map(|(user_id, name)| (*user_id, name.as_deref())),
    );
    let fragment = html! {
        (titled(words.who_reacted()))
        @if reactions.is_empty() {
            p .fragment-empty { (words.nobody_reacted()) }
        }
        @for Reacted { emoji, count, people } in reactions {
            h3 .fragment-subtitle { (emoji) " " (count) }
            ul .people-list {
                @for (user_id, name) in people {
                    (lines.item(*user_id, name.as_deref()))
                }
            }
            @if *count > people.len() {
                p .fragment-hint { (words.and_others((count - people.len()) as u64)) }
            }
        }
    };
    fragment.into_string()
}
