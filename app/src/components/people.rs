//! Who is here.

use client::Person;
use leptos::prelude::*;

use super::avatar;
use crate::chat_app::Chat;

/// The list's id, for the button that opens it.
pub(crate) const PEOPLE_ID: &str = "people";

/// The people in the room, at the right of the chat. Where there is no place for that, they are a popover.
#[component]
pub(crate) fn People(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let people = move || chat.people.with(|here| here.people.clone());
    let others = move || {
        let hidden = chat
            .people
            .with(|here| here.count.saturating_sub(here.people.len() as u64));
        if hidden == 0 {
            String::new()
        } else {
            words.and_others(hidden)
        }
    };
    let person = move |person: Person| {
        let Person { user_id, name } = person;
        let name = name.as_deref();
        let is_me = chat.user_id.get_untracked() == Some(user_id);
        view! {
            <li class="person">
                <span class=avatar::class(user_id) aria-hidden="true">
                    {avatar::signs(user_id, name)}
                </span>
                <span class="person-name">{words.name(name, user_id)}</span>
                <span class="person-me">{is_me.then(|| words.me())}</span>
            </li>
        }
    };
    view! {
        <aside class="people" id=PEOPLE_ID popover="auto" aria-label=words.people()>
            <h2 class="people-title">
                {words.people()} " " <span>{move || chat.people.with(|here| here.count).to_string()}</span>
            </h2>
            <ul class="people-list">
                <For each=people key=Clone::clone children=person />
            </ul>
            <p class="people-others">{others}</p>
            <button class="rooms-settings icon-settings" type="button" data-act="rename">
                {words.change_name()}
            </button>
        </aside>
    }
}
