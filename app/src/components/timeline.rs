//! What was said.

use std::sync::Arc;

use client::Message;
use client::posts::Post;
use client::timeline::Older;
use leptos::prelude::*;
use leptos::web_sys::{Element, Event};
use protocol::{ClientId, EventId, UserId};

use crate::chat_app::Chat;
use crate::{browser, time, words};

/// How near the top one has to scroll for older messages to be fetched, in CSS pixels.
const NEAR_TOP_PX: i32 = 600;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let scrolled = move |event: Event| {
        if chat.older.get_untracked() == Older::More && is_near_top(&event_target(&event)) {
            browser::show_older();
        }
    };
    view! {
        <div class="timeline" id="timeline" on:scroll=scrolled>
            <div class="timeline-content">
                <Above older=chat.older />
                <ol class="messages" role="log" aria-label=words::TIMELINE>
                    <For each=move || rows(chat) key=Row::key children=move |row| row.view(chat) />
                </ol>
                <p class="timeline-empty">{words::EMPTY_ROOM}</p>
            </div>
        </div>
    }
}

fn is_near_top(scroller: &Element) -> bool {
    scroller.scroll_height() - scroller.client_height() + scroller.scroll_top() < NEAR_TOP_PX
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

/// The messages and, after them, our posts that are on their way.
fn rows(chat: Chat) -> Vec<Row> {
    let me = chat.user_id.get();
    let sent = chat.messages.get().into_iter().map(|message| Row {
        is_own: me == Some(message.user_id),
        message,
    });
    let posts = chat.posts.get();
    sent.chain(posts.iter().map(|post| Row::pending(post, me)))
        .collect()
}

/// A row. Nothing in it changes: when what it shows does, so does its key.
struct Row {
    message: Arc<Message>,
    is_own: bool,
}

impl Row {
    /// The row of a post that has no place in the room yet.
    fn pending(post: &Post, me: Option<UserId>) -> Self {
        let message = Message {
            seq: 0,
            id: EventId::from_bytes([0; 16]),
            client_id: post.client_id,
            user_id: me.unwrap_or(UserId::from_bytes([0; 16])),
            message: post.text.clone(),
            at: 0,
        };
        Self {
            message: Arc::new(message),
            is_own: true,
        }
    }

    fn key(&self) -> (u64, ClientId, bool) {
        (self.message.seq, self.message.client_id, self.is_own)
    }

    fn view(&self, chat: Chat) -> impl IntoView + use<> {
        let Message { seq, user_id, at, .. } = *self.message;
        let class = match (seq, self.is_own) {
            (0, _) => "message message-own message-pending",
            (_, true) => "message message-own",
            (_, false) => "message",
        };
        let clock = if seq == 0 {
            words::PENDING.to_owned()
        } else if chat.is_alive.get_value() {
            time::short(at, browser::minutes_east(at))
        } else {
            time::short(at, 0)
        };
        view! {
            <li
                class=class
                data-seq=seq.to_string()
                data-id=self.message.id.to_string()
                data-client=self.message.client_id.to_string()
                data-user=user_id.to_string()
                data-at=at.to_string()
            >
                <p class="message-head">
                    <span class="message-author">{words::guest(user_id)}</span>
                    <time datetime=time::machine(at)>{clock}</time>
                </p>
                <p class="message-text">{self.message.message.clone()}</p>
            </li>
        }
    }
}
