//! The room's name and what it is about, who is in it, and how this page is connected to it.

use leptos::prelude::*;

use crate::components::people::{self, PEOPLE_ID};
use crate::components::rooms::ROOMS_ID;
use crate::html::put;
use crate::shared::text;
use crate::state::Chat;

/// The heading. Its last word says what carries the chat, for the few who want to know.
#[component]
pub(crate) fn Heading(chat: Chat) -> impl IntoView {
    view! { <header class="heading" inner_html=text(move || html(chat))></header> }
}

fn html(chat: Chat) -> String {
    let (words, connection, room) = (chat.words, chat.connection.get(), chat.room.get());
    let hidden = if room.is_lobby() { " hidden" } else { "" };
    let topic = chat.topic.get();
    let count = people::count(chat);
    let (topic, none) = if topic.is_empty() {
        (words.no_topic(), " heading-topic-none")
    } else {
        (&*topic, "")
    };
    let mut page = String::new();
    put(
        &mut page,
        &[
            "<button class=\"heading-button heading-rooms icon-menu\" type=\"button\" popovertarget=\"",
            ROOMS_ID,
            "\" aria-label=\"",
            words.rooms(),
            "\"></button><a class=\"heading-button heading-home icon-back\" href=\"/\" aria-label=\"",
            words.to_lobby(),
            "\"",
            hidden,
            "></a><h1>",
            words.heading(),
            "</h1><span class=\"heading-room\"",
            hidden,
            ">",
            room.as_str(),
            "</span><button type=\"button\" data-act=\"room\" class=\"heading-topic",
            none,
            "\">",
            topic,
            "</button><span class=\"heading-line\" title=\"",
            words.connection_title(connection),
            "\">",
            words.connection(connection),
            "</span><button class=\"heading-button heading-people icon-people\" type=\"button\" popovertarget=\"",
            PEOPLE_ID,
            "\" aria-label=\"",
            &[words.people(), " ", &*count].concat(),
            "\"><span>",
            &count,
            "</span></button>",
        ],
    );
    page
}
