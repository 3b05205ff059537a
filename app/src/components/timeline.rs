//! What was said.

use client::timeline::Edge;
use leptos::prelude::*;

use super::message::{self, Row};
use crate::browser;
use crate::chat_app::Chat;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
///
/// Those who listen hear what is said in a place of its own: rows are put above, let go and drawn anew, and a log that is
/// all of them would say much of it twice.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let is_loading = move || chat.place.get().older == Edge::Loading && chat.messages.with(Vec::is_empty);
    view! {
        <div class="timeline-frame">
            <section
                class="timeline"
                id="timeline"
                tabindex="0"
                aria-label=words.timeline()
                on:scroll=|_| browser::scrolled()
            >
                <div class="timeline-content" class:timeline-loading=is_loading>
                    <Above chat />
                    <ol class="messages">
                        <For each=move || message::rows(chat) key=Row::key children=move |row| row.view(chat) />
                    </ol>
                    <p class="timeline-empty">
                        <strong>{words.empty_title()}</strong>
                        <span>{words.empty_hint()}</span>
                    </p>
                    <Below chat />
                </div>
            </section>
            <Jumps chat />
            <p class="toast" aria-hidden="true">{move || chat.toast.get()}</p>
            <div class="unseen" role="log" aria-label=words.hearing()>
                {move || chat.heard.get()}
            </div>
        </div>
    }
}

/// What stands above the first message. A link, so that it leads there without a script too.
#[component]
fn Above(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let text = move || match chat.place.get().older {
        Edge::End => words.room_begins(),
        Edge::More => words.older(),
        Edge::Loading => words.older_loading(),
        Edge::Failed => words.older_failed(),
    };
    let address = move || {
        let can_load = matches!(chat.place.get().older, Edge::More | Edge::Failed);
        let first = chat.messages.with(|rows| rows.first().map(|row| row.message.seq));
        first
            .filter(|_| can_load)
            .map(|seq| page_of(chat, "?before=", seq))
    };
    view! {
        <a class="timeline-edge timeline-above" data-act="older" href=address>
            {text}
        </a>
    }
}

/// What stands below the last message.
#[component]
fn Below(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let text = move || match chat.place.get().newer {
        Edge::End => "",
        Edge::More => words.newer(),
        Edge::Loading => words.newer_loading(),
        Edge::Failed => words.newer_failed(),
    };
    let address = move || {
        let can_load = matches!(chat.place.get().newer, Edge::More | Edge::Failed);
        let last = chat.messages.with(|rows| rows.last().map(|row| row.message.seq));
        last.filter(|_| can_load).map(|seq| page_of(chat, "?after=", seq))
    };
    view! {
        <a
            class="timeline-edge timeline-below"
            data-act="newer"
            href=address
            hidden=move || chat.place.get().newer == Edge::End
        >
            {text}
        </a>
    }
}

fn page_of(chat: Chat, query: &str, seq: u64) -> String {
    let room = chat.room.with(|room| client::address::page(room.as_str()));
    [&*room, query, &*seq.to_string()].concat()
}

/// The ways to what is not in view: the first unread message, and the newest.
#[component]
fn Jumps(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let is_away = move || {
        let place = chat.place.get();
        !place.is_at_end || place.newer != Edge::End
    };
    let newest = move || match chat.place.get().unseen {
        0 => words.to_end().to_owned(),
        unseen => words.new_messages(unseen),
    };
    view! {
        <button
            class="jump jump-unread icon-up"
            type="button"
            data-act="first-unread"
            hidden=move || chat.place.get().first_unread.is_none()
        >
            {words.to_first_unread()}
        </button>
        <button class="jump jump-end icon-down" type="button" data-act="end" hidden=move || !is_away()>
            {newest}
        </button>
    }
}
