//! Runs the client: hands it what happens, carries out what it asks for.
//!
//! There is one chat in a page, so there is one driver, kept for the thread. It is never borrowed while signals are
//! written or the browser is called.

use std::cell::RefCell;
use std::time::Duration;

use client::connection::{self, Line};
use client::frames::Page;
use client::timeline::Fetch;
use client::{Effect, Input, Session, address};
use leptos::prelude::*;
use protocol::{ErrorCode, RoomName};
use wasm_bindgen_futures::spawn_local;

use super::socket::{NO_CLOSE_FRAME, Socket};
use super::{dom, fetch, scroll, system};
use crate::Start;
use crate::chat_app::Chat;

/// How long a page of history may take, in milliseconds.
const FETCH_MAX_MS: u64 = 15_000;
/// How often what is shown is brought up to date while nobody can see it, in milliseconds.
const HIDDEN_FRAME_MS: u64 = 250;

struct Driver {
    session: Session,
    chat: Chat,
    room: RoomName,
    /// The line that was asked for last, until it is given up.
    line: Option<Line>,
    socket: Option<Socket>,
    timer: Option<TimeoutHandle>,
    /// Whether what is shown will be brought up to date with the next frame of the screen.
    is_stale: bool,
    listeners: [WindowListenerHandle; 2],
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Starts the client from what the page shows, and connects it.
pub(crate) fn connect(chat: Chat, start: &Start) {
    let page = start.epoch.map(|epoch| Page {
        epoch,
        seq: start.seq,
        messages: start.messages.clone(),
    });
    let page = page.map(|page| (page, start.has_older));
    let driver = Driver {
        session: Session::new(start.room.clone(), start.user_id, page),
        chat,
        room: start.room.clone(),
        line: None,
        socket: None,
        timer: None,
        is_stale: false,
        listeners: [
            window_event_listener(leptos::ev::online, |_| wake()),
            window_event_listener(leptos::ev::visibilitychange, |_| {
                if !document().hidden() {
                    wake();
                }
            }),
        ],
    };
    DRIVER.set(Some(driver));
    dom::localise_times();
    step(Input::Line(connection::Input::Mount));
}

/// Closes the line and forgets the client.
pub(crate) fn disconnect() {
    step(Input::Line(connection::Input::Unmount));
    if let Some(driver) = DRIVER.take() {
        driver
            .listeners
            .into_iter()
            .for_each(WindowListenerHandle::remove);
    }
}

/// Says something in the room.
pub(crate) fn post(text: String) {
    step(Input::Post(system::new_client_id(), text));
}

/// Asks for the messages above the first.
pub(crate) fn show_older() {
    step(Input::Older);
}

fn wake() {
    step(Input::Line(connection::Input::Awake));
}

/// Hands the client an input and carries out what it asks for.
pub(super) fn step(input: Input<'_>) {
    let mut effects = Vec::new();
    with(|driver| driver.session.step(system::now(), input, &mut effects));
    for effect in effects {
        carry_out(effect);
    }
}

fn with<T>(use_it: impl FnOnce(&mut Driver) -> T) -> Option<T> {
    DRIVER.with_borrow_mut(|driver| driver.as_mut().map(use_it))
}

fn carry_out(effect: Effect) {
    let Some(chat) = with(|driver| driver.chat) else {
        return;
    };
    match effect {
        Effect::Open { line, identify } => {
            with(|driver| driver.line = Some(line));
            spawn_local(open(line, identify));
        }
        Effect::Send(text) => {
            with(|driver| driver.socket.as_ref().map(|socket| socket.send(text)));
        }
        Effect::Close => {
            let socket = with(|driver| {
                driver.line = None;
                driver.socket.take()
            });
            drop(socket);
        }
        Effect::Timer(ms) => set_timer(Some(ms)),
        Effect::ClearTimer => set_timer(None),
        Effect::Fetch(wanted) => fetch_history(wanted),
        Effect::Status(status) => chat.status.set(status),
        Effect::UserId(user_id) => chat.user_id.set(Some(user_id)),
        Effect::Show => show_soon(),
        Effect::Accepted => {
            chat.input_message.set(String::new());
            chat.refusal.set(None);
            scroll::to_end();
        }
        Effect::Refused { code, text } => refused(chat, code, text),
    }
}

async fn open(line: Line, identify: bool) {
    let known = !identify || fetch::get("/api/v1/me").await.is_some();
    if with(|driver| driver.line) != Some(Some(line)) {
        return;
    }
    let socket = if known { Socket::open(line) } else { None };
    if socket.is_none() {
        step(Input::Line(connection::Input::Closed(line, NO_CLOSE_FRAME)));
    }
    with(|driver| driver.socket = socket);
}

fn set_timer(ms: Option<u64>) {
    let timer = ms.and_then(|ms| {
        let ring = || step(Input::Line(connection::Input::Timer));
        set_timeout_with_handle(ring, Duration::from_millis(ms)).ok()
    });
    let before = with(|driver| std::mem::replace(&mut driver.timer, timer));
    if let Some(Some(before)) = before {
        before.clear();
    }
}

fn fetch_history(wanted: Fetch) {
    let Some(address) = with(|driver| address::history(driver.room.as_str(), wanted.before)) else {
        return;
    };
    set_timeout(
        move || step(Input::Fetched(wanted.id, None)),
        Duration::from_millis(FETCH_MAX_MS),
    );
    spawn_local(async move {
        let text = fetch::get(&address).await;
        step(Input::Fetched(wanted.id, text.as_deref()));
    });
}

/// Puts what was written back before what has been written since.
fn refused(chat: Chat, code: ErrorCode, text: Option<String>) {
    chat.refusal.set(Some(code));
    if let Some(mut text) = text {
        chat.input_message.update(|since| {
            if !since.is_empty() {
                text.push('\n');
                text.push_str(since);
            }
            *since = text;
        });
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
    if scroll::is_at_end() {
        step(Input::Trim);
    }
    let shown = with(|driver| {
        driver.is_stale = false;
        let session = &driver.session;
        (
            driver.chat,
            session.rows().to_vec(),
            session.posts().to_vec(),
            session.older(),
        )
    });
    if let Some((chat, rows, posts, older)) = shown {
        scroll::keep_place(|| {
            chat.messages.set(rows);
            chat.posts.set(posts);
            chat.older.set(older);
        });
    }
}
