//! Small things in the browser's storage: the transport (for the browser session), what is being written (until it is sent),
//! and rows of the outbox on their way to the database.
//!
//! A value that was set outlives the tab at once, a crash of it included; the disk it reaches later.

use client::model::Transport;
use js_sys::Object;
use wasm_bindgen::JsCast;
use web_sys::Storage;

use crate::browser::system;

const TRANSPORT: &str = "transport";
/// What the keys of rows begin with; the `clientId` follows.
const ROW: &str = "row:";

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
    let text = [&*transport.number().to_string(), " ", &*beat_ms.to_string()].concat();
    set(session(), TRANSPORT, Some(&text));
}

/// What is stored under a key.
pub(crate) fn text(key: &str) -> Option<String> {
    local()?.get_item(key).ok()?
}

/// Stores a text under a key, or forgets it.
pub(crate) fn set_text(key: &str, text: Option<&str>) {
    set(local(), key, text);
}

/// The ids of the rows that are not in the database yet, as far as is known here.
pub(crate) fn rows() -> Vec<String> {
    let keys = local().map(|storage| Object::keys(&storage)).unwrap_or_default();
    let ids = keys
        .iter()
        .filter_map(|key| Some(key.as_string()?.strip_prefix(ROW)?.to_owned()));
    ids.collect()
}

/// Such a row.
pub(crate) fn row(id: &str) -> Option<String> {
    text(&(ROW.to_owned() + id))
}

/// Keeps a row, or forgets it.
pub(crate) fn set_row(id: &str, row: Option<&str>) {
    set_text(&(ROW.to_owned() + id), row);
}

/// Whether this is the key of a row.
pub(crate) fn is_row(key: &str) -> bool {
    key.starts_with(ROW)
}

fn set(storage: Option<Storage>, key: &str, value: Option<&str>) {
    if let Some(storage) = storage {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
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
