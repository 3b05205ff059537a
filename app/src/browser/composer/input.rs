//! The input element.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDocument, HtmlTextAreaElement};

use crate::browser::render::scroll;
use crate::browser::system::{number, text};
use crate::browser::{dom, system};

const SELECTOR: &str = ".composer-input";

/// Whether an element is the input, or in it.
pub(crate) fn is_input(element: &Element) -> bool {
    element.closest(SELECTOR).ok().flatten().is_some()
}

/// Gives the focus to the input.
pub(crate) fn focus() {
    if let Some(input) = dom::one(SELECTOR) {
        scroll::focus(&input);
    }
}

/// Gives the focus to the input, where that does not bring up a keyboard over the half of what is read.
pub(crate) fn write_on() {
    if !dom::is_touched() {
        focus();
    }
}

pub(super) fn element() -> Option<HtmlTextAreaElement> {
    Some(dom::one(SELECTOR)?.unchecked_into())
}

/// What stands before the caret, which is counted in UTF-16.
pub(super) fn before_caret(input: &HtmlTextAreaElement) -> Option<String> {
    let caret = number(input, "selectionStart");
    let mut before = text(input, "value");
    let mut units = 0.0;
    let end = before.char_indices().find(|(_, c)| {
        let is_end = units >= caret;
        units += if *c > '\u{ffff}' { 2.0 } else { 1.0 };
        is_end
    });
    if let Some((end, _)) = end {
        before.truncate(end);
    }
    Some(before)
}

/// Writes a text in the place of what stands between `before` and the caret, as if by hand: so it can be undone.
pub(super) fn write(input: &HtmlTextAreaElement, before: &str, written: &str) {
    scroll::focus(input);
    let (begin, end) = (units(before), number(input, "selectionStart"));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a message is short"
    )]
    let _ = input.set_selection_range(begin, end as u32);
    let document = system::window().and_then(|window| window.document());
    if let Some(document) = document {
        let document: HtmlDocument = document.unchecked_into();
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, written);
    }
}

/// How long a text is for the browser.
#[expect(clippy::cast_possible_truncation, reason = "a message is short")]
fn units(text: &str) -> u32 {
    text.encode_utf16().count() as u32
}
