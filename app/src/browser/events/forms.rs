//! Forms, and what is written into their fields.

use web_sys::Event;

use super::target::element;
use super::{actions, finder};
use crate::browser::composer;
use crate::browser::system::text;

pub(super) fn submit(event: &Event) {
    let Some(form) = element(event) else { return };
    let name = form.get_attribute("data-act").unwrap_or_default();
    if actions::submit(&name, &form) {
        event.prevent_default();
    }
}

pub(super) fn input(event: &Event) {
    let Some(target) = element(event) else { return };
    if composer::is_input(&target) {
        composer::typed();
    } else if text(&target, "name") == "find" {
        finder::find_soon(target);
    }
}
