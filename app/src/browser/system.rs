//! The browser's clock, chance and time zone.

use client::Now;
use protocol::ClientId;
use wasm_bindgen::JsValue;
use web_sys::Window;

/// The window; `None` only outside a page.
pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

/// The moment of a step.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are in range"
)]
pub(super) fn now() -> Now {
    let clock = window().and_then(|window| window.performance());
    Now {
        ms: clock.map_or(0.0, |clock| clock.now()) as u64,
        random: (js_sys::Math::random() * 4_294_967_296.0) as u32,
    }
}

/// A new id for something that is sent. `crypto.randomUUID` would do, but is missing on plain HTTP.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are in range"
)]
pub(super) fn new_client_id() -> ClientId {
    let mut random = [0; 10];
    if let Some(Ok(crypto)) = window().map(|window| window.crypto()) {
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    ClientId::from_parts(js_sys::Date::now() as u64, random)
}

/// How many minutes this browser's clocks were ahead of UTC at that time (Unix milliseconds).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "both are in range"
)]
pub(crate) fn minutes_east(at: u64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
    -(date.get_timezone_offset() as i32)
}
