//! Times as this browser's clocks have them. How they are written `page/first_look.js` says, which writes them into the server's
//! HTML, too: what the browser does by itself costs no bytes here.

use js_sys::{Date, Function};
use wasm_bindgen::{JsCast, JsValue};

use super::system::{call, get, window};

/// `at` (Unix milliseconds) as an RFC 3339 time in UTC, for `<time datetime>`.
pub(crate) fn machine(at: u64) -> String {
    call(&date(at), "toISOString")
}

/// `at` as a row shows it: `오후 12:22`.
pub(crate) fn short(at: u64) -> String {
    written("short", at)
}

/// `at` in full.
pub(crate) fn full(at: u64) -> String {
    written("full", at)
}

/// Which day `at` is, counted from any other: for telling days apart.
pub(crate) fn day(at: u64) -> u64 {
    let ahead = -date(at).get_timezone_offset();
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let ahead_ms = ahead as i64 * 60_000;
    at.saturating_add_signed(ahead_ms) / 86_400_000
}

/// The name of the day of `at`; today and yesterday are called so.
pub(crate) fn day_name(at: u64, _tag: &str) -> String {
    written("day", at)
}

/// What the page's own clock writes.
fn written(how: &str, at: u64) -> String {
    let clock = window().map_or(JsValue::UNDEFINED, |window| get(&window, "clock"));
    let write: Function = get(&clock, how).unchecked_into();
    let text = write.call1(&clock, &date(at).value_of().into()).ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "it is in range")]
fn date(at: u64) -> Date {
    Date::new(&JsValue::from_f64(at as f64))
}
