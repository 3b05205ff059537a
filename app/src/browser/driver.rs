//! Runs the client: hands it what happens, carries out what it asks for.
//!
//! There is one chat in a page, so there is one driver, kept for the thread. It is never borrowed while signals are
//! written. Nothing that carries out an effect hands in an input by itself: what comes of it comes later.

use std::cell::RefCell;
use std::time::Duration;

use client::effect::Effect;
use client::frames::Page;
use client::link::Kinds;
use client::tab::{Config, Input, Tab};
use leptos::prelude::*;
use protocol::{ClientId, RoomName};
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestInit;

use super::channels::Channels;
use super::neighbours::Neighbours;
use super::store::Store;
use super::{dom, fetch, memory, scroll, system};
use crate::Start;
use crate::chat_app::{Chat, Line, Post};

/// How long a plain request may take, in milliseconds.
const FETCH_MAX_MS: u64 = 15_000;
/// How often what is shown is brought up to date while nobody can see it, in milliseconds.
const HIDDEN_FRAME_MS: u64 = 250;
/// How long after a key what is being written is kept, in milliseconds.
const DRAFT_MS: u64 = 400;

struct Driver {
    tab: Tab,
    chat: Chat,
    room: RoomName,
    channels: Channels,
    neighbours: Option<Neighbours>,
    store: Store,
    timer: Option<TimeoutHandle>,
    /// Whether what is shown will be brought up to date with the next frame of the screen.
    is_stale: bool,
    /// Whether what is being written will be kept in a moment.
    is_writing: bool,
    /// Whether the seconds until the next attempt are being counted down.
    is_counting: bool,
    /// Whether this browser stores nothing.
    is_unstored: bool,
    listeners: [WindowListenerHandle; 4],
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Starts the client from what the page shows, and connects it.
pub(crate) fn connect(chat: Chat, start: &Start) {
    let page = start.epoch.map(|epoch| Page {
        epoch,
        seq: start.seq,
        topic: String::new(),
        messages: start.messages.clone(),
        has_older: start.has_older,
        has_newer: false,
    });
    let mut kinds = Kinds::default();
    kinds.first = memory::kind().unwrap_or(kinds.first);
    let config = Config {
        room: start.room.clone(),
        user_id: start.user_id,
        name: None,
        page,
        kinds,
    };
    let driver = Driver {
        tab: Tab::new(config),
        chat,
        room: start.room.clone(),
        channels: Channels::default(),
        neighbours: None,
        store: Store::open(),
        timer: None,
        is_stale: false,
        is_writing: false,
        is_counting: false,
        is_unstored: false,
        listeners: [
            listen("online", || step(Input::Online)),
            listen("visibilitychange", visibility),
            listen("pagehide", leave),
            listen("pageshow", begin),
        ],
    };
    DRIVER.set(Some(driver));
    restore_draft(chat, &start.room);
    begin();
}

/// Closes the line and forgets the client.
pub(crate) fn disconnect() {
    leave();
    if let Some(driver) = DRIVER.take() {
        driver
            .listeners
            .into_iter()
            .for_each(WindowListenerHandle::remove);
    }
}

/// Says something in the room.
pub(crate) fn post(text: String) {
    step(Input::Post(system::seed(), text));
}

/// Tries a message that is stuck again.
pub(crate) fn retry(client_id: ClientId) {
    step(Input::Retry(system::seed(), client_id));
}

/// Lets a message go that was not sent.
pub(crate) fn discard(client_id: ClientId) {
    step(Input::Discard(client_id));
}

/// Asks for the messages above the first.
pub(crate) fn show_older() {
    step(Input::Older);
}

/// Something is being written: keeps it in a moment.
pub(crate) fn writing() {
    if with(|driver| std::mem::replace(&mut driver.is_writing, true)) == Some(false) {
        set_timeout(keep_draft, Duration::from_millis(DRAFT_MS));
    }
}

/// Hands the client an input and carries out what it asks for.
pub(super) fn step(input: Input<'_>) {
    let mut effects = Vec::new();
    with(|driver| driver.tab.step(system::now(), input, &mut effects));
    for effect in effects {
        carry_out(effect);
    }
}

/// Closes a channel that is done with.
pub(super) fn close(id: u32) {
    with(|driver| driver.channels.close(id));
}

fn with<T>(use_it: impl FnOnce(&mut Driver) -> T) -> Option<T> {
    DRIVER.with_borrow_mut(|driver| driver.as_mut().map(use_it))
}

fn listen(name: &str, call: fn()) -> WindowListenerHandle {
    window_event_listener_untyped(name, move |_| call())
}

/// The page is there, or is back from the browser's cache.
fn begin() {
    let shared = with(|driver| {
        driver.neighbours = driver.neighbours.take().or_else(Neighbours::open);
        driver.neighbours.is_some()
    });
    step(Input::Start {
        shared: shared == Some(true),
        visible: !document().hidden(),
    });
}

/// The page goes, into the browser's cache perhaps.
fn leave() {
    keep_draft();
    step(Input::Stop);
    with(|driver| driver.neighbours = None);
}

fn visibility() {
    let is_visible = !document().hidden();
    step(Input::Visible(is_visible));
    if !is_visible {
        keep_draft();
        // Whoever turns away has seen what was there.
        step(Input::Seen);
    }
}

fn carry_out(effect: Effect) {
    match effect {
        Effect::Socket { id } => {
            with(|driver| driver.channels.open_socket(id));
        }
        Effect::Stream { id, address } => {
            with(|driver| driver.channels.open_stream(id, &address));
        }
        Effect::Request { id, address, body } => {
            with(|driver| driver.channels.request(id, address, body.as_deref()));
        }
        Effect::Send { id, text } => {
            with(|driver| driver.channels.send(id, text));
        }
        Effect::Close { id } => close(id),
        Effect::Fetch { id, address } => get(id, address),
        Effect::Timer(ms) => set_timer(ms),
        Effect::Load => {
            with(|driver| driver.store.load());
        }
        Effect::Store { client_id, row } => {
            with(|driver| driver.store.put(client_id, row));
        }
        Effect::Remove(client_id) => {
            with(|driver| driver.store.remove(client_id));
        }
        Effect::Remember(kind) => memory::set_kind(kind),
        Effect::RequestLock => neighbours(|neighbours| neighbours.request_lock(false)),
        Effect::StealLock => neighbours(|neighbours| neighbours.request_lock(true)),
        Effect::ReleaseLock => neighbours(Neighbours::release_lock),
        Effect::Broadcast(text) => neighbours(|neighbours| neighbours.say(&text)),
        Effect::Show => show_soon(),
        Effect::Status => show_line(),
        Effect::NotStored => {
            with(|driver| driver.is_unstored = true);
            show_line();
        }
        Effect::UserId(_) | Effect::Accepted(_) | Effect::Refused(..) => tell(&effect),
        // TODO: shown once there are components for it, because that is the page's part of it.
        Effect::Place(_) | Effect::Rooms | Effect::People => {}
    }
}

/// Carries out what changes a signal of the page at once.
fn tell(effect: &Effect) {
    let Some(chat) = with(|driver| driver.chat) else {
        return;
    };
    match *effect {
        Effect::UserId(user_id) => chat.user_id.set(Some(user_id)),
        Effect::Accepted(_) => {
            chat.input_message.set(String::new());
            chat.refusal.set(None);
            with(|driver| memory::set_draft(driver.room.as_str(), ""));
            scroll::to_end();
        }
        Effect::Refused(_, code) => chat.refusal.set(Some(code)),
        _ => {}
    }
}

fn neighbours(tell: impl FnOnce(&mut Neighbours)) {
    with(|driver| driver.neighbours.as_mut().map(tell));
}

fn set_timer(ms: u64) {
    let ring = || step(Input::Timer);
    let timer = set_timeout_with_handle(ring, Duration::from_millis(ms)).ok();
    let before = with(|driver| std::mem::replace(&mut driver.timer, timer));
    if let Some(Some(before)) = before {
        before.clear();
    }
}

fn get(id: u32, address: String) {
    set_timeout(
        move || step(Input::Fetched(id, None)),
        Duration::from_millis(FETCH_MAX_MS),
    );
    spawn_local(async move {
        let text = fetch::text(&address, &RequestInit::new()).await;
        step(Input::Fetched(id, text.as_deref()));
    });
}

/// Gives back what was being written when the page was left, unless something is being written already.
fn restore_draft(chat: Chat, room: &RoomName) {
    if chat.input_message.with_untracked(String::is_empty)
        && let Some(draft) = memory::draft(room.as_str())
    {
        chat.input_message.set(draft);
    }
}

fn keep_draft() {
    with(|driver| {
        if std::mem::take(&mut driver.is_writing)
            && let Some(text) = dom::typed()
        {
            memory::set_draft(driver.room.as_str(), &text);
        }
    });
}

/// Shows how the connection is, and goes on doing so while there are seconds to count down.
fn show_line() {
    let shown = with(|driver| {
        let (tab, now) = (&driver.tab, system::now().ms);
        let status = tab.status();
        let line = Line {
            phase: status.phase,
            kind: status.kind,
            role: tab.role(),
            held_by: tab.held_by(),
            seconds: status
                .next_try
                .map_or(0, |at| at.saturating_sub(now).div_ceil(1_000)),
            is_unstored: driver.is_unstored,
        };
        let counts = line.seconds > 0 && !std::mem::replace(&mut driver.is_counting, true);
        (driver.chat.line, line, counts)
    });
    let Some((signal, line, counts)) = shown else {
        return;
    };
    if signal.get_untracked() != line {
        signal.set(line);
    }
    if counts {
        let count = || {
            with(|driver| driver.is_counting = false);
            show_line();
        };
        set_timeout(count, Duration::from_secs(1));
    }
}

/// Shows what is known with the next frame of the screen: once, however much arrives until then.
fn show_soon() {
    if with(|driver| std::mem::replace(&mut driver.is_stale, true)) == Some(false) {
        if document().hidden() {
            set_timeout(show, Duration::from_millis(HIDDEN_FRAME_MS));
        } else {
            request_animation_frame(show);
        }
    }
}

fn show() {
    step(Input::AtEnd(scroll::is_at_end()));
    show_line();
    let shown = with(|driver| {
        driver.is_stale = false;
        let tab = &driver.tab;
        let posts: Vec<Post> = tab
            .pending()
            .map(|(row, state)| Post::from((row, state, tab.can_discard(row.client_id))))
            .collect();
        let rows = tab.shown().into_iter().map(|row| row.message).collect();
        (driver.chat, rows, posts, tab.older(), tab.missed())
    });
    if let Some((chat, rows, posts, older, missed)) = shown {
        scroll::keep_place(|| {
            chat.messages.set(rows);
            chat.posts.set(posts);
            chat.older.set(older);
            chat.missed.set(missed);
        });
    }
}
