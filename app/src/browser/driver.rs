//! Runs the client: hands it what happens, carries out what it asks for.
//!
//! There is one chat in a page, so there is one driver, kept for the thread. It is never borrowed while signals are
//! written. Nothing that carries out an effect hands in an input by itself: what comes of it comes later.

use std::cell::RefCell;
use std::time::Duration;

use client::effect::Effect;
use client::model::Transports;
use client::tab::{Config, Input, Tab};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, RequestInit};

use super::channels::Channels;
use super::neighbours::Neighbours;
use super::store::Store;
use super::{acts, dom, fetch, memory, scroll, show, system, writing};
use crate::Start;
use crate::chat_app::Chat;

/// How long a plain request may take, in milliseconds.
const FETCH_MAX_MS: u64 = 15_000;

pub(super) struct Driver {
    pub(super) tab: Tab,
    pub(super) chat: Chat,
    channels: Channels,
    neighbours: Option<Neighbours>,
    store: Store,
    timer: Option<TimeoutHandle>,
    pub(super) shown: show::Shown,
    /// Whether what is being written will be kept in a moment.
    pub(super) is_writing: bool,
    /// The message whose menu was opened last.
    pub(super) chosen: u64,
    /// The number of the last part that was asked for; what comes for an earlier one is not shown.
    pub(super) parts: u32,
    /// The number of the last thing that was said in passing; only its own end takes it away.
    pub(super) toasts: u32,
    listeners: Vec<WindowListenerHandle>,
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Starts the client from what the page shows, and connects it.
pub(crate) fn connect(chat: Chat, start: &Start) {
    let mut transports = Transports::default();
    transports.first = memory::kind().unwrap_or(transports.first);
    let config = Config {
        room: start.room.clone(),
        user_id: start.user_id,
        name: start.name.clone(),
        page: start.page.clone(),
        read_line: start.read_line(),
        transports,
    };
    let mut listeners = acts::listeners();
    listeners.extend([
        listen("online", |_| step(Input::Online)),
        listen("visibilitychange", |_| visibility()),
        listen("pagehide", |_| leave()),
        listen("pageshow", |_| begin()),
    ]);
    let driver = Driver {
        tab: Tab::new(config),
        chat,
        channels: Channels::default(),
        neighbours: None,
        store: Store::open(),
        timer: None,
        shown: show::Shown::of(start),
        is_writing: false,
        chosen: 0,
        parts: 0,
        toasts: 0,
        listeners,
    };
    DRIVER.set(Some(driver));
    writing::restore_draft(chat);
    begin();
    match start.place {
        Some(seq) => scroll::to_message(seq),
        None => show::look(),
    }
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

pub(super) fn with<T>(use_it: impl FnOnce(&mut Driver) -> T) -> Option<T> {
    DRIVER.with_borrow_mut(|driver| driver.as_mut().map(use_it))
}

/// What the page shows; nothing when it was taken down.
pub(super) fn chat() -> Option<Chat> {
    with(|driver| driver.chat)
}

pub(super) fn listen(name: &str, call: fn(&Event)) -> WindowListenerHandle {
    window_event_listener_untyped(name, move |event| call(&event))
}

/// The page is there, or is back from the browser's cache.
fn begin() {
    let shared = with(|driver| {
        driver.neighbours = driver.neighbours.take().or_else(Neighbours::open);
        driver.neighbours.is_some()
    });
    step(Input::Start {
        shared: shared == Some(true),
        visible: !dom::is_hidden(),
    });
}

/// The page goes, into the browser's cache perhaps.
fn leave() {
    writing::keep_all();
    step(Input::Stop);
    with(|driver| driver.neighbours = None);
}

fn visibility() {
    let is_visible = !dom::is_hidden();
    step(Input::Visible(is_visible));
    if !is_visible {
        writing::keep_draft();
        // Whoever turns away has seen what was there.
        step(Input::Seen);
        show::is_hidden();
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
        Effect::RememberTransport(kind) => memory::set_kind(kind),
        Effect::RequestLock => neighbours(|neighbours| neighbours.request_lock(false)),
        Effect::StealLock => neighbours(|neighbours| neighbours.request_lock(true)),
        Effect::ReleaseLock => neighbours(Neighbours::release_lock),
        Effect::Broadcast(text) => neighbours(|neighbours| neighbours.say(&text)),
        Effect::TimelineChanged | Effect::RoomsChanged => show::soon(),
        Effect::StatusChanged => show::line(),
        Effect::NotStored => {
            with(|driver| driver.shown.is_unstored = true);
            show::line();
        }
        Effect::ScrollTo(seq) => show::place(seq),
        Effect::PeopleChanged => show::people(),
        Effect::Accepted(kind) => writing::accepted(kind),
        Effect::UserId(user_id) => {
            if let Some(chat) = chat() {
                chat.user_id.set(Some(user_id));
            }
        }
        Effect::Refused(code) => {
            if let Some(chat) = chat() {
                chat.refusal.set(Some(code));
            }
        }
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
