//! Who is here.

use leptos::prelude::*;

use super::avatar;
use crate::html::put;
use crate::shared::text;
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
            inner_html=text(move || html(chat))
        ></aside>
    }
}

fn html(chat: Chat) -> String {
    let (me, words) = (chat.user_id.get(), chat.words);
    let mut page = String::new();
    chat.people.with(|here| {
        put(
            &mut page,
            &[
                "<h2 class=\"people-title\">",
                words.people(),
                " <span>",
                &count(chat),
                "</span></h2><ul class=\"people-list\">",
            ],
        );
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
        put(
            &mut page,
            &[
                "</ul><p class=\"people-others\">",
                &others(chat),
                "</p><button class=\"rooms-settings icon-settings\" type=\"button\" data-act=\"rename\">",
                words.change_name(),
                "</button>",
            ],
        );
    });
    page
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
