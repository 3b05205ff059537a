//! Copying to the clipboard, by way of a hidden field.

use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use crate::browser::render::{announcements, scroll};
use crate::browser::{dom, driver, system};

/// Copies a text, and says so. The newer `navigator.clipboard` is missing on plain HTTP in a home network.
pub(super) fn copy(text: &str) {
    if put(text) == Some(true)
        && let Some(chat) = driver::chat()
    {
        announcements::tell(chat, chat.words.copied());
    }
}

/// By way of a field that the server drew for it, out of sight.
fn put(text: &str) -> Option<bool> {
    let document: HtmlDocument = system::window()?.document()?.unchecked_into();
    let before = dom::active();
    let field = dom::one("#copied")?;
    system::set(&field, "value", &text.into());
    system::call(&field, "select");
    let is_done = document.exec_command("copy").ok();
    if let Some(before) = before {
        scroll::focus_still(&before);
    }
    is_done
}
