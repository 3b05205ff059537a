//! The room's name and what it is about, who is in it, and how this page is connected to it.

use leptos::prelude::*;
use maud::{Markup, html};

use crate::components::people::{self, PEOPLE_ID};
use crate::components::rooms::ROOMS_ID;
use crate::shared::html as drawn;
use crate::state::Chat;

/// The heading. Its last word says what carries the chat, for the few who want to know.
#[component]
pub(crate) fn Heading(chat: Chat) -> impl IntoView {
    view! { <header class="heading" inner_html=drawn(move || heading(chat))></header> }
}

fn heading(chat: Chat) -> Markup {
    let (words, connection, room) = (chat.words, chat.connection.get(), chat.room.get());
    let topic = chat.topic.get();
    let count = people::count(chat);
    html! {
        button
            class="heading-button heading-rooms icon-menu"
            type="button"
            popovertarget=(ROOMS_ID)
            aria-label=(words.rooms()) {}
        a
            class="heading-button heading-home icon-back"
            href="/"
            aria-label=(words.to_lobby())
            hidden[room.is_lobby()] {}
        h1 { (words.heading()) }
        span .heading-room hidden[room.is_lobby()] { (room.as_str()) }
        button type="button" data-act="room" .heading-topic .heading-topic-none[topic.is_empty()] {
            @if topic.is_empty() { (words.no_topic()) } @else { (topic) }
        }
        span .heading-line title=(words.connection_title(connection)) { (words.connection(connection)) }
        button
            class="heading-button heading-people icon-people"
            type="button"
            popovertarget=(PEOPLE_ID)
            aria-label={ (words.people()) " " (count) }
        {
            span { (count) }
        }
    }
}
