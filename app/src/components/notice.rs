//! The line between the timeline and the input: how the connection is, and why a post was refused.

use client::connection::Status;
use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::words;

/// Says what is amiss, and nothing when all is well. Both places are always there, so that a screen reader listens
/// to them and nothing moves when they fill.
#[component]
pub(crate) fn Notice(chat: Chat) -> impl IntoView {
    let line = move || match chat.status.get() {
        Status::Down => words::DOWN,
        Status::Refused => words::REFUSED,
        Status::Idle | Status::Connecting | Status::Online => "",
    };
    let refusal = move || chat.refusal.get().map_or("", words::refusal);
    view! {
        <div class="notice">
            <p class="notice-line" role="status">
                {line}
            </p>
            <p class="notice-refusal" role="alert">
                {refusal}
            </p>
        </div>
    }
}
