//! The row of an item of the timeline, as HTML. When what it shows changes, so does its key, and `rows.rs` brings it up to date.

use client::room::items::{Content, Item, Marker};
use leptos::prelude::*;
use maud::{Markup, html};
use protocol::UserId;

use super::delivery_note::DeliveryNote;
use super::{quote, reactions, text};
use crate::browser::{self, clock};
use crate::components::avatar;
use crate::row_id::{pending_row_id, row_id};
use crate::state::{Chat, Intent};
use crate::words::Words;

/// Which row it is, and what it shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// The same for as long as it is the row of the same message, or of the same row of the outbox.
    pub(super) id: u64,
    /// The same for as long as the row looks the same.
    pub(super) look: u64,
}

pub(super) fn key(item: &Item, note: Option<DeliveryNote>, chat: Chat) -> Key {
    let (mut id, mut look) = (Fingerprint::new(), Fingerprint::new());
    let flags = [item.is_own, item.is_target, item.continues, item.begins_day];
    look.add(flags.map(u8::from));
    look.add([u8::from(is_meant(item, chat))]);
    let (marker, missed) = match item.marker {
        None => (0, 0),
        Some(Marker::Unread) => (1, 0),
        Some(Marker::Missed(count)) => (2, count),
    };
    look.add([marker]);
    look.add(missed.to_le_bytes());
    match &item.content {
        Content::Message(echoed) => {
            let message = &*echoed.message;
            // Not its `seq`: rooms begin at the same numbers.
            id.add(*message.id.as_bytes());
            look.add(message.rev.to_le_bytes());
            look.add(echoed.echo_of.map_or([0; 16], |client_id| *client_id.as_bytes()));
            look.add([u8::from(echoed.echo_of.is_some() && browser::has_marks())]);
            let mut name = |user_id, then| {
                look.add(chat.called(user_id, then).text().bytes());
                look.add([chat.alike(user_id).colour]);
            };
            name(message.user_id, message.name.as_deref());
            if let Some(quote) = message.reply_to() {
                name(quote.user_id, quote.name.as_deref());
            }
            for user_id in reactions::named(message.reactions()) {
                name(*user_id, None);
            }
            look.add(message.reply_to().map_or("", |quote| &quote.excerpt).bytes());
        }
        Content::Pending(row) => {
            id.add(*row.client_id.as_bytes());
            look.add([u8::from(browser::has_marks())]);
        }
    }
    if let Some(note) = note {
        look.add(note.state.bytes().chain(note.reason.bytes()));
        look.add([note.is_stuck, note.can_discard].map(u8::from));
    }
    Key {
        id: id.0,
        look: look.0,
    }
}

/// Draws the row: one element.
pub(super) fn draw(item: &Item, note: Option<DeliveryNote>, chat: Chat) -> String {
    let (words, at) = (chat.words, item.at());
    let message = item.message();
    let is_deleted = message.is_some_and(|message| message.is_deleted());
    let user_id = match message {
        Some(message) => message.user_id,
        None => chat.user_id.get_untracked().unwrap_or(NOBODY),
    };
    let then = message.and_then(|message| message.name.as_deref());
    let name = chat.name_now(user_id, then);
    let name = name.as_deref();
    let was = words.name(then, user_id);
    let card = chat
        .room
        .with_untracked(|room| client::wire::endpoints::person(room.as_str(), user_id));
    // A name that is read out and not seen is no stop of its own.
    let is_seen = !item.is_own && (!item.continues || item.begins_day);
    let id = match &item.content {
        Content::Message(echoed) => row_id(echoed.message.seq),
        Content::Pending(row) => pending_row_id(row.client_id),
    };
    let drawn = html! {
        li .message
            .message-own[item.is_own]
            .message-on[item.continues]
            .message-deleted[is_deleted]
            .message-meant[is_meant(item, chat)]
            .message-calls-me[calls_me(item, chat)]
            .message-pending[note.is_some()]
            .message-stuck[note.is_some_and(|note| note.is_stuck)]
            data-seq=(message.map_or(0, |message| message.seq).to_string())
            data-at=(at.to_string())
            tabindex="-1"
            id=(id)
            data-day=[item.begins_day.then(|| clock::day_name(at, words.tag()))]
            data-here[item.is_target]
        {
            (marker(item.marker, words))
            (avatar::draw_link(user_id, name, chat.alike(user_id).colour, &card))
            p .message-author title=[(message.is_some() && name != then).then_some(was)] {
                a .message-name href=(card) data-act="part" tabindex=[(!is_seen).then_some("-1")] {
                    (chat.called(user_id, then).draw())
                }
            }
            @match &item.content {
                Content::Message(echoed) => {
                    @if let Some(quoted) = echoed.message.reply_to() {
                        (quote::draw(quoted, chat))
                    }
                    @if is_deleted {
                        (text::draw(words.deleted_message(), None, words))
                    } @else {
                        @let own = echoed.echo_of.and_then(|_| browser::marked(&echoed.message.message, chat));
                        (text::draw(&echoed.message.message, echoed.message.html().or(own.as_deref()), words))
                    }
                }
                Content::Pending(row) => (text::draw(&row.text, browser::marked(&row.text, chat).as_deref(), words)),
            }
            (beside(item, note, words))
            @if let Some(message) = message {
                (reactions::draw(message.reactions(), chat))
            }
            @if let (Some(note), Content::Pending(row)) = (note, &item.content) {
                (note.draw(row.client_id, words))
            }
        }
    };
    drawn.into_string()
}

/// Whether it is what is being answered or edited.
fn is_meant(item: &Item, chat: Chat) -> bool {
    let meant = chat.intent.with_untracked(Intent::target);
    item.message().is_some_and(|message| message.seq == meant)
}

/// Whether it mentions the person whose page this is.
fn calls_me(item: &Item, chat: Chat) -> bool {
    let me = chat.user_id.get_untracked();
    item.message()
        .is_some_and(|message| message.mentions().iter().any(|user_id| Some(*user_id) == me))
}

/// Whoever writes before they are somebody.
const NOBODY: UserId = UserId::from_bytes([0; 16]);

/// The marker above the message.
fn marker(marker: Option<Marker>, words: &Words) -> Markup {
    html! {
        @match marker {
            None => {}
            Some(Marker::Missed(count)) => p .missed { (words.missed(count)) },
            Some(Marker::Unread) => p .missed .unread { (words.unread_from_here()) },
        }
    }
}

/// What stands beside the text: whether it was edited, its time or what becomes of it, and its menu.
fn beside(item: &Item, note: Option<DeliveryNote>, words: &Words) -> Markup {
    let at = item.at();
    let message = item.message().filter(|message| !message.is_deleted());
    let is_edited = message.is_some_and(|message| message.edited_at().is_some());
    html! {
        div .message-beside .message-beside-edited[is_edited] {
            @if is_edited {
                button .message-edited type="button" tabindex="-1" data-act="edits" title=(words.former_texts()) {
                    (words.edited())
                }
            }
            time datetime=(clock::machine(at)) title=(clock::full(at)) {
                @match note {
                    Some(note) => (note.state),
                    None => (clock::short(at)),
                }
            }
            @if message.is_some() {
                button
                    class="message-more icon-more"
                    type="button"
                    tabindex="-1"
                    data-act="menu"
                    aria-haspopup="menu"
                    title=(words.message_menu())
                    aria-label=(words.message_menu()) {}
            }
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
