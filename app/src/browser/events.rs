//! Clicks, keys and forms. They are listened to in one place for the whole document, for much of what is acted on the server has
//! drawn: `data-act` says what an element does, and `actions` has the one table of that.

mod actions;
mod clipboard;
mod dialog;
mod finder;
mod forms;
mod keys;
mod message_actions;
pub(crate) mod navigation;
mod pointer;
mod roving;
mod target;

use leptos::prelude::{WindowListenerHandle, window_event_listener_untyped};
use web_sys::Event;

use super::composer;

/// Begins to listen, for as long as the page is there.
pub(crate) fn listeners() -> Vec<WindowListenerHandle> {
    navigation::begin();
    vec![
        listen("click", pointer::click),
        listen("mousedown", pointer::mousedown),
        listen("submit", forms::submit),
        listen("input", forms::input),
        listen("beforeinput", keys::beforeinput),
        listen("keydown", keys::keydown),
        listen("focusout", |_| composer::offer_nothing()),
        listen("popstate", |_| navigation::pop()),
    ]
}

/// Listens to one kind of event, on the window.
pub(crate) fn listen(name: &str, call: fn(&Event)) -> WindowListenerHandle {
    window_event_listener_untyped(name, move |event| call(&event))
}
