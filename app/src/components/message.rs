//! A message: a row of the timeline.

use std::sync::Arc;

use client::Message;
use client::model::{Quote, Reaction};
use client::outbox::SendState;
use client::room::Edge;
use leptos::prelude::*;
use protocol::{ClientId, EventId, UserId};

use super::{avatar, message_text};
use crate::browser::clock;
use crate::drawn::Drawn;
use crate::html::put;
use crate::row_id::row_id;
use crate::state::{Chat, Connection, PendingRow};
use crate::words::Words;

/// For how long after a message another one of the same author goes on with it, in milliseconds.
const GROUP_MS: u64 = 5 * 60 * 1_000;
/// The times of day at which days begin somewhere, in milliseconds: in UTC, all time zones' begin at a quarter.
const QUARTER_MS: u64 = 15 * 60 * 1_000;
/// Names that are told of those who put an emoji to a message.
const REACTION_NAMES_MAX: usize = 10;

/// The messages and, after them, our posts that have no place among them yet.
pub(super) fn rows(chat: Chat) -> Vec<Row> {
    let me = chat.user_id.get();
    let place = chat.timeline.get();
    let mut rows = chat.messages.with(|messages| {
        // Where what lies between is not loaded, the first row is not the first that is unread.
        let first = messages.first().map_or(0, |first| first.message.seq);
        let mut line = place
            .read_line
            .filter(|line| place.older == Edge::End || first <= line + 1);
        let mut missed = place.missed;
        let row = |shown: &client::outbox::EchoedMessage| {
            let message = Arc::clone(&shown.message);
            let (seq, is_own) = (message.seq, me == Some(message.user_id));
            Row {
                is_own,
                is_here: place.here == Some(seq),
                waits: shown.echo_of,
                missed: missed
                    .take_if(|missed| seq > missed.after)
                    .map_or(0, |missed| missed.count),
                is_unread: line.take_if(|line| seq > *line && !is_own).is_some(),
                ..Row::new(message)
            }
        };
        messages.iter().map(row).collect::<Vec<Row>>()
    });
    let (connection, words) = (chat.connection.get(), chat.words);
    chat.pending.with(|posts| {
        let posts = posts.iter().filter(|post| post.is_message);
        rows.extend(posts.map(|post| Row::pending(post, me, connection, words)));
    });
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
                && !row.is_unread
                && row.message.reply_to().is_none()
        });
        before = Some(row);
    }
}

/// A row. Nothing in it changes: when what it shows does, so does its key.
pub(super) struct Row {
    message: Arc<Message>,
    is_own: bool,
    /// Whether it is the one that was asked for.
    is_here: bool,
    /// Whether it goes on with the row before: of the same author, and shortly after it.
    goes_on: bool,
    /// Whether it is the first of a day.
    begins_day: bool,
    /// Whether it is the first that is unread.
    is_unread: bool,
    /// How many messages were missed, where this is the first of them.
    missed: u64,
    /// The last change of ours that it shows although the server has not told of it yet.
    waits: Option<ClientId>,
    fate: Option<Fate>,
}

/// What becomes of something that the room does not have yet.
#[derive(Clone, Copy)]
pub(super) struct Fate {
    state: &'static str,
    pub(super) reason: &'static str,
    pub(super) is_stuck: bool,
    can_discard: bool,
}

impl Fate {
    pub(super) fn of(post: &PendingRow, connection: Connection, words: &Words) -> Self {
        let (state, reason) = words.fate(post.state, connection.phase);
        Self {
            state,
            reason,
            is_stuck: !matches!(post.state, SendState::Waiting | SendState::Sent),
            can_discard: post.can_discard,
        }
    }

    /// Writes why it is stuck, and what can be done about it.
    pub(super) fn write(self, page: &mut String, client_id: ClientId, words: &Words) {
        if !self.is_stuck && !self.can_discard {
            return;
        }
        put(
            page,
            &["<p class=\"message-fate\"><span>", self.reason, "</span>"],
        );
        let client_id = client_id.to_string();
        for (is_there, act, name) in [
            (self.is_stuck, "retry", words.retry()),
            (self.can_discard, "discard", words.discard()),
        ] {
            if is_there {
                put(
                    page,
                    &[
                        "<button type=\"button\" data-act=\"",
                        act,
                        "\" data-client=\"",
                        &client_id,
                        "\">",
                        name,
                        "</button>",
                    ],
                );
            }
        }
        page.push_str("</p>");
    }
}

