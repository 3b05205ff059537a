//! What was said.

use std::sync::Arc;

use client::Message;
use client::outbox::State;
use client::timeline::Edge;
use leptos::prelude::*;
use leptos::web_sys::{Element, Event};
use protocol::{ClientId, EventId, UserId};

use super::avatar;
use crate::browser::{self, clock};
use crate::chat_app::{Chat, Line, Post};
use crate::words::Words;

/// How near the top one has to scroll for older messages to be fetched, in CSS pixels.
const NEAR_TOP_PX: i32 = 600;
/// For how long after a message another one of the same author goes on with it, in milliseconds.
const GROUP_MS: u64 = 5 * 60 * 1_000;
/// The times of day at which days begin somewhere, in milliseconds: in UTC, all time zones' begin at a quarter.
const QUARTER_MS: u64 = 15 * 60 * 1_000;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let scrolled = move |event: Event| {
        if chat.older.get_untracked() == Edge::More && is_near_top(&event_target(&event)) {
            browser::show_older();
        }
    };
    let words = chat.words;
    view! {
        <div class="timeline" id="timeline" tabindex="0" on:scroll=scrolled>
            <div class="timeline-content">
                <Above chat />
                <div role="log" aria-label=words.timeline()>
                    <ol class="messages">
                        <For each=move || rows(chat) key=Row::key children=move |row| row.view(chat) />
                    </ol>
                </div>
                <p class="timeline-empty">
                    <strong>{words.empty_title()}</strong>
                    <span>{words.empty_hint()}</span>
                </p>
            </div>
        </div>
    }
}

fn is_near_top(scroller: &Element) -> bool {
    scroller.scroll_height() - scroller.client_height() + scroller.scroll_top() < NEAR_TOP_PX
}

/// What stands above the first message.
#[component]
fn Above(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let older = chat.older;
    let text = move || match older.get() {
        Edge::End => words.room_begins(),
        Edge::More => words.older(),
        Edge::Loading => words.older_loading(),
        Edge::Failed => words.older_failed(),
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
        ..Row::new(message)
    });
    let mut rows: Vec<Row> = sent.collect();
    let line = chat.line.get();
    let words = chat.words;
    rows.extend(
        chat.posts
            .get()
            .into_iter()
            .map(|post| Row::pending(post, me, line, words)),
    );
    group(&mut rows);
    rows
}

/// Finds out which rows go on with the one before, and which are the first of a day.
fn group(rows: &mut [Row]) {
    let (mut quarter, mut day) = (0, 0);
    let mut before: Option<&Row> = None;
    for row in rows {
        let at = row.message.at;
        let day_before = day;
        // The browser is asked for a day no more often than one can begin.
        if quarter != at / QUARTER_MS || before.is_none() {
            quarter = at / QUARTER_MS;
            day = clock::day(at);
        }
        row.begins_day = before.is_none() || day != day_before;
        row.goes_on = before.is_some_and(|before| {
            before.message.user_id == row.message.user_id
                && at.saturating_sub(before.message.at) < GROUP_MS
                && row.missed == 0
        });
        before = Some(row);
    }
}

/// A row. Nothing in it changes: when what it shows does, so does its key.
struct Row {
    message: Arc<Message>,
    is_own: bool,
    /// Whether it goes on with the row before: of the same author, and shortly after it.
    goes_on: bool,
    /// Whether it is the first of a day.
    begins_day: bool,
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
    fn of(post: &Post, line: Line, words: &Words) -> Self {
        let (state, reason) = words.fate(post.state, line.phase);
        Self {
            state,
            reason,
            is_stuck: !matches!(post.state, State::Waiting | State::Sent),
            can_discard: post.can_discard,
        }
    }

    /// Why it is stuck, and what can be done about it.
    fn view(self, client_id: ClientId, words: &'static Words) -> impl IntoView + use<> {
        (self.is_stuck || self.can_discard).then(|| {
            view! {
                <p class="message-fate">
                    <span>{self.reason}</span>
                    <button type="button" hidden=!self.is_stuck on:click=move |_| browser::retry(client_id)>
                        {words.retry()}
                    </button>
                    <button type="button" hidden=!self.can_discard on:click=move |_| browser::discard(client_id)>
                        {words.discard()}
                    </button>
                </p>
            }
        })
    }
}

