//! The line between the timeline and the input: how the connection is, and why a post was refused.

use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::words;

/// Says what is amiss, and nothing when all is well. The places are always there, so that a screen reader listens
/// to them and nothing moves when they fill. The seconds that are counted down are not read out.
#[component]
pub(crate) fn Notice(chat: Chat) -> impl IntoView {
    let line = move || words::trouble(chat.line.get());
    let next = move || words::next_try(chat.line.get().seconds);
    let storage = move || {
        if chat.line.get().is_unstored {
            words::NOT_STORED
        } else {
            ""
        }
    };
    let refusal = move || chat.refusal.get().map_or("", words::refusal);
    view! {
        <div class="notice">
            <p class="notice-line">
                <span role="status">{line}</span>
                <span class="notice-next" aria-hidden="true">{next}</span>
            </p>
            <p class="notice-line">{storage}</p>
            <p class="notice-refusal" role="alert">
                {refusal}
            </p>
        </div>
    }
}
