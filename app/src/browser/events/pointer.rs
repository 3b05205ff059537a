//! What the mouse or a finger presses.

use web_sys::Event;

use super::target::{closest, element};
use super::{actions, navigation};
use crate::browser::render::focus;
use crate::browser::system::flag;

/// Does what the element is for, or follows its link within the page.
pub(super) fn click(event: &Event) {
    let Some(target) = element(event) else { return };
    // Those ask the browser for another tab or a window.
    if ["defaultPrevented", "ctrlKey", "metaKey", "shiftKey"]
        .iter()
        .any(|name| flag(event, name))
    {
        return;
    }
    let acted = closest(&target, "[data-act]").is_some_and(|element| {
        let name = element.get_attribute("data-act").unwrap_or_default();
        actions::press(&name, &element)
    });
    let followed = || closest(&target, "a[href]").is_some_and(|link| navigation::follow(&link));
    if acted || followed() {
        event.prevent_default();
    }
}

/// A name that is pressed must not take the focus from the input, which would close the list; nor the button that sends, which
/// would put away the keyboard of a touched screen.
pub(super) fn mousedown(event: &Event) {
    let Some(target) = element(event) else { return };
    focus::pointed_at(&target);
    if closest(&target, ".mention-list, .composer-send").is_some() {
        event.prevent_default();
    }
}
