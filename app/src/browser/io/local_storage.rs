//! Small things in the browser's storage: the transport (for the browser session), drafts and unfinished edits (until sent).

use client::model::Transport;
use wasm_bindgen::JsCast;
use web_sys::Storage;

use crate::browser::system;

const TRANSPORT: &str = "transport";

/// The transport that this browser session used last, and for how many milliseconds a line might be silent.
pub(crate) fn transport() -> Option<(Transport, u64)> {
    let text = session()?.get_item(TRANSPORT).ok()??;
    let (number, beat_ms) = text.split_once(' ')?;
    Some((
        Transport::from_number(number.parse().ok()?)?,
        beat_ms.parse().ok()?,
    ))
}

/// Remembers a transport, and for how many milliseconds a line may be silent.
pub(crate) fn set_transport(transport: Transport, beat_ms: u64) {
    if let Some(storage) = session() {
        let text = [&*transport.number().to_string(), " ", &*beat_ms.to_string()].concat();
        let _ = storage.set_item(TRANSPORT, &text);
    }
}

/// What was being written in a room when the page was left.
pub(crate) fn draft(room: &str) -> Option<String> {
    local()?.get_item(&draft_key(room)).ok()?
}

/// Stores what is being written in a room; an empty text removes it.
pub(crate) fn set_draft(room: &str, text: &str) {
    if let Some(storage) = local() {
        let key = draft_key(room);
        let _ = if text.is_empty() {
            storage.remove_item(&key)
        } else {
            storage.set_item(&key, text)
        };
    }
}

/// The edit that was begun in a room when it was left: of which message, and how far it came.
pub(crate) fn edit(room: &str) -> Option<(u64, String)> {
    let edit = local()?.get_item(&edit_key(room)).ok()??;
    let (seq, text) = edit.split_once(' ')?;
    Some((seq.parse().ok()?, text.to_owned()))
}

/// Keeps an edit that was begun in a room, or forgets it.
pub(crate) fn set_edit(room: &str, edit: Option<(u64, &str)>) {
    if let Some(storage) = local() {
        let key = edit_key(room);
        let _ = match edit {
            Some((seq, text)) => storage.set_item(&key, &[&*seq.to_string(), " ", text].concat()),
            None => storage.remove_item(&key),
        };
    }
}

fn edit_key(room: &str) -> String {
    String::from("edit:") + room
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
    (!storage.is_undefined()).then(|| storage.unchecked_into())
}
