//! The room's name, and how this page is connected to it.

use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::components::rooms::ROOMS_ID;

/// The heading. Its last word says what carries the chat, for the few who want to know.
#[component]
pub(crate) fn Heading(chat: Chat, room: String, is_lobby: bool) -> impl IntoView {
    let words = chat.words;
    view! {
        <header class="heading">
            <button
                class="heading-rooms icon-menu"
                type="button"
                aria-label=words.rooms()
                popovertarget=ROOMS_ID
            ></button>
            <a class="heading-home icon-back" href="/" hidden=is_lobby aria-label=words.to_lobby()></a>
            <h1>{words.heading()}</h1>
            <span class="heading-room" hidden=is_lobby>{room}</span>
            <span class="heading-line" title=move || words.line_title(chat.line.get())>
                {move || words.line(chat.line.get())}
            </span>
        </header>
    }
}