impl Row {
    fn new(message: Arc<Message>) -> Self {
        Self {
            message,
            is_own: false,
            goes_on: false,
            begins_day: false,
            missed: 0,
            fate: None,
        }
    }

    /// The row of a post that has no place in the room yet.
    fn pending(post: Post, me: Option<UserId>, line: Line, words: &Words) -> Self {
        let fate = Fate::of(&post, line, words);
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
            is_own: true,
            fate: Some(fate),
            ..Self::new(Arc::new(message))
        }
    }

    fn key(&self) -> (u64, u64, ClientId, [bool; 3], u64, Option<Fate>) {
        let Message {
            seq, rev, client_id, ..
        } = *self.message;
        let kind = [self.is_own, self.goes_on, self.begins_day];
        (seq, rev, client_id, kind, self.missed, self.fate)
    }

    fn class(&self) -> String {
        let is_stuck = self.fate.is_some_and(|fate| fate.is_stuck);
        let mut class = String::from("message");
        for (is_so, name) in [
            (self.is_own, " message-own"),
            (self.goes_on, " message-on"),
            (self.fate.is_some(), " message-pending"),
            (is_stuck, " message-stuck"),
        ] {
            if is_so {
                class.push_str(name);
            }
        }
        class
    }

    fn view(&self, chat: Chat) -> impl IntoView + use<> {
        let words = chat.words;
        let Message {
            seq,
            client_id,
            user_id,
            at,
            ..
        } = *self.message;
        let missed = (self.missed > 0).then(|| view! { <li class="missed">{words.missed(self.missed)}</li> });
        let state = self
            .fate
            .map_or_else(|| clock::short(at), |fate| fate.state.to_owned());
        let row = view! {
            <li
                class=self.class()
                data-seq=seq.to_string()
                data-id=self.message.id.to_string()
                data-client=client_id.to_string()
                data-user=user_id.to_string()
                data-at=at.to_string()
                data-day=self.begins_day.then(|| clock::day_name(at, words.tag()))
            >
                <span class=avatar::class(user_id) aria-hidden="true">{avatar::signs(user_id)}</span>
                <p class="message-author">{words.guest(user_id)}</p>
                <p class="message-text">{self.message.message.clone()}</p>
                <time datetime=clock::machine(at) title=clock::full(at, words.tag())>{state}</time>
                {self.fate.map(|fate| fate.view(client_id, words))}
            </li>
        };
        (missed, row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25 November 2026, 12:00 in UTC.
    const NOON: u64 = 1_795_608_000_000;

    fn row(author: u8, at: u64) -> Row {
        Row::new(Arc::new(Message {
            seq: 1,
            id: EventId::from_bytes([0; 16]),
            client_id: ClientId::from_bytes([0; 16]),
            user_id: UserId::from_bytes([author; 16]),
            message: String::from("text"),
            at,
        }))
    }

    fn grouped(mut rows: Vec<Row>) -> Vec<(bool, bool)> {
        group(&mut rows);
        rows.iter().map(|row| (row.goes_on, row.begins_day)).collect()
    }

    #[test]
    fn what_one_says_within_five_minutes_goes_on_and_the_words_of_another_do_not() {
        let minute = 60_000;
        let rows = vec![
            row(1, NOON),
            row(1, NOON + 4 * minute),
            row(1, NOON + 9 * minute),
            row(2, NOON + 9 * minute),
            row(1, NOON + 9 * minute),
        ];
        assert_eq!(
            grouped(rows),
            [
                (false, true),
                (true, false),
                (false, false),
                (false, false),
                (false, false)
            ]
        );
    }

    #[test]
    fn a_day_begins_with_its_first_message_and_with_the_first_row() {
        let hour = 3_600_000;
        let rows = vec![
            row(1, NOON),
            row(2, NOON + 11 * hour),
            row(1, NOON + 12 * hour),
            row(2, NOON + 13 * hour),
            row(1, NOON + 50 * hour),
        ];
        let days: Vec<bool> = grouped(rows).into_iter().map(|(_, day)| day).collect();
        assert_eq!(days, [true, false, true, false, true]);
    }
}
