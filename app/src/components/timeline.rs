//! What was said.

use std::sync::Arc;

use client::Message;
use client::timeline::Older;
use leptos::html::Div;
use leptos::prelude::*;

use crate::chat_app::Chat;
use crate::{browser, time, words};

/// How near the top one has to scroll for older messages to be fetched, in CSS pixels.
const NEAR_TOP_PX: i32 = 600;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let scroller = NodeRef::<Div>::new();
    let near_top = move || {
        scroller.get_untracked().is_some_and(|scroller| {
            scroller.scroll_height() - scroller.client_height() + scroller.scroll_top() < NEAR_TOP_PX
        })
    };
    let scrolled = move |_| {
        if chat.older.get_untracked() == Older::More && near_top() {
            browser::show_older();
        }
    };
    let rows = move || chat.messages.get();
    let is_empty = move || chat.messages.with(Vec::is_empty) && chat.posts.with(Vec::is_empty);

    view! {
        <div class="timeline" id="timeline" node_ref=scroller on:scroll=scrolled>
            <div class="timeline-content">
                <Above older=chat.older />
                <ol class="messages" role="log" aria-label=words::TIMELINE>
                    <For each=rows key=|message| message.seq children=move |message| row(chat, &message) />
                </ol>
                <ol class="messages messages-pending" aria-label=words::PENDING>
                    <For each=move || chat.posts.get() key=|post| post.client_id let(post)>
                        <li class="message message-own message-pending">
                            <p class="message-head">{words::PENDING}</p>
                            <p class="message-text">{post.text}</p>
                        </li>
                    </For>
                </ol>
                <p class="timeline-empty" class:shown=is_empty>
                    {words::EMPTY_ROOM}
                </p>
            </div>
        </div>
    }
}

/// What stands above the first message.
#[component]
fn Above(older: RwSignal<Older>) -> impl IntoView {
    let text = move || match older.get() {
        Older::Begin => words::ROOM_BEGINS,
        Older::More => words::OLDER,
        Older::Loading => words::OLDER_LOADING,
        Older::Failed => words::OLDER_FAILED,
    };
    let is_idle = move || matches!(older.get(), Older::Begin | Older::Loading);
    view! {
        <button
            class="timeline-above"
            type="button"
            disabled=is_idle
            on:click=move |_| browser::show_older()
        >
            {text}
        </button>
    }
}

fn row(chat: Chat, message: &Arc<Message>) -> impl IntoView + use<> {
    let Message { seq, user_id, at, .. } = **message;
    let is_own = move || chat.user_id.get() == Some(user_id);
    let clock = move || {
        let east = if chat.is_local.get() {
            browser::minutes_east(at)
        } else {
            0
        };
        time::short(at, east)
    };
    view! {
        <li
            class="message"
            class:message-own=is_own
            data-seq=seq.to_string()
            data-id=message.id.to_string()
            data-client=message.client_id.to_string()
            data-user=user_id.to_string()
            data-at=at.to_string()
        >
            <p class="message-head">
                <span class="message-author">{words::guest(user_id)}</span>
                <time datetime=time::machine(at)>{clock}</time>
            </p>
            <p class="message-text">{message.message.clone()}</p>
        </li>
    }
}