impl Row {
    fn new(message: Arc<Message>) -> Self {
        Self {
            message,
            is_own: false,
            is_here: false,
            goes_on: false,
            begins_day: false,
            is_unread: false,
            missed: 0,
            waits: None,
            fate: None,
        }
    }

    /// The row of a post that has no place in the room yet.
    fn pending(post: &PendingRow, me: Option<UserId>, connection: Connection, words: &Words) -> Self {
        let fate = Fate::of(post, connection, words);
        let message = Message {
            seq: 0,
            rev: 0,
            id: EventId::from_bytes([0; 16]),
            client_id: post.client_id,
            user_id: me.unwrap_or(UserId::from_bytes([0; 16])),
            name: None,
            message: post.text.clone(),
            at: post.written_at,
            details: None,
        };
        Self {
            is_own: true,
            fate: Some(fate),
            ..Self::new(Arc::new(message))
        }
    }

    /// What it shows, in two numbers: rows with the same two look the same.
    pub(super) fn key(&self) -> (u64, u64) {
        let message = &*self.message;
        let quote = message.reply_to().map_or("", |quote| &quote.excerpt);
        let mut look = Fingerprint::new();
        // Rooms begin at the same numbers.
        look.add(*message.id.as_bytes());
        look.add(message.rev.to_le_bytes());
        look.add(self.waits.map_or([0; 16], |client_id| *client_id.as_bytes()));
        look.add(
            [
                self.is_own,
                self.is_here,
                self.goes_on,
                self.begins_day,
                self.is_unread,
            ]
            .map(u8::from),
        );
        look.add(self.missed.to_le_bytes());
        look.add(quote.bytes());
        if let Some(fate) = self.fate {
            look.add(message.client_id.as_bytes().iter().copied());
            look.add(fate.state.bytes().chain(fate.reason.bytes()));
            look.add([fate.is_stuck, fate.can_discard].map(u8::from));
        }
        (message.seq, look.0)
    }

    fn class(&self) -> String {
        let is_stuck = self.fate.is_some_and(|fate| fate.is_stuck);
        let mut class = String::from("message");
        for (is_so, name) in [
            (self.is_own, " message-own"),
            (self.goes_on, " message-on"),
            (self.message.is_deleted(), " message-deleted"),
            (self.fate.is_some(), " message-pending"),
            (is_stuck, " message-stuck"),
        ] {
            if is_so {
                class.push_str(name);
            }
        }
        class
    }

    pub(super) fn view(&self, chat: Chat) -> Drawn {
        let (seq, at) = (self.message.seq.to_string(), self.message.at);
        let mut page = String::new();
        put(
            &mut page,
            &[
                "<li class=\"",
                &self.class(),
                "\" data-seq=\"",
                &seq,
                "\" data-at=\"",
                &at.to_string(),
                "\"",
            ],
        );
        if self.message.seq > 0 {
            put(
                &mut page,
                &[" tabindex=\"-1\" id=\"", &row_id(self.message.seq), "\""],
            );
        }
        if self.begins_day {
            let day = clock::day_name(at, chat.words.tag());
            put(&mut page, &[" data-day=\"", &day, "\""]);
        }
        if self.is_here {
            page.push_str(" data-here");
        }
        page.push('>');
        self.write(&mut page, chat);
        page.push_str("</li>");
        Drawn(page)
    }

