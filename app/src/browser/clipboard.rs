//! Copying.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

use super::{show, system};

/// Copies a text, and says so. The newer `navigator.clipboard` is missing on plain HTTP in a home network.
pub(super) fn copy(text: &str) {
    if put(text) == Some(true)
        && let Some(chat) = super::driver::chat()
    {
        show::tell(chat, chat.words.copied());
    }
}

fn put(text: &str) -> Option<bool> {
    let document: HtmlDocument = system::window()?.document()?.unchecked_into();
    let before = super::dom::active();
    let area = document.create_element("textarea").ok()?;
    let area: HtmlTextAreaElement = area.unchecked_into();
    let _ = area.set_attribute("class", "unseen");
    system::set(&area, "value", &text.into());
    document.body()?.append_child(&area).ok()?;
    area.select();
    let is_done = document.exec_command("copy").ok();
    area.remove();
    if let Some(before) = before {
        super::scroll::focus_still(&before);
    }
    is_done
}
