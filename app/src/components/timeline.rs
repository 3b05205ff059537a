//! What was said.

use client::model::Phase;
use client::room::Edge;
use client::room::items::{Content, Item, ItemSource, items};
use leptos::prelude::*;
use maud::{Markup, html};

use super::message;
use super::message::delivery_note::DeliveryNote;
use crate::browser::{self, clock};
use crate::shared::{content, flag, html as drawn, text};
use crate::state::Chat;
use crate::words::fill;

/// The messages, in a box that is scrolled from its end: its origin is the newest message (the style sheet turns it
/// over), so that it opens there without a script, and rows put above move nothing.
///
/// Those who listen hear what is said in a place of its own: rows are put above, let go and drawn anew, and a log that is
/// all of them would say much of it twice.
#[component]
pub(crate) fn Timeline(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let is_loading = move || chat.timeline.get().older == Edge::Loading && chat.messages.with(Vec::is_empty);
    let is_away = move || is_loading() && matches!(chat.connection.get().phase, Phase::Down | Phase::Refused);
    let content_class = move || {
        if is_away() {
            "timeline-content timeline-away"
        } else if is_loading() {
            "timeline-content timeline-loading"
        } else {
            "timeline-content"
        }
    };
    let empty = move || {
        let room = chat.room.get();
        if is_away() {
            return html! {
                strong { (words.away_title()) }
                span { (words.away_hint()) }
            };
        }
        let refused = chat.timeline.get().refused;
        html! {
            strong { (if refused.is_some() { words.not_joined() } else { words.empty_title() }) }
            @if let Some(code) = refused {
                span { (words.join_refusal(code)) }
            } @else if room.is_lobby() {
                span { (words.empty_hint()) }
            } @else {
                span { (fill(words.empty_room(), room.as_str())) }
                a href=(client::wire::endpoints::page(room.as_str())) { "/rooms/" (room.as_str()) }
            }
        }
    };
    let rows = move || message::Rows {
        rows: rows(chat),
        chat,
    };
    view! {
        <div class="timeline-frame">
            <section
                class="timeline"
                id="timeline"
                tabindex="0"
                aria-label=words.timeline()
                on:scroll=|_| browser::scrolled()
            >
                <div class=text(content_class)>
                    <div class="timeline-above" inner_html=drawn(move || above(chat))></div>
                    <ol class="messages">
                        {rows}
                    </ol>
                    <p class="timeline-empty" inner_html=drawn(empty)></p>
                    <div class="timeline-below" inner_html=drawn(move || below(chat))></div>
                </div>
            </section>
            <p class="timeline-day" aria-hidden="true"></p>
            <div class="jumps" inner_html=drawn(move || jumps(chat))></div>
            <p class="toast" aria-hidden="true" hidden=flag(move || chat.toast.with(String::is_empty)) inner_html=content(move || chat.toast.get())></p>
            <div
                class="unseen"
                role="log"
                aria-label=words.hearing()
                inner_html=text(move || chat.announcements.get())
            ></div>
        </div>
    }
}

/// The items of the timeline, and what is said of those that are on their way.
fn rows(chat: Chat) -> Vec<(Item, Option<DeliveryNote>)> {
    let (timeline, connection) = (chat.timeline.get(), chat.connection.get());
    chat.intent.track();
    let items = chat.messages.with(|messages| {
        chat.pending.with(|pending| {
            let source = ItemSource {
                messages,
                pending,
                me: chat.user_id.get(),
                older: timeline.older,
                read_line: timeline.read_line,
                missed: timeline.missed,
                target: timeline.target,
            };
            items(source, clock::day)
        })
    });
    let note = |item: Item| {
        let note = match &item.content {
            Content::Pending(row) => Some(DeliveryNote::new(row, connection, chat.words)),
            Content::Message(_) => None,
        };
        (item, note)
    };
    items.into_iter().map(note).collect()
}

/// What stands above the first message.
fn above(chat: Chat) -> Markup {
    let (words, edge) = (chat.words, chat.timeline.get().older);
    let label = match edge {
        Edge::End => words.room_begins(),
        Edge::More => words.older(),
        Edge::Loading => words.older_loading(),
        Edge::Failed => words.older_failed(),
    };
    let first = chat.messages.with(|rows| rows.first().map(|row| row.message.seq));
    edge_link(chat, edge, label, first.map(|seq| ("older", "?before=", seq)))
}

/// What stands below the last message.
fn below(chat: Chat) -> Markup {
    let (words, edge) = (chat.words, chat.timeline.get().newer);
    let label = match edge {
        Edge::End => return Markup::default(),
        Edge::More => words.newer(),
        Edge::Loading => words.newer_loading(),
        Edge::Failed => words.newer_failed(),
    };
    let last = chat.messages.with(|rows| rows.last().map(|row| row.message.seq));
    edge_link(chat, edge, label, last.map(|seq| ("newer", "?after=", seq)))
}

/// A link to what lies beyond, so that it leads there without a script too; where nothing is to be had, just words.
fn edge_link(chat: Chat, edge: Edge, label: &str, link: Option<(&str, &str, u64)>) -> Markup {
    let can_load = matches!(edge, Edge::More | Edge::Failed);
    html! {
        @if let Some((act, query, seq)) = link.filter(|_| can_load) {
            @let room = chat.room.with(|room| client::wire::endpoints::page(room.as_str()));
            a .timeline-edge data-act=(act) href={ (room) (query) (seq.to_string()) } { (label) }
        } @else {
            p .timeline-edge { (label) }
        }
    }
}

/// The ways to what is not in view: the first unread message, and the newest.
fn jumps(chat: Chat) -> Markup {
    let (words, timeline) = (chat.words, chat.timeline.get());
    let newest = match timeline.unseen {
        0 => words.to_end().to_owned(),
        unseen => words.new_messages(unseen),
    };
    html! {
        @if timeline.first_unread.is_some() {
            button class="jump jump-unread icon-up" type="button" data-act="first-unread" {
                (words.to_first_unread())
            }
        }
        @if !timeline.is_at_end || timeline.newer != Edge::End {
            button class="jump jump-end icon-down" type="button" data-act="end" { (newest) }
        }
    }
}
