//! What stands in the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::system;
use crate::time;

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

/// Shows the times that the server wrote in UTC as this browser's clocks have them.
pub(super) fn localise_times() {
    for row in all(".message") {
        if let (Some(at), Ok(Some(clock))) = (parse(&row, "data-at"), row.query_selector("time")) {
            clock.set_text_content(Some(&time::short(at, system::minutes_east(at))));
        }
    }
}

/// What stands in the input: at first what was typed before the script came.
pub(crate) fn typed() -> Option<String> {
    let input: HtmlTextAreaElement = one(".composer-input")?.dyn_into().ok()?;
    Some(input.value())
}

/// What an attribute says; `None` when it is missing or not that.
pub(super) fn parse<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}
