//! Who is here.

use leptos::prelude::*;

use super::avatar;
use crate::chat_app::Chat;
use crate::html::put;

/// The list's id, for the button that opens it.
pub(crate) const PEOPLE_ID: &str = "people";

/// The people in the room, at the right of the chat. Where there is no place for that, they are a popover.
#[component]
pub(crate) fn People(chat: Chat) -> impl IntoView {
    let words = chat.words;
    view! {
        <aside class="people" id=PEOPLE_ID popover="auto" aria-label=words.people()>
            <h2 class="people-title">
                {words.people()} " " <span>{move || chat.people.with(|here| here.count).to_string()}</span>
            </h2>
            <ul class="people-list" inner_html=move || list(chat)></ul>
            <p class="people-others">{move || others(chat)}</p>
            <button class="rooms-settings icon-settings" type="button" data-act="rename">
                {words.change_name()}
            </button>
        </aside>
    }
}

fn list(chat: Chat) -> String {
    let (me, words) = (chat.user_id.get(), chat.words);
    let mut page = String::new();
    chat.people.with(|here| {
        for person in &here.people {
            let (user_id, name) = (person.user_id, person.name.as_deref());
            page.push_str("<li class=\"person\">");
            avatar::write(&mut page, user_id, name);
            put(
                &mut page,
                &[
                    "<span class=\"person-name\">",
                    &words.name(name, user_id),
                    "</span>",
                ],
            );
            if me == Some(user_id) {
                put(&mut page, &["<span class=\"person-me\">", words.me(), "</span>"]);
            }
            page.push_str("</li>");
        }
    });
    page
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
