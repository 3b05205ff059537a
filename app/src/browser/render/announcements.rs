//! What screen readers announce, and the toast: what others have just said, and what was just done.

use std::cell::Cell;
use std::time::Duration;

use client::tab::Tab;
use leptos::prelude::*;
use maud::html;

use super::rendered::Rendered;
use crate::browser::driver;
use crate::shared::joined;
use crate::state::Chat;

/// Messages that are announced at once; what comes in a rush cannot be listened to.
const ANNOUNCED_MAX: usize = 3;
/// How long a toast stays, in milliseconds.
const TOAST_MS: u64 = 2_000;

thread_local! {
    /// How often something was announced.
    static COUNT: Cell<u32> = const { Cell::new(0) };
    /// The number of the last toast; only its own end takes it away.
    static TOASTS: Cell<u32> = const { Cell::new(0) };
}

/// What others said since this was last asked, as HTML; empty for nothing.
pub(super) fn new_messages(rendered: &mut Rendered, tab: &Tab, chat: Chat) -> String {
    let Some(messages) = rendered.new_messages(tab) else {
        return String::new();
    };
    let mut said: Vec<String> = messages
        .take(ANNOUNCED_MAX)
        .map(|row| {
            let name = chat.called(row.user_id, row.name.as_deref()).text();
            [&*name, ": ", &*row.message].concat()
        })
        .collect();
    said.reverse();
    as_new(&joined(&said, "\n"))
}

/// Shows a toast, and announces it.
pub(crate) fn tell(chat: Chat, text: &'static str) {
    chat.toast.set(text.to_owned());
    chat.announcements.set(as_new(text));
    let number = TOASTS.get().wrapping_add(1);
    TOASTS.set(number);
    let end = move || {
        if TOASTS.get() == number && driver::chat().is_some() {
            chat.toast.set(String::new());
        }
    };
    set_timeout(end, Duration::from_millis(TOAST_MS));
}

/// A text as something new, though it be the same as the last.
fn as_new(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let count = COUNT.get().wrapping_add(1);
    COUNT.set(count);
    html! { p data-time=(count.to_string()) { (text) } }.into_string()
}
