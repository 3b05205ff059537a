//! The dialogs: those that stand in the page, and the one that shows what the server draws when it is asked for.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestInit;

use crate::browser::io::fetch;
use crate::browser::render::{announcements, scroll};
use crate::browser::system::{call, flag};
use crate::browser::{dom, driver};

thread_local! {
    /// The number of the last fragment that was asked for; what comes for an earlier one is not shown.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Opens the dialog with a fragment that the server draws.
pub(super) fn open(address: String) {
    let number = supersede();
    spawn_local(async move {
        // A fragment that is refused says why.
        let Some((html, _)) = fetch::answer(&address, &RequestInit::new()).await else {
            announcements::cannot_reach();
            return;
        };
        if ASKED.get() != number {
            return;
        }
        let (Some(content), Some(dialog)) = (dom::one("#dialog-content"), dom::one("#dialog")) else {
            return;
        };
        content.set_inner_html(&html);
        dom::local_times(&content);
        if !flag(&dialog, "open") {
            call(&dialog, "showModal");
        }
        if let Some(first) = dom::one("#dialog-content [autofocus]") {
            scroll::focus(&first);
        }
    });
}

/// The address of a fragment about the room that is shown.
pub(super) fn about_room(name: &str) -> String {
    about(name, &client::wire::endpoints::page(&room()))
}

/// The address of a fragment about a message of the room that is shown.
pub(super) fn about_message(name: &str, seq: u64) -> String {
    about(name, &client::wire::endpoints::place(&room(), seq))
}

fn about(name: &str, page: &str) -> String {
    ["/parts/", name, page.strip_prefix("/rooms").unwrap_or_default()].concat()
}

fn room() -> String {
    let room = driver::chat().map(|chat| chat.room.get_untracked().to_string());
    room.unwrap_or_default()
}

/// Opens a dialog that stands in the page.
pub(super) fn show(selector: &str) {
    if let Some(dialog) = dom::one(selector)
        && !flag(&dialog, "open")
    {
        call(&dialog, "showModal");
    }
}

/// Closes whichever dialog is open.
pub(super) fn close() {
    supersede();
    for dialog in dom::all("dialog[open]") {
        call(&dialog, "close");
    }
}

/// What was asked for before is not wanted any more.
fn supersede() -> u32 {
    let number = ASKED.get().wrapping_add(1);
    ASKED.set(number);
    number
}
