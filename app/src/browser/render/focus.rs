//! Keeping the focus where it is while what has it is drawn anew.

use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use super::scroll;
use crate::browser::{dom, system};

/// Makes a change, and gives the focus back to what stands in the place of the element that had it: the one of the same
/// kind within the same part of the page.
pub(crate) fn keep(change: impl FnOnce()) {
    let kept = dom::active().and_then(|active| place(&active));
    change();
    let Some((part, selector)) = kept else { return };
    // Runs after the effects that the change has put in line.
    spawn_local(async move {
        let is_lost = dom::active().is_none_or(|active| system::text(&active, "localName") == "body");
        if !is_lost {
            return;
        }
        let again = dom::one(&[&*part, " ", &*selector].concat())
            .or_else(|| dom::one(&part))
            .or_else(|| dom::one("#timeline"));
        if let Some(again) = again {
            scroll::focus_still(&again);
        }
    });
}

/// The part of the page that an element is in, and what finds the element in it.
fn place(active: &Element) -> Option<(String, String)> {
    let part = active.closest("[id]").ok()??;
    let id = String::from("#") + &system::text(&part, "id");
    for name in ["data-emoji", "data-act", "href", "popovertarget"] {
        if let Some(value) = active.get_attribute(name) {
            return Some((id, ["[", name, "=\"", &*value, "\"]"].concat()));
        }
    }
    Some((id, system::text(active, "localName")))
}
