//! What stands in the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::system;

/// The element the chat lives in.
pub(super) fn app() -> Option<HtmlElement> {
    one("#app")?.dyn_into().ok()
}

/// The first element that the selector finds.
pub(super) fn one(selector: &str) -> Option<Element> {
    system::window()?.document()?.query_selector(selector).ok()?
}

/// All elements that the selector finds, in the order of the document.
pub(super) fn all(selector: &str) -> Vec<Element> {
    let found = system::window().and_then(|window| window.document()?.query_selector_all(selector).ok());
    let Some(found) = found else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

/// What stands in the input: at first what was typed before the script came.
pub(crate) fn typed() -> Option<String> {
    let input: HtmlTextAreaElement = one(".composer-input")?.dyn_into().ok()?;
    Some(input.value())
}
