//! The lines between the timeline and the input: how the connection is, and why a post was refused.

use leptos::prelude::*;

use crate::chat_app::Chat;

/// Says what is amiss, and nothing when all is well. The places are always there, so that a screen reader listens
/// to them and nothing moves when they fill. The seconds that are counted down are not read out.
#[component]
pub(crate) fn Notice(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let line = move || words.trouble(chat.line.get());
    let next = move || words.next_try(chat.line.get().seconds);
    let storage = move || {
        if chat.line.get().is_unstored {
            words.not_stored()
        } else {
            ""
        }
    };
    let refusal = move || chat.refusal.get().map_or("", |code| words.refusal(code));
    view! {
        <div class="notice">
            <p class=move || shown(line())>
                <span role="status">{line}</span>
                <span class="notice-next" aria-hidden="true">
                    {next}
                </span>
            </p>
            <p class=move || shown(storage())>{storage}</p>
            <p class=move || shown(refusal()) role="alert">
                {refusal}
            </p>
        </div>
    }
}

/// The class of a place: it is seen when there is something in it.
const fn shown(text: &str) -> &'static str {
    if text.is_empty() { "" } else { "notice-on" }
}
