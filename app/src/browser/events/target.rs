//! The element that an event is about, and those around it.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use crate::browser::system::get;

pub(super) fn element(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

pub(super) fn closest(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok()?
}

/// The element after another one, or before it.
pub(super) fn sibling(element: &Element, step_by: i32) -> Option<Element> {
    let name = if step_by > 0 {
        "nextElementSibling"
    } else {
        "previousElementSibling"
    };
    get(element, name).dyn_into().ok()
}

pub(super) fn is_field(element: &Element) -> bool {
    closest(element, "input, textarea, select").is_some()
}

/// A number in an attribute.
pub(super) fn number(element: &Element, name: &str) -> Option<u64> {
    element.get_attribute(name)?.parse().ok()
}
