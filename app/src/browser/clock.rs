//! Times as this browser's clocks have them, in the language of a tag (RFC 5646). `page/first_look.js` writes the same into the
//! server's HTML.

use js_sys::Date;
use wasm_bindgen::JsValue;

use super::system::{call, object};

/// `at` (Unix milliseconds) as an RFC 3339 time in UTC, for `<time datetime>`.
pub(crate) fn machine(at: u64) -> String {
    call(&date(at), "toISOString")
}

/// `at` as a row shows it: `12:22`.
pub(crate) fn short(at: u64) -> String {
    call(&date(at), "toTimeString").chars().take(5).collect()
}

/// `at` in full.
pub(crate) fn full(at: u64, tag: &str) -> String {
    date(at).to_locale_string(tag, &JsValue::UNDEFINED).into()
}

/// Which day `at` is, counted from any other: for telling days apart.
pub(crate) fn day(at: u64) -> u64 {
    let ahead = -date(at).get_timezone_offset();
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let ahead_ms = ahead as i64 * 60_000;
    at.saturating_add_signed(ahead_ms) / 86_400_000
}

/// The name of the day of `at`.
pub(crate) fn day_name(at: u64, tag: &str) -> String {
    let style = object("dateStyle", &JsValue::from_str("full"));
    date(at).to_locale_string(tag, &style).into()
}

#[expect(clippy::cast_precision_loss, reason = "it is in range")]
fn date(at: u64) -> Date {
    Date::new(&JsValue::from_f64(at as f64))
}
