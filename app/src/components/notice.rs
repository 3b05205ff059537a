//! The lines between the timeline and the input: who is typing, how the connection is, what is stuck, and why something was
//! refused.

use client::model::Operation;
use leptos::prelude::*;
use maud::{Markup, html};

use super::message::delivery_note::DeliveryNote;
use crate::row_id::pending_row_id;
use crate::shared::{content, html as drawn, text};
use crate::state::Chat;

/// Says what is amiss, and nothing when all is well. The places are always there, so that a screen reader listens
/// to them and nothing moves when they fill. The seconds that are counted down are not read out, nor who is typing.
#[component]
pub(crate) fn Notice(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let trouble = move || words.trouble(chat.connection.get());
    let next = move || words.next_try(chat.connection.get().seconds);
    let storage = move || {
        if chat.connection.get().is_unstored {
            words.not_stored()
        } else {
            ""
        }
    };
    let refusal = move || chat.refusal.get().map_or("", |code| words.refusal(code));
    view! {
        <div class="notice">
            <p class=text(move || shown(&trouble()))>
                <span role="status" inner_html=content(trouble)></span>
                <span class="notice-next" aria-hidden="true" inner_html=content(next)></span>
            </p>
            <p class=text(move || shown(storage())) inner_html=content(storage)></p>
            <div aria-live="polite" inner_html=drawn(move || stuck(chat))></div>
            <p class=text(move || shown(refusal())) role="alert" inner_html=content(refusal)></p>
            <p class="typing" inner_html=content(move || typing(chat))></p>
        </div>
    }
}

/// The class of a place: it is seen when there is something in it.
const fn shown(text: &str) -> &'static str {
    if text.is_empty() { "" } else { "notice-on" }
}

/// Who is typing.
fn typing(chat: Chat) -> String {
    let words = chat.words;
    chat.people.with(|here| match &*here.typing {
        [] => String::new(),
        [one] => words.typing(&words.name(one.name.as_deref(), one.user_id)),
        [one, others @ ..] => {
            words.typing_too(&words.name(one.name.as_deref(), one.user_id), others.len() as u64)
        }
    })
}

/// What was to be changed and is not, each with what can be done about it.
fn stuck(chat: Chat) -> Markup {
    let (connection, words) = (chat.connection.get(), chat.words);
    let pending = chat.pending.get();
    html! {
        @for row in pending.iter().filter(|row| row.operation != Operation::Post) {
            @let note = DeliveryNote::new(row, connection, words);
            @if note.is_stuck {
                div class="notice-on notice-stuck" tabindex="-1" id=(pending_row_id(row.client_id)) {
                    span { (words.change_stuck()) }
                    (note.draw(row.client_id, words))
                }
            }
        }
    }
}
