//! Completing a name while it is being written.

use leptos::prelude::*;

use crate::html::put;
use crate::shared::{flag, text};
use crate::state::Chat;

/// The list's id, for the input that it belongs to.
pub(super) const MENTIONS_ID: &str = "mentions";

/// The names that would complete what is being written (a listbox, ARIA 1.2: the input keeps the focus).
#[component]
pub(super) fn MentionList(chat: Chat) -> impl IntoView {
    view! {
        <ul
            class="mention-list"
            id=MENTIONS_ID
            role="listbox"
            aria-label=chat.words.mention()
            hidden=flag(move || chat.mentions.with(|mentions| mentions.names.is_empty()))
            inner_html=text(move || options(chat))
        ></ul>
    }
}

fn options(chat: Chat) -> String {
    let mut page = String::new();
    chat.mentions.with(|mentions| {
        for (at, name) in mentions.names.iter().enumerate() {
            let is_selected = if at == mentions.selected { "true" } else { "false" };
            put(
                &mut page,
                &[
                    "<li role=\"option\" class=\"mention-option\" data-act=\"mention\" id=\"",
                    &option_id(at),
                    "\" aria-selected=\"",
                    is_selected,
                    "\">",
                    name,
                    "</li>",
                ],
            );
        }
    });
    page
}

/// The id of the option at this place.
pub(super) fn option_id(at: usize) -> String {
    String::from("mention-") + &at.to_string()
}
