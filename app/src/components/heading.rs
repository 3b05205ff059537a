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
    let (unread, is_mentioned) = elsewhere(chat);
    let mut rooms = words.rooms().to_owned();
    if unread > 0 {
        rooms = [&*rooms, " ", &*words.unread(unread)].concat();
        if is_mentioned {
            rooms = [&*rooms, ", ", words.mentioned()].concat();
        }
    }
    html! {
        button
            class="heading-button heading-rooms icon-menu"
            type="button"
            popovertarget=(ROOMS_ID)
            title=(rooms)
            aria-label=(rooms)
        {
            @if unread > 0 {
                span .heading-unread .rooms-mentioned[is_mentioned] {}
            }
        }
        a
            class="heading-button heading-home icon-home"
            href="/"
            title=(words.to_lobby())
            aria-label=(words.to_lobby())
            hidden[room.is_lobby()] {}
        h1 {
            span .heading-room { (words.room(&room)) }
            " "
            span .heading-kind { (words.heading()) }
        }
        button type="button" data-act="room" .heading-topic .heading-topic-none[topic.is_empty()] {
            @if topic.is_empty() { (words.no_topic()) } @else { (topic) }
        }
        span .heading-line title=(words.connection_title(connection)) { (words.connection(connection)) }
        button
            class="heading-button heading-people icon-people"
            type="button"
            popovertarget=(PEOPLE_ID)
            title=(words.people())
            aria-label={ (words.people()) " " (count) }
        {
            span { (count) }
        }
    }
}

/// How much is unread in the rooms that are not open, and whether we are named there.
fn elsewhere(chat: Chat) -> (u64, bool) {
    let room = chat.room.get();
    chat.rooms.with(|rooms| {
        let others = rooms.iter().filter(|other| other.name != room.as_str());
        others.fold((0, false), |(unread, is_mentioned), other| {
            (unread + other.unread, is_mentioned || other.is_mentioned)
        })
    })
}
