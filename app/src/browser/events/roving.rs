//! Moving the focus with the arrow keys: among the rows, and among the controls of a menu or a dialog.

use web_sys::Element;

use super::target::sibling;
use crate::browser::dom;
use crate::browser::render::scroll;
use crate::browser::system::{number, text};

/// Gives the focus to the next row that is a message's.
pub(super) fn to_row(mut row: Element, step_by: i32) -> bool {
    while text(&row, "id").is_empty() {
        let next = sibling(&row, step_by);
        let Some(next) = next else { return false };
        row = next;
    }
    scroll::focus(&row);
    true
}

/// Gives the focus to the next control in a place, from the one that has it.
pub(super) fn step(place: &str, step_by: i32) -> bool {
    let controls = [
        place,
        " :is(a[href], button:not(.dialog-button, .sheet-close), input)",
    ]
    .concat();
    let is_seen = |element: &Element| number(element, "offsetHeight") > 0.0;
    let controls: Vec<Element> = dom::all(&controls).into_iter().filter(is_seen).collect();
    let active = dom::active();
    let at = controls
        .iter()
        .position(|control| Some(control) == active.as_ref());
    let next = match (at, step_by > 0) {
        (None, _) => controls.first(),
        (Some(at), true) => controls.get(at + 1).or(controls.first()),
        (Some(0), false) => controls.last(),
        (Some(at), false) => controls.get(at - 1),
    };
    next.is_some_and(|next| {
        scroll::focus(next);
        true
    })
}
