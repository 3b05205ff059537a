//! Somebody's card, and those who have said something in a room.

use maud::{Markup, html};
use protocol::UserId;

use super::lines::{Around, Lines};
use super::title::titled;
use crate::alike::end;
use crate::page_words as words;
use crate::words::Lang;
use crate::{page_words::PageWords, time};

/// Somebody, as a room knows them.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: UserId,
    /// What they are called.
    pub name: Option<String>,
    /// Whether it is whoever asks.
    pub is_own: bool,
    /// The seq of what they said last in the room, and when that was, in Unix milliseconds.
    pub said: Option<(u64, u64)>,
}

/// Somebody's card. The namesakes are theirs.
#[must_use]
pub fn person(lang: Lang, around: &Around, person: &Person) -> String {
    let words = words::of(lang);
    let (user_id, name) = (person.user_id, person.name.as_deref());
    let lines = Lines::new(lang, around, [(user_id, name)].into_iter());
    let called = lang.words().name(name, user_id);
    let fragment = html! {
        (titled(&called))
        div .card {
            (lines.avatar(user_id, name))
            dl .card-facts {
                (fact(words.person_id(), &html! { code .card-id { (end(user_id)) } }))
                (fact(words.person_since(), &moment(began_ms(user_id))))
                (fact(words.person_said(), &said(words, around, person)))
            }
        }
        @if !around.namesakes.is_empty() {
            p .card-warning { (words.namesakes_why()) }
            h3 .fragment-subtitle { (words.namesakes()) }
            ul .people-list {
                @for (user_id, name) in &around.namesakes {
                    (lines.item(*user_id, Some(name)))
                }
            }
        }
        @if person.is_own {
            p .fragment-hint { (words.person_is_you()) }
        } @else if let Some(name) = name {
            div .dialog-buttons .card-buttons {
                button
                    .dialog-button
                    type="button"
                    autofocus
                    data-act="call"
                    data-user=(user_id)
                    data-name=(name)
                { (words.call()) }
            }
        } @else {
            p .fragment-hint { (words.guest_not_called()) }
        }
    };
    fragment.into_string()
}

fn fact(what: &str, is: &Markup) -> Markup {
    html! {
        div {
            dt { (what) }
            dd { (is) }
        }
    }
}

fn said(words: &PageWords, around: &Around, person: &Person) -> Markup {
    html! {
        @if let Some((seq, at)) = person.said {
            a href=(client::wire::endpoints::place(around.room.as_str(), seq)) { (moment(at)) }
        } @else {
            (words.person_said_nothing())
        }
    }
}

fn moment(at: u64) -> Markup {
    html! { time datetime=(time::machine(at)) data-at=(at) { (time::full(at)) } }
}

/// When an id was made, in Unix milliseconds (RFC 9562, section 5.7).
fn began_ms(user_id: UserId) -> u64 {
    let bytes = user_id.as_bytes().iter().take(6);
    bytes.fold(0, |ms, byte| ms << 8 | u64::from(*byte))
}

/// Those who have said something in a room, the last first, for the list of people; empty for nobody.
#[must_use]
pub fn spoke(lang: Lang, around: &Around, people: &[(UserId, Option<String>)]) -> String {
    html! {
        @if !people.is_empty() {
            h2 .people-title { (words::of(lang).spoke_here()) }
            (list("spoke", lang, around, people))
        }
    }
    .into_string()
}

/// The same, for the dialog.
#[must_use]
pub fn people(lang: Lang, around: &Around, people: &[(UserId, Option<String>)]) -> String {
    let words = words::of(lang);
    html! {
        (titled(words.spoke_here()))
        @if people.is_empty() {
            p .fragment-empty { (words.nobody_spoke()) }
        }
        (list("person", lang, around, people))
    }
    .into_string()
}

fn list(class: &str, lang: Lang, around: &Around, people: &[(UserId, Option<String>)]) -> Markup {
    let named = people.iter().map(|(user_id, name)| (*user_id, name.as_deref()));
    let lines = Lines::new(lang, around, named);
    html! {
        ul .people-list {
            @for (user_id, name) in people {
                (lines.item_of(class, *user_id, name.as_deref()))
            }
        }
    }
}
