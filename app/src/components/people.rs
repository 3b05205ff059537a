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
        <aside class="people" id=PEOPLE_ID popover="auto" aria-label=label>
            <div class="people-now" inner_html=drawn(move || people(chat))></div>
            <div inner_html=drawn(move || crowd(chat))></div>
            <div class="people-foot" inner_html=drawn(move || foot(chat))></div>
        </aside>
    }
}

/// Those who are here now.
fn people(chat: Chat) -> Markup {
    let (me, words, here) = (chat.user_id.get(), chat.words, chat.people.get());
    let room = chat.room.get();
    html! {
        h2 .people-title { (words.here_now()) " " span { (count(chat)) } }
        @if !here.people.is_empty() {
            ul .people-list {
                @for person in &here.people {
                    @let (user_id, name) = (person.user_id, person.name.as_deref());
                    li {
                        a .person href=(client::wire::endpoints::person(room.as_str(), user_id)) data-act="part" {
                            (avatar::draw(user_id, name, chat.alike(user_id).colour))
                            span .person-name { (chat.called(user_id, name).draw()) }
                            @if me == Some(user_id) {
                                span .person-me { (words.me()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The way to the list of so many people that only the count of them is known. It is drawn by itself, so that it keeps the
/// focus whoever comes and goes.
fn crowd(chat: Chat) -> Markup {
    let is_crowd = chat.people.with(|here| here.people.is_empty() && here.count > 0);
    html! {
        @if is_crowd {
            a .people-crowd href=(client::wire::endpoints::here(chat.room.get().as_str())) data-act="part" {
                (chat.words.who_is_here())
            }
        }
    }
}

/// The place of the others who have said something in the room, which the server draws (`page/hands/people.js`), and what is below.
fn foot(chat: Chat) -> Markup {
    html! {
        div #spoke hidden {}
        button class="rooms-settings icon-edit" type="button" data-act="rename" { (chat.words.change_name()) }
    }
}

/// How many are here. Without a line nobody knows, and nothing is said.
pub(crate) fn count(chat: Chat) -> String {
    match chat.people.with(|here| here.count) {
        0 => String::new(),
        count => count.to_string(),
    }
}
