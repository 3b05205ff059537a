//! Keeping the focus where it is while what has it is drawn anew, and giving it to what was gone to.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use super::scroll;
use crate::browser::{dom, system};

thread_local! {
    /// Whether what has the focus among the messages was pressed with the mouse or a finger: then it is not a place that one went
    /// to by keyboard, and keys are not meant for it.
    static IS_POINTED_AT: Cell<bool> = const { Cell::new(false) };
}

/// Notes what was pressed with the mouse or a finger.
pub(crate) fn pointed_at(target: &Element) {
    IS_POINTED_AT.set(closest(target, ".timeline-frame").is_some());
}

/// The focus was moved by keyboard.
pub(crate) fn moved_by_key() {
    IS_POINTED_AT.set(false);
}

/// Whether the focus is where the mouse or a finger has put it, among the messages.
pub(crate) fn is_pointed_at() -> bool {
    IS_POINTED_AT.get()
}

/// A row that was gone to is in view. It takes the focus from what led there by keyboard; from nobody who writes. Whoever came by
/// mouse goes on in the input.
pub(super) fn arrive(row: &Element) {
    let active = dom::active();
    let is_in = |places| {
        active
            .as_ref()
            .and_then(|active| closest(active, places))
            .is_some()
    };
    if is_in("input, textarea, select, dialog") {
        return;
    }
    let by_key = !is_pointed_at() && is_in(".timeline-frame");
    match dom::one(".composer-input") {
        Some(input) if !by_key && !dom::is_touched() => scroll::focus_still(&input),
        _ => scroll::focus_still(row),
    }
}

/// Makes a change, and gives the focus back to what stands in the place of the element that had it: the one of the same
/// kind within the same part of the page. Where that part is gone it is the one beside it, never a control of another one.
pub(crate) fn keep(change: impl FnOnce()) {
    let is_nothing = |active: &Element| system::text(active, "localName") == "body";
    // Where nothing had the focus, as on a phone, nothing gets it.
    let kept = dom::active()
        .filter(|active| !is_nothing(active))
        .map(|active| places(&active));
    change();
    let Some(places) = kept else { return };
    // Runs after the effects that the change has put in line.
    spawn_local(async move {
        let is_lost = || dom::active().is_none_or(|active| is_nothing(&active));
        for place in places {
            if !is_lost() {
                return;
            }
            if let Some(again) = dom::one(&place) {
                scroll::focus_still(&again);
            }
        }
    });
}

/// What finds what may have the focus when an element is not there any more, the best first.
fn places(active: &Element) -> Vec<String> {
    let mut places = Vec::new();
    if let Some(part) = closest(active, "[id]") {
        let id = id_of(&part);
        let name = ["data-emoji", "data-act", "href", "popovertarget"]
            .iter()
            .find_map(|name| Some(["[", name, "=\"", &active.get_attribute(name)?, "\"]"].concat()));
        let name = name.unwrap_or_else(|| system::text(active, "localName"));
        places.push([&*id, " ", &*name].concat());
        places.push(id);
        let beside = ["nextElementSibling", "previousElementSibling"];
        let beside = beside.map(|name| id_of(&system::get(&part, name)));
        places.extend(beside);
    }
    places.push(String::from("#timeline"));
    places
}

/// What finds an element by its id; nothing that has none.
fn id_of(element: &JsValue) -> String {
    String::from("#") + &system::text(element, "id")
}

fn closest(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok()?
}
