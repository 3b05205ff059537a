//! Who is here.

use leptos::prelude::*;
use maud::{Markup, html};

use super::avatar;
use crate::shared::html as drawn;
use crate::state::Chat;

/// The list's id, for the button that opens it.
pub(crate) const PEOPLE_ID: &str = "people";

/// The people in the room, at the right of the chat. Where there is no place for that, they are a popover.
#[component]
pub(crate) fn People(chat: Chat) -> impl IntoView {
    let label = chat.words.people();
    view! {
        <aside
            class="people"
            id=PEOPLE_ID
            popover="auto"
            aria-label=label
            inner_html=drawn(move || people(chat))
        ></aside>
    }
}

fn people(chat: Chat) -> Markup {
    let (me, words, here) = (chat.user_id.get(), chat.words, chat.people.get());
    html! {
        h2 .people-title { (words.people()) " " span { (count(chat)) } }
        ul .people-list {
            @for person in &here.people {
                @let name = person.name.as_deref();
                li .person {
                    (avatar::draw(person.user_id, name))
                    span .person-name { (words.name(name, person.user_id)) }
                    @if me == Some(person.user_id) {
                        span .person-me { (words.me()) }
                    }
                }
            }
        }
        p .people-others { (others(chat)) }
        button class="rooms-settings icon-edit" type="button" data-act="rename" { (words.change_name()) }
    }
}

/// How many are here. Without a line nobody knows, and nothing is said.
pub(crate) fn count(chat: Chat) -> String {
    match chat.people.with(|here| here.count) {
        0 => String::new(),
        count => count.to_string(),
    }
}

/// How many more there are.
fn others(chat: Chat) -> String {
    let hidden = chat
        .people
        .with(|here| here.count.saturating_sub(here.people.len() as u64));
    if hidden == 0 {
        return String::new();
    }
    chat.words.and_others(hidden)
}
