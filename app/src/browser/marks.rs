//! The markup of what was written here and the server does not have yet: a WASM of its own, which a script in the page loads
//! (`page/hands/marks.js`). Where it is not there, what was written is shown as it was typed.

use js_sys::Function;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::system::{flag, get, window};
use crate::state::Chat;

/// Whether it is loaded. When it has been, the window hears `marks`.
pub(crate) fn are_there() -> bool {
    flag(&function(), "ready")
}

/// The HTML of a text, as the server will make it; `None` where it shows just the text, and where that is not known yet.
pub(crate) fn html(text: &str, chat: Chat) -> Option<String> {
    let mut message = String::new();
    if text.contains('@') {
        let mut call = |name: &Option<Box<str>>| {
            if let Some(name) = name {
                message += name;
                message.push('\n');
            }
        };
        chat.people.with_untracked(|here| {
            let people = here.names.iter().chain(&here.people);
            people.for_each(|person| call(&person.name));
        });
        chat.messages
            .with_untracked(|rows| rows.iter().for_each(|row| call(&row.message.name)));
    }
    message += "\0\n";
    message += text;
    let marks: Function = function().unchecked_into();
    marks.call1(&JsValue::NULL, &message.into()).ok()?.as_string()
}

fn function() -> JsValue {
    window().map_or(JsValue::UNDEFINED, |window| get(&window, "marks"))
}
