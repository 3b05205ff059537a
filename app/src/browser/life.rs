//! Starts the client when the page is mounted, stops it when the page goes, and tells it when nobody looks.

use std::cell::RefCell;
use std::time::Duration;

use client::model::Transports;
use client::tab::{Config, Input, Tab};
use leptos::prelude::{IsDisposed as _, WindowListenerHandle, set_timeout};
use web_sys::Event;

use super::driver::{self, step};
use super::events::listen;
use super::io::local_storage;
use super::render::{connection, frame, look, mark_and_show, rendered};
use super::system::text;
use super::{composer, dom, effects, events, io};
use crate::start::Start;
use crate::state::Chat;

thread_local! {
    static LISTENERS: RefCell<Vec<WindowListenerHandle>> = const { RefCell::new(Vec::new()) };
}

/// Starts the client from what the page shows, and connects it: in a task of its own, for on a slow phone that and taking the
/// page over are too long for one.
pub(crate) fn connect_soon(chat: Chat, start: Start) {
    let begin = move || {
        // The page may have been taken down again.
        if !chat.room.is_disposed() {
            connect(chat, &start);
        }
    };
    set_timeout(begin, Duration::ZERO);
}

fn connect(chat: Chat, start: &Start) {
    let mut transports = Transports::default();
    if let Some((first, beat_ms)) = local_storage::transport() {
        (transports.first, transports.beat_ms) = (first, beat_ms);
    }
    let config = Config {
        room: start.room.clone(),
        user_id: start.user_id,
        name: start.name.clone(),
        page: start.page.clone(),
        read_line: start.read_line(),
        transports,
    };
    io::open(step);
    driver::start(Tab::new(config), chat, effects::carry_out);
    rendered::begin(start);
    connection::begin();
    composer::begin(chat);
    let mut listeners = events::listeners();
    listeners.extend([
        listen("online", |_| step(Input::Online)),
        listen("offline", |_| step(Input::Offline)),
        listen("visibilitychange", |_| visibility()),
        listen("pagehide", |_| leave()),
        listen("pageshow", |_| begin()),
        listen("storage", stored_elsewhere),
        listen("marks", |_| frame::soon()),
    ]);
    LISTENERS.set(listeners);
    begin();
    match start.place {
        Some(seq) => mark_and_show(seq),
        None => look(),
    }
}

/// Closes the connection and drops the client.
pub(crate) fn disconnect() {
    leave();
    driver::stop();
    io::close();
    LISTENERS
        .take()
        .into_iter()
        .for_each(WindowListenerHandle::remove);
}

/// The page is there, or is back from the browser's cache.
fn begin() {
    let shared = io::open_tab_channel();
    step(Input::Start {
        shared,
        visible: !dom::is_hidden(),
    });
}

/// The page goes, into the browser's cache perhaps.
fn leave() {
    composer::store();
    step(Input::Stop);
    io::close_tab_channel();
}

/// Another tab has stored something in `localStorage`, or removed it.
fn stored_elsewhere(event: &Event) {
    if local_storage::is_row(&text(event, "key")) {
        step(Input::StoredElsewhere);
    } else {
        composer::sent_elsewhere(event);
    }
}

fn visibility() {
    let is_visible = !dom::is_hidden();
    step(Input::Visible(is_visible));
    if !is_visible {
        composer::store();
        // Whoever turns away has seen what was there.
        step(Input::Seen);
        frame::without_screen();
    }
}
