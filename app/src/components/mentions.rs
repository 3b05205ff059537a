//! Completing a name while it is being written.

use leptos::prelude::*;
use maud::{Markup, html};

use crate::shared::{flag, html as drawn};
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
            hidden=flag(move || chat.mentions.with(|mentions| mentions.people.is_empty()))
            inner_html=drawn(move || options(chat))
        ></ul>
    }
}

fn options(chat: Chat) -> Markup {
    let mentions = chat.mentions.get();
    html! {
        @for (at, person) in mentions.people.iter().enumerate() {
            li
                role="option"
                class="mention-option"
                data-act="mention"
                id=(option_id(at))
                aria-selected=(if at == mentions.selected { "true" } else { "false" })
            { (chat.called(person.user_id, person.name.as_deref()).draw()) }
        }
    }
}

/// The id of the option at this place.
pub(super) fn option_id(at: usize) -> String {
    String::from("mention-") + &at.to_string()
}
