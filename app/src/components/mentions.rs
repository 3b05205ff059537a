//! Completing a name while it is being written.

use leptos::prelude::*;

use crate::browser;
use crate::chat_app::Chat;

/// The list's id, for the input that it belongs to.
pub(super) const MENTIONS_ID: &str = "mentions";

/// The names that would complete what is being written (a listbox, ARIA 1.2: the input keeps the focus).
#[component]
pub(super) fn MentionList(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let options = move || {
        let mentions = chat.mentions.get();
        let option = |(at, name): (usize, Box<str>)| {
            view! {
                <li
                    role="option"
                    class="mention-option"
                    id=option_id(at)
                    aria-selected=if at == mentions.selected { "true" } else { "false" }
                    on:mousedown=move |event| {
                        event.prevent_default();
                        browser::complete(at);
                    }
                >
                    {name.into_string()}
                </li>
            }
        };
        mentions
            .names
            .into_iter()
            .enumerate()
            .map(option)
            .collect::<Vec<_>>()
    };
    view! {
        <ul
            class="mention-list"
            id=MENTIONS_ID
            role="listbox"
            aria-label=words.mention()
            hidden=move || chat.mentions.with(|mentions| mentions.names.is_empty())
        >
            {options}
        </ul>
    }
}

/// The id of the option at this place.
pub(super) fn option_id(at: usize) -> String {
    String::from("mention-") + &at.to_string()
}
