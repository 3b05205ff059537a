//! The dialogs: those that stand in the page, and the one that shows what the server draws when it is asked for.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestInit;

use crate::browser::io::fetch;
use crate::browser::render::scroll;
use crate::browser::system::{call, flag};
use crate::browser::{dom, driver};

/// How long a fragment may take until something else is tried, in milliseconds.
const FRAGMENT_MAX_MS: u64 = 10_000;

thread_local! {
    /// The number of the last fragment that was asked for; what comes for an earlier one is not shown.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Opens the dialog, and shows a fragment in it that the server draws. Until it is there the dialog says so; a dialog that was
/// closed meanwhile stays closed.
pub(super) fn open(address: String) {
    let Some(dialog) = dom::one("#dialog") else { return };
    let _ = dialog.set_attribute("data-part", &address);
    let number = supersede();
    put(&template("#dialog-waiting"));
    set_timeout(
        move || {
            if ASKED.get() == number {
                fail();
            }
        },
        Duration::from_millis(FRAGMENT_MAX_MS),
    );
    spawn_local(async move {
        let answer = fetch::answer(&address, &RequestInit::new()).await;
        if ASKED.get() == number && flag(&dialog, "open") {
            match answer {
                // A fragment that is refused says why.
                Some((html, _)) => {
                    supersede();
                    put(&html);
                }
                None => fail(),
            }
        }
    });
}

/// Asks once more for what did not come.
pub(super) fn again() {
    if let Some(address) = dom::one("#dialog").and_then(|dialog| dialog.get_attribute("data-part")) {
        open(address);
    }
}

/// Says that the server is not to be reached, and offers another attempt.
fn fail() {
    supersede();
    put(&template("#dialog-failed"));
}

/// Shows HTML in the dialog.
fn put(html: &str) {
    let Some(content) = dom::one("#dialog-content") else {
        return;
    };
    content.set_inner_html(html);
    dom::local_times(&content);
    show("#dialog");
    // A keyboard over what is to be chosen from would be in the way.
    let first = if dom::is_touched() {
        "#dialog-content :is([autofocus]:not(.emoji-search, [name=topic]), .emoji-group button)"
    } else {
        "#dialog-content [autofocus]"
    };
    if let Some(first) = dom::one(first) {
        scroll::focus(&first);
    }
}

/// The HTML in a template that the server drew.
fn template(selector: &str) -> String {
    dom::one(selector).map_or_else(String::new, |template| template.inner_html())
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
