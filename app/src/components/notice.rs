//! The lines between the timeline and the input: who is typing, how the connection is, what is stuck, and why something was
//! refused.

use client::Person;
use client::model::Operation;
use leptos::prelude::*;
use maud::{Markup, html};

use super::message::delivery_note::DeliveryNote;
use crate::row_id::pending_row_id;
use crate::shared::{content, html as drawn, text};
use crate::state::Chat;

/// Changes that are shown as stuck at once; more would leave no room for the timeline.
const STUCK_MAX: usize = 3;

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
    // In a room without messages it is said in their place.
    let not_joined = move || {
        let refused = chat.timeline.get().refused;
        let refused = refused.filter(|_| chat.messages.with(|messages| !messages.is_empty()));
        refused.map_or("", |code| words.join_refusal(code)).to_owned()
    };
    let refusal = move || {
        let refusal = chat.refusal.get();
        if refusal.is_empty() { not_joined() } else { refusal }
    };
    view! {
        <div class="notice">
            <p class=text(move || shown(&trouble()))>
                <span role="status" inner_html=content(trouble)></span>
                <span class="notice-next" aria-hidden="true" inner_html=content(next)></span>
            </p>
            <p class=text(move || shown(storage())) inner_html=content(storage)></p>
            <div aria-live="polite" inner_html=drawn(move || stuck(chat))></div>
            <p class=text(move || shown(&refusal())) role="alert" inner_html=content(refusal)></p>
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
    let name = |person: &Person| chat.called(person.user_id, person.name.as_deref()).text();
    chat.people.with(|here| match &*here.typing {
        [] => String::new(),
        [one] => words.typing(&name(one)),
        [one, others @ ..] => words.typing_too(&name(one), others.len() as u64),
    })
}

/// What was to be changed and is not, the last few of it, each with its text and with what can be done about it; and what can be
/// done about all that is stuck, in other rooms, too.
fn stuck(chat: Chat) -> Markup {
    let (connection, words) = (chat.connection.get(), chat.words);
    let pending = chat.pending.get();
    let changes = pending
        .iter()
        .rev()
        .filter(|row| row.operation != Operation::Post);
    let notes = changes.map(|row| (row, DeliveryNote::new(row, connection, words)));
    html! {
        @for (row, note) in notes.filter(|(_, note)| note.is_stuck).take(STUCK_MAX) {
            div class="notice-on notice-stuck" tabindex="-1"
                id=(pending_row_id(row.client_id))
                data-seq=(row.target.to_string())
            {
                span { (words.change_stuck()) }
                (note.draw(row.client_id, words))
                @if !row.text.is_empty() {
                    p .message-note .notice-text {
                        @if row.operation == Operation::Edit {
                            button type="button" data-act="edit" { (words.correct()) }
                        }
                        button type="button" data-act="copy-code" { (words.copy()) }
                        q dir="auto" { (row.text) }
                    }
                }
            }
        }
        @if connection.stuck > 1 {
            div class="notice-on notice-stuck" {
                span { (words.stuck(connection.stuck)) }
                p .message-note {
                    button type="button" data-act="retry-all" { (words.retry_all()) }
                    button type="button" data-act="discard-all" { (words.discard_all()) }
                }
            }
        }
    }
}
