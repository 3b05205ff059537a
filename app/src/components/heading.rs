//! The room's name, and how this page is connected to it.

use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::words;

/// The heading. Its last word says what carries the chat, for the few who want to know.
#[component]
pub(crate) fn Heading(chat: Chat, room: String, is_lobby: bool) -> impl IntoView {
    view! {
        <header class="heading">
            <h1>{words::HEADING}</h1>
            <span class="heading-room" hidden=is_lobby>{room}</span>
            <span class="heading-line" title=move || words::line_title(chat.line.get())>
                {move || words::line(chat.line.get())}
            </span>
            <a class="heading-home" href="/" hidden=is_lobby>{words::TO_LOBBY}</a>
        </header>
    }
}
