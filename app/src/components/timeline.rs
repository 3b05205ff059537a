//! What was said.

use std::sync::Arc;

use client::Message;
use client::outbox::State;
use client::timeline::Edge;
use leptos::prelude::*;
use leptos::web_sys::{Element, Event};
use protocol::{ClientId, EventId, UserId};

use crate::chat_app::{Chat, Line, Post};
use crate::{browser, time, words};

/// How near the top one has to scroll for older messages to be fetched, in CSS pixels.
const NEAR_TOP_PX: i32 = 600;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let scrolled = move |event: Event| {
        if chat.older.get_untracked() == Edge::More && is_near_top(&event_target(&event)) {
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
fn Above(older: RwSignal<Edge>) -> impl IntoView {
    let text = move || match older.get() {
        Edge::End => words::ROOM_BEGINS,
        Edge::More => words::OLDER,
        Edge::Loading => words::OLDER_LOADING,
        Edge::Failed => words::OLDER_FAILED,
    };
    let is_idle = move || matches!(older.get(), Edge::End | Edge::Loading);
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

/// The messages and, after them, our posts that have no place among them yet.
fn rows(chat: Chat) -> Vec<Row> {
    let me = chat.user_id.get();
    let mut missed = chat.missed.get();
    let sent = chat.messages.get().into_iter().map(|message| Row {
        is_own: me == Some(message.user_id),
        missed: missed
            .take_if(|missed| message.seq > missed.after)
            .map_or(0, |missed| missed.count),
        message,
        fate: None,
    });
    let mut rows: Vec<Row> = sent.collect();
    let line = chat.line.get();
    rows.extend(
        chat.posts
            .get()
            .into_iter()
            .map(|post| Row::pending(post, me, line)),
    );
    rows
}

/// A row. Nothing in it changes: when what it shows does, so does its key.
struct Row {
    message: Arc<Message>,
    is_own: bool,
    /// How many messages were missed, where this is the first of them.
    missed: u64,
    fate: Option<Fate>,
}

/// What becomes of a post that has no place in the room yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Fate {
    state: &'static str,
    reason: &'static str,
    is_stuck: bool,
    can_discard: bool,
}

impl Fate {
    fn of(post: &Post, line: Line) -> Self {
        let (state, reason) = words::fate(post.state, line.phase);
        Self {
            state,
            reason,
            is_stuck: !matches!(post.state, State::Waiting | State::Sent),
            can_discard: post.can_discard,
        }
    }

    /// Why it is stuck, and what can be done about it.
    fn view(self, client_id: ClientId) -> impl IntoView + use<> {
        (self.is_stuck || self.can_discard).then(|| {
            view! {
                <p class="message-fate">
                    <span>{self.reason}</span>
                    <button type="button" hidden=!self.is_stuck on:click=move |_| browser::retry(client_id)>
                        {words::RETRY}
                    </button>
                    <button type="button" hidden=!self.can_discard on:click=move |_| browser::discard(client_id)>
                        {words::DISCARD}
                    </button>
                </p>
            }
        })
    }
}

impl Row {
    /// The row of a post that has no place in the room yet.
    fn pending(post: Post, me: Option<UserId>, line: Line) -> Self {
        let fate = Fate::of(&post, line);
        let message = Message {
            seq: 0,
            rev: 0,
            id: EventId::from_bytes([0; 16]),
            client_id: post.client_id,
            user_id: me.unwrap_or(UserId::from_bytes([0; 16])),
            name: None,
            message: post.text,
            at: post.written_at,
            extras: None,
        };
        Self {
            message: Arc::new(message),
            is_own: true,
            missed: 0,
            fate: Some(fate),
        }
    }

    fn key(&self) -> (u64, u64, ClientId, bool, u64, Option<Fate>) {
        let Message {
            seq, rev, client_id, ..
        } = *self.message;
        (seq, rev, client_id, self.is_own, self.missed, self.fate)
    }

    fn class(&self) -> &'static str {
        match (self.fate, self.is_own) {
            (Some(Fate { is_stuck: true, .. }), _) => "message message-own message-pending message-stuck",
            (Some(_), _) => "message message-own message-pending",
            (None, true) => "message message-own",
            (None, false) => "message",
        }
    }

    fn clock(&self, chat: Chat) -> String {
        let at = self.message.at;
        match self.fate {
            Some(fate) => fate.state.to_owned(),
            None if chat.is_alive.get_value() => time::short(at, browser::minutes_east(at)),
            None => time::short(at, 0),
        }
    }

    fn view(&self, chat: Chat) -> impl IntoView + use<> {
        let Message {
            seq,
            client_id,
            user_id,
            at,
            ..
        } = *self.message;
        let missed =
            (self.missed > 0).then(|| view! { <li class="missed">{words::missed(self.missed)}</li> });
        let row = view! {
            <li
                class=self.class()
                data-seq=seq.to_string()
                data-id=self.message.id.to_string()
                data-client=client_id.to_string()
                data-user=user_id.to_string()
                data-at=at.to_string()
            >
                <p class="message-head">
                    <span class="message-author">{words::guest(user_id)}</span>
                    <time datetime=time::machine(at)>{self.clock(chat)}</time>
                </p>
                <p class="message-text">{self.message.message.clone()}</p>
                {self.fate.map(|fate| fate.view(client_id))}
            </li>
        };
        (missed, row)
    }
}
