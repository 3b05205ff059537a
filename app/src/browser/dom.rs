//! What stands in the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ShowPopoverOptions};

use super::system::{get, number, text};
use super::{clock, system};

/// The element the chat lives in.
pub(crate) fn app() -> Option<HtmlElement> {
    Some(one("#app")?.unchecked_into())
}

/// The first element that the selector finds.
pub(crate) fn one(selector: &str) -> Option<Element> {
    within(&root()?, selector)
}

/// The first element in another one that the selector finds.
pub(crate) fn within(element: &Element, selector: &str) -> Option<Element> {
    element.query_selector(selector).ok()?
}

/// All elements that the selector finds, in the order of the document.
pub(crate) fn all(selector: &str) -> Vec<Element> {
    root().map_or_else(Vec::new, |root| all_within(&root, selector))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page has not so many elements"
)]
fn all_within(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = element.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..number(&found, "length") as u32)
        .filter_map(|at| found.get(at))
        .map(JsCast::unchecked_into)
        .collect()
}

/// The document as far as it is looked through like an element.
fn root() -> Option<Element> {
    let document = system::window()?.document()?;
    Some(get(&document, "documentElement").unchecked_into())
}

/// The element that has the focus.
pub(crate) fn active() -> Option<Element> {
    let document = system::window()?.document()?;
    get(&document, "activeElement").dyn_into().ok()
}

/// Whether nobody can see the page.
pub(crate) fn is_hidden() -> bool {
    let document = system::window().and_then(|window| window.document());
    document.is_some_and(|document| system::flag(&document, "hidden"))
}

/// Lets an element have an attribute without a value, or not.
pub(crate) fn mark(element: &Element, name: &str, is_so: bool) {
    let _ = if is_so {
        element.set_attribute(name, "")
    } else {
        element.remove_attribute(name)
    };
}

/// What stands in the input: at first what was typed before the script came.
pub(crate) fn typed() -> Option<String> {
    let input = one(".composer-input")?;
    Some(text(&input, "value"))
}

/// Closes whatever has opened over the page by itself: menus and drawers.
pub(crate) fn dismiss() {
    for open in all(":popover-open") {
        system::call(&open, "hidePopover");
    }
}

/// Opens a menu beside an element: the style sheet says where, by the anchor that the browser makes of it.
pub(crate) fn show_popover(popover: &Element, beside: &Element) {
    let options: ShowPopoverOptions = system::object("source", beside).unchecked_into();
    let _ = popover
        .unchecked_ref::<HtmlElement>()
        .show_popover_with_options(&options);
}

/// Whether one touches this screen, so that the focus on an input would bring up a keyboard.
pub(crate) fn is_touched() -> bool {
    let coarse = system::window().and_then(|window| window.match_media("(pointer: coarse)").ok()?);
    coarse.is_some_and(|coarse| system::flag(&coarse, "matches"))
}

/// Puts times that the server wrote right.
pub(crate) fn local_times(within: &Element) {
    for time in all_within(within, "time[data-at]") {
        if let Some(at) = time.get_attribute("data-at").and_then(|at| at.parse().ok()) {
            time.set_text_content(Some(&clock::full(at)));
        }
    }
}

/// Puts what one is called into the settings, which the server drew, unless it is being changed there.
pub(crate) fn set_name(name: &str) {
    if let Some(input) = one("#settings [name=name]:not(:focus)") {
        system::set(&input, "value", &name.into());
    }
}
