//! The timeline's place while rows come and go.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, FocusOptions, HtmlElement};

use crate::browser::system::number;
use crate::browser::{dom, system};
use crate::row_id::row_id;

/// How far from the end still counts as being there, in CSS pixels.
const AT_END_PX: f64 = 40.0;
/// How near an edge one has to scroll for what lies beyond to be fetched, in CSS pixels.
const NEAR_PX: f64 = 600.0;

/// Whether the reader is at the end. The scroller counts down from it: 0 is the newest message.
pub(crate) fn is_at_end() -> bool {
    scroller().is_none_or(|scroller| number(&scroller, "scrollTop") > -AT_END_PX)
}

/// Goes to the end.
pub(crate) fn to_end() {
    if let Some(scroller) = scroller() {
        system::set(&scroller, "scrollTop", &0.into());
    }
}

/// Whether the reader is near the first row, and near the last.
pub(crate) fn near() -> (bool, bool) {
    scroller().map_or((false, false), |scroller| {
        let (top, height) = (number(&scroller, "scrollTop"), number(&scroller, "clientHeight"));
        (
            number(&scroller, "scrollHeight") - height + top < NEAR_PX,
            top > -NEAR_PX,
        )
    })
}

/// Whether the line above the unread is in view, or below it.
pub(crate) fn is_past_unread() -> bool {
    match (dom::one(".unread"), scroller()) {
        (Some(line), Some(scroller)) => top(&line) >= top(&scroller),
        _ => false,
    }
}

/// Brings a message into view: its row, if that is there.
pub(super) fn to_message(seq: u64) -> Option<Element> {
    let (row, scroller) = (row(&row_id(seq))?, scroller()?);
    // A third of the way down: what was said before it is seen, too.
    let third = number(&scroller, "clientHeight") / 3.0;
    scroller.scroll_by_with_x_and_y(0.0, top(&row) - top(&scroller) - third);
    Some(row)
}

/// A place of the room that was left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// The message in the middle of what was seen.
    pub(crate) seq: u64,
    /// How far below the upper edge of what is seen its row ended, in CSS pixels.
    below_px: f64,
}

/// Where the reader is, unless that is the end.
pub(crate) fn reading() -> Option<Left> {
    let scroller = scroller().filter(|_| !is_at_end())?;
    let id = anchor()?;
    Some(Left {
        seq: id.get(1..)?.parse().ok()?,
        below_px: place(&id)? - top(&scroller),
    })
}

/// Goes back to where the reader was.
pub(super) fn back_to(left: Left) {
    if let (Some(place), Some(scroller)) = (place(&row_id(left.seq)), scroller()) {
        scroller.scroll_by_with_x_and_y(0.0, place - top(&scroller) - left.below_px);
    }
}

/// Gives the focus to an element, and brings it into view.
pub(crate) fn focus(element: &Element) {
    focus_at(element, false);
}

/// Gives the focus to an element where it stands.
pub(crate) fn focus_still(element: &Element) {
    focus_at(element, true);
}

fn focus_at(element: &Element, is_still: bool) {
    let options: FocusOptions = system::object("preventScroll", &is_still.into()).unchecked_into();
    let _ = element
        .unchecked_ref::<HtmlElement>()
        .focus_with_options(&options);
}

thread_local! {
    /// By how much what is read was left off its place, in CSS pixels: the screen's pixels are whole, rows are not.
    static OFF_BY: Cell<f64> = const { Cell::new(0.0) };
}

/// Makes a change of the rows. When the reader's place is to be kept, a row in the middle of what is seen says by how much
/// everything moved. `drawn` is called when the change is drawn.
pub(crate) fn keep_place(keeps_place: bool, change: impl FnOnce(), drawn: impl FnOnce() + 'static) {
    let anchor = if keeps_place { anchor() } else { None };
    let before = anchor
        .as_deref()
        .and_then(place)
        .map(|place| place - OFF_BY.take());
    change();
    // Runs after the effects that the change has put in line.
    spawn_local(async move {
        if let (Some(id), Some(before), Some(scroller)) = (anchor, before, scroller())
            && let Some(after) = place(&id)
        {
            if (after - before).abs() >= 1.0 {
                scroller.scroll_by_with_x_and_y(0.0, after - before);
            }
            // What is left is made good the next time: it must not add up.
            OFF_BY.set(place(&id).unwrap_or(before) - before);
        }
        drawn();
    });
}

/// The rows that can say by how much everything moved: what is on its way gives its place up.
const ANCHORS: &str = ".message[id^=m]";

/// The id of a row in the middle of what is seen.
fn anchor() -> Option<String> {
    let scroller = scroller()?.get_bounding_client_rect();
    let document = system::window()?.document()?;
    let x = number(&scroller, "left") + number(&scroller, "width") / 2.0;
    let y = |part: f64| number(&scroller, "top") + number(&scroller, "height") * part;
    // Between two rows there is none, nor below what is open over the page.
    let row = [0.5, 0.45, 0.55, 0.3, 0.7].iter().find_map(|part| {
        #[expect(clippy::cast_possible_truncation, reason = "a place on the screen")]
        let found = document.element_from_point(x as f32, y(*part) as f32)?;
        found.closest(ANCHORS).ok()?
    });
    let below = |row: &Element| bottom(row) > y(0.5);
    let row = row.or_else(|| dom::all(ANCHORS).into_iter().find(below));
    let row = row?;
    Some(system::text(&row, "id"))
}

/// Where the row of this id stands.
fn place(id: &str) -> Option<f64> {
    Some(bottom(&row(id)?))
}

/// The row of this id.
fn row(id: &str) -> Option<Element> {
    dom::one(&[".messages > #", id].concat())
}

fn bottom(element: &Element) -> f64 {
    number(&element.get_bounding_client_rect(), "bottom")
}

fn top(element: &Element) -> f64 {
    number(&element.get_bounding_client_rect(), "top")
}

fn scroller() -> Option<Element> {
    dom::one("#timeline")
}
