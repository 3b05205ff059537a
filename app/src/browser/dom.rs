//! What stands in the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement, ShowPopoverOptions};

use super::{clock, system};

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

/// Closes whatever has opened over the page by itself: menus and drawers.
pub(super) fn dismiss() {
    for open in all(":popover-open") {
        if let Ok(open) = open.dyn_into::<HtmlElement>() {
            let _ = open.hide_popover();
        }
    }
}

/// Opens a menu beside an element: the style sheet says where, by the anchor that the browser makes of it.
pub(super) fn show_popover(popover: &Element, beside: &Element) {
    if let Some(popover) = popover.dyn_ref::<HtmlElement>() {
        let options = ShowPopoverOptions::new();
        if let Some(beside) = beside.dyn_ref::<HtmlElement>() {
            options.set_source(beside);
        }
        let _ = popover.show_popover_with_options(&options);
    }
}

/// Whether one touches this screen, so that the focus on an input would bring up a keyboard.
pub(super) fn is_touched() -> bool {
    let coarse = system::window().and_then(|window| window.match_media("(pointer: coarse)").ok()?);
    coarse.is_some_and(|coarse| coarse.matches())
}

/// Puts times that the server wrote right.
pub(super) fn local_times(within: &Element) {
    let tag = system::window()
        .and_then(|window| window.document()?.document_element())
        .and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default();
    let Ok(times) = within.query_selector_all("time[data-at]") else {
        return;
    };
    for at in 0..times.length() {
        if let Some(time) = times.get(at).and_then(|time| time.dyn_into::<Element>().ok())
            && let Some(unix_ms) = time.get_attribute("data-at").and_then(|at| at.parse().ok())
        {
            time.set_text_content(Some(&clock::full(unix_ms, &tag)));
        }
    }
}

/// Puts what one is called into the settings, which the server drew, unless it is being changed there.
pub(super) fn set_name(name: &str) {
    let input = one("#settings [name=name]:not(:focus)");
    if let Some(Ok(input)) = input.map(JsCast::dyn_into::<HtmlInputElement>) {
        input.set_value(name);
    }
}
