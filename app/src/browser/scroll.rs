//! The timeline's place while rows come and go.

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use super::dom;

/// How far from the end still counts as being there, in CSS pixels.
const AT_END_PX: i32 = 40;

/// Whether the reader is at the end. The scroller counts down from it: 0 is the newest message.
pub(super) fn is_at_end() -> bool {
    scroller().is_none_or(|scroller| scroller.scroll_top() > -AT_END_PX)
}

/// Goes to the end.
pub(super) fn to_end() {
    if let Some(scroller) = scroller() {
        scroller.set_scroll_top(0);
    }
}

thread_local! {
    /// By how much what is read was left off its place, in CSS pixels: the screen's pixels are whole, rows are not.
    static OFF_BY: Cell<f64> = const { Cell::new(0.0) };
}

/// Keeps what is read where it is, through a change of the rows: at the end there is nothing to do, elsewhere the
/// last message so far says by how much everything moved.
pub(super) fn keep_place(change: impl FnOnce()) {
    let last = dom::all(".message:not(.message-pending)")
        .pop()
        .filter(|_| !is_at_end());
    let place = last.as_ref().map_or(0.0, bottom) - OFF_BY.take();
    change();
    if let (Some(last), Some(scroller)) = (last, scroller()) {
        // Runs after the effects that the change has put in line.
        spawn_local(async move {
            if last.is_connected() {
                scroller.scroll_by_with_x_and_y(0.0, bottom(&last) - place);
                // What is left is made good the next time: it must not add up.
                OFF_BY.set(bottom(&last) - place);
            }
        });
    }
}

fn bottom(element: &Element) -> f64 {
    element.get_bounding_client_rect().bottom()
}

fn scroller() -> Option<Element> {
    dom::one("#timeline")
}
