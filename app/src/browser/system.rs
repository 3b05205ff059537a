//! The browser's clock and chance, and how it calls us back.

use client::Now;
use client::outbox::Seed;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Window;

/// What our tabs' lock, their channel and their database are called.
pub(crate) const NAME: &str = "madang";

/// A function for the browser to call, with an event. One type for all of them: each further one costs code.
pub(crate) type Callback = Closure<dyn FnMut(JsValue)>;

/// Makes a [`Callback`]. It has to be kept for as long as it may be called.
pub(crate) fn callback(call: impl FnMut(JsValue) + 'static) -> Callback {
    Closure::new(call)
}

/// An object with one property, as options to a function of the browser.
pub(crate) fn object(name: &str, value: &JsValue) -> JsValue {
    let object = Object::new();
    set(&object, name, value);
    object.into()
}

/// A property of an object. For every property that is named by a function of its own there is another import, sixty bytes
/// compressed each; what is read seldom is read by its name.
pub(crate) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The same, of a text; an empty one where there is none.
pub(crate) fn text(of: &JsValue, name: &str) -> String {
    get(of, name).as_string().unwrap_or_default()
}

/// The same, of a number; 0 where there is none.
pub(crate) fn number(of: &JsValue, name: &str) -> f64 {
    get(of, name).as_f64().unwrap_or_default()
}

/// The same, of a flag: false where there is none.
pub(crate) fn flag(of: &JsValue, name: &str) -> bool {
    get(of, name).is_truthy()
}

/// What a method without arguments that is named like this answers, as a text.
pub(crate) fn call(of: &JsValue, name: &str) -> String {
    let method: Function = get(of, name).unchecked_into();
    let answer = method.call0(of).ok();
    answer.and_then(|answer| answer.as_string()).unwrap_or_default()
}

/// Puts a value into a property.
pub(crate) fn set(of: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(of, &name.into(), value);
}

/// Whether a text has another one in it, which is not empty. The language's own search would be another half a kilobyte.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    let mut places = text.as_bytes().windows(part.len());
    places.any(|place| place == part.as_bytes())
}

/// The window; `None` only outside a page.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// Where the page is.
pub(crate) fn location() -> Option<JsValue> {
    let window = window()?;
    Some(get(&window, "location"))
}

/// The moment of a step.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are in range"
)]
pub(crate) fn now() -> Now {
    let clock = window().and_then(|window| window.performance());
    Now {
        ms: clock.map_or(0.0, |clock| clock.now()) as u64,
        random: (js_sys::Math::random() * 4_294_967_296.0) as u32,
    }
}

/// What a new message's id is made of. `crypto.randomUUID` would do, but is missing on plain HTTP.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are in range"
)]
pub(crate) fn seed() -> Seed {
    let mut random = [0; 10];
    if let Some(Ok(crypto)) = window().map(|window| window.crypto()) {
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    Seed {
        unix_ms: js_sys::Date::now() as u64,
        random,
    }
}
