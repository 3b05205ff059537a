//! Looking for a room, in the dialog.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::set_timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, RequestInit};

use crate::browser::io::fetch;
use crate::browser::system::{call, text};
use crate::browser::{dom, driver};

/// How long nothing must have been written before it is looked for, in milliseconds: somebody who writes on is not done.
const FIND_AFTER_MS: u64 = 200;

thread_local! {
    /// The number of the last change of the field.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
}

/// Looks for a room soon, unless more is written.
pub(super) fn find_soon(field: Element) {
    let number = CHANGES.get().wrapping_add(1);
    CHANGES.set(number);
    set_timeout(
        move || {
            if CHANGES.get() == number {
                find(field, false);
            }
        },
        Duration::from_millis(FIND_AFTER_MS),
    );
}

/// Shows the rooms whose names contain what stands in the field; goes to the first of them if `goes_there`.
pub(super) fn find(field: Element, goes_there: bool) {
    spawn_local(async move {
        mark(true);
        let wanted = text(&field, "value");
        let address = client::wire::endpoints::found(&wanted);
        let html = fetch::text(&address, &RequestInit::new()).await;
        // More may have been written meanwhile, or the dialog closed.
        if text(&field, "value") != wanted {
            return;
        }
        mark(false);
        match (html, dom::one(FOUND)) {
            (Some(html), Some(found)) => {
                found.set_inner_html(&html);
                if goes_there && let Some(first) = dom::one("#found a") {
                    call(&first, "click");
                }
            }
            (None, Some(found)) => {
                if let Some(chat) = driver::chat() {
                    found.set_text_content(Some(chat.words.not_reached()));
                }
            }
            _ => {}
        }
    });
}

/// Where what was found stands.
const FOUND: &str = "dialog[open] #found";

/// Shows that it is being looked for.
fn mark(is_so: bool) {
    if let Some(found) = dom::one(FOUND) {
        dom::mark(&found, "data-waits", is_so);
    }
}
