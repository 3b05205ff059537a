//! The room's name and what it is about, who is in it, and how this page is connected to it.

use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::components::people::PEOPLE_ID;
use crate::components::rooms::ROOMS_ID;

/// The heading. Its last word says what carries the chat, for the few who want to know.
#[component]
pub(crate) fn Heading(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let is_lobby = move || chat.room.with(|room| room.is_lobby());
    let topic = move || {
        let topic = chat.topic.get();
        if topic.is_empty() {
            words.no_topic().to_owned()
        } else {
            topic
        }
    };
    view! {
        <header class="heading">
            <button
                class="heading-button heading-rooms icon-menu"
                type="button"
                aria-label=words.rooms()
                popovertarget=ROOMS_ID
            ></button>
            <a
                class="heading-button heading-home icon-back"
                href="/"
                hidden=is_lobby
                aria-label=words.to_lobby()
            ></a>
            <h1>{words.heading()}</h1>
            <span class="heading-room" hidden=is_lobby>
                {move || chat.room.get().to_string()}
            </span>
            <button
                class="heading-topic"
                type="button"
                data-act="room"
                class:heading-topic-none=move || chat.topic.with(String::is_empty)
            >
                {topic}
            </button>
            <span class="heading-line" title=move || words.line_title(chat.line.get())>
                {move || words.line(chat.line.get())}
            </span>
            <button
                class="heading-button heading-people icon-people"
                type="button"
                aria-label=words.people()
                popovertarget=PEOPLE_ID
            >
                <span aria-hidden="true">{move || chat.people.with(|here| here.count).to_string()}</span>
            </button>
        </header>
    }
}