    /// Writes what stands in it.
    fn write(&self, page: &mut String, chat: Chat) {
        let (message, words) = (&*self.message, chat.words);
        let (at, user_id, name) = (message.at, message.user_id, message.name.as_deref());
        let has_menu = self.fate.is_none() && !message.is_deleted();
        if self.missed > 0 {
            put(
                page,
                &["<p class=\"missed\">", &words.missed(self.missed), "</p>"],
            );
        } else if self.is_unread {
            put(
                page,
                &["<p class=\"missed unread\">", words.unread_from_here(), "</p>"],
            );
        }
        avatar::write(page, user_id, name);
        put(
            page,
            &["<p class=\"message-author\">", &words.name(name, user_id), "</p>"],
        );
        if let Some(quote) = message.reply_to() {
            write_quote(page, chat, quote);
        }
        if message.is_deleted() {
            message_text::write(page, words.deleted_message(), None, words);
        } else {
            message_text::write(page, &message.message, message.html(), words);
        }
        let is_edited = message.edited_at().is_some() && has_menu;
        let edited = if is_edited { " message-beside-edited" } else { "" };
        put(page, &["<div class=\"message-beside", edited, "\">"]);
        if is_edited {
            put(
                page,
                &["<span class=\"message-edited\">", words.edited(), "</span>"],
            );
        }
        let state = self
            .fate
            .map_or_else(|| clock::short(at), |fate| fate.state.to_owned());
        put(
            page,
            &[
                "<time datetime=\"",
                &clock::machine(at),
                "\" title=\"",
                &clock::full(at, words.tag()),
                "\">",
                &state,
                "</time>",
            ],
        );
        if has_menu {
            put(
                page,
                &[
                    "<button class=\"message-more icon-more\" type=\"button\" tabindex=\"-1\" data-act=\"menu\" aria-haspopup=\"menu\" aria-label=\"",
                    words.message_menu(),
                    "\"></button>",
                ],
            );
        }
        page.push_str("</div>");
        if !message.reactions().is_empty() {
            page.push_str("<div class=\"reactions\">");
            for reaction in message.reactions() {
                write_reaction(page, chat, reaction);
            }
            page.push_str("</div>");
        }
        if let Some(fate) = self.fate {
            fate.write(page, message.client_id, words);
        }
    }
}

/// A number for what has been added to it (FNV-1a, 64 bits).
struct Fingerprint(u64);

impl Fingerprint {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Writes what a message answers: a way there.
fn write_quote(page: &mut String, chat: Chat, quote: &Quote) {
    let words = chat.words;
    let room = chat.room.get_untracked();
    let text = if quote.excerpt.is_empty() {
        words.deleted_message().to_owned()
    } else {
        quote.excerpt.replace('\n', " ")
    };
    put(
        page,
        &[
            "<a class=\"message-quote\" href=\"",
            &client::wire::endpoints::place(room.as_str(), quote.seq),
            "\"><b>",
            &words.name(quote.name.as_deref(), quote.user_id),
            "</b> ",
            &text,
            "</a>",
        ],
    );
}

/// Writes an emoji under a message, and a button to put one's own to it.
fn write_reaction(page: &mut String, chat: Chat, reaction: &Reaction) {
    let user_ids = &reaction.user_ids;
    let me = chat.user_id.get_untracked();
    let is_mine = user_ids.iter().any(|user_id| me == Some(*user_id));
    let names = user_ids
        .iter()
        .take(REACTION_NAMES_MAX)
        .map(|user_id| chat.name_of(*user_id));
    put(
        page,
        &[
            "<button type=\"button\" class=\"reaction\" data-act=\"react\" data-emoji=\"",
            &reaction.emoji,
            "\" aria-pressed=\"",
            if is_mine { "true" } else { "false" },
            "\" title=\"",
            &names.collect::<Vec<_>>().join(", "),
            "\">",
            &reaction.emoji,
            " ",
            &user_ids.len().to_string(),
            "</button>",
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25 November 2026, 12:00 in UTC.
    const NOON: u64 = 1_795_608_000_000;

    fn row(author: u8, at: u64) -> Row {
        Row::new(Arc::new(Message {
            seq: 1,
            rev: 1,
            id: EventId::from_bytes([0; 16]),
            client_id: ClientId::from_bytes([0; 16]),
            user_id: UserId::from_bytes([author; 16]),
            name: None,
            message: String::from("text"),
            at,
            details: None,
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
