//! The small things that are remembered: the transport for the browser session, what is being written for good.

use client::transport::Kind;
use wasm_bindgen::JsCast;
use web_sys::Storage;

use super::system;

const TRANSPORT: &str = "transport";

/// The transport that this browser session used last.
pub(super) fn kind() -> Option<Kind> {
    let number = session()?.get_item(TRANSPORT).ok()??;
    Kind::from_number(number.parse().ok()?)
}

/// Remembers a transport.
pub(super) fn set_kind(kind: Kind) {
    if let Some(storage) = session() {
        let _ = storage.set_item(TRANSPORT, &kind.number().to_string());
    }
}

/// What was being written in a room when the page was left.
pub(super) fn draft(room: &str) -> Option<String> {
    local()?.get_item(&draft_key(room)).ok()?
}

/// Keeps what is being written in a room; nothing is forgotten.
pub(super) fn set_draft(room: &str, text: &str) {
    if let Some(storage) = local() {
        let key = draft_key(room);
        let _ = if text.is_empty() {
            storage.remove_item(&key)
        } else {
            storage.set_item(&key, text)
        };
    }
}

fn draft_key(room: &str) -> String {
    String::from("draft:") + room
}

fn session() -> Option<Storage> {
    storage("sessionStorage")
}

fn local() -> Option<Storage> {
    storage("localStorage")
}

fn storage(name: &str) -> Option<Storage> {
    // Where storing is forbidden, even to ask for it fails.
    let window = system::window()?;
    let storage = system::get(&window, name);
    storage.is_object().then(|| storage.unchecked_into())
}
