//! Keys: in the input, among the messages, anywhere.

use web_sys::{Element, Event};

use super::target::{closest, element, is_field, number, sibling};
use super::{actions, dialog, roving};
use crate::browser::system::{flag, text};
use crate::browser::{composer, dom};

/// An insertion into the input: where the browser has no `keydown` for the Enter that sends, this is it.
pub(super) fn beforeinput(event: &Event) {
    let is_ours = element(event).is_some_and(|target| composer::is_input(&target));
    if is_ours && composer::beforeinput(event) {
        event.prevent_default();
        if !composer::key("Enter", false) {
            composer::send();
        }
    }
}

pub(super) fn keydown(event: &Event) {
    let key = text(event, "key");
    let Some(target) = element(event) else { return };
    let is_command = flag(event, "ctrlKey") || flag(event, "metaKey");
    if composer::is_input(&target) && !is_command {
        let sends = composer::sends(event);
        let acted = !composer::is_composing(event) && composer::key(&key, flag(event, "shiftKey"));
        if acted || sends {
            event.prevent_default();
        }
        if sends && !acted {
            composer::send();
        }
        return;
    }
    let acted = if flag(event, "defaultPrevented") || composer::is_composing(event) {
        false
    } else if is_command {
        let finds = !flag(event, "altKey") && key == "k";
        if finds {
            actions::find_rooms();
        }
        finds
    } else {
        pressed(&latin(event, key), &target)
    };
    if acted {
        event.prevent_default();
    }
}

/// The key, or the Latin letter on it where another script is written: the shortcuts are where they are.
fn latin(event: &Event, key: String) -> String {
    let code = text(event, "code");
    match code.strip_prefix("Key") {
        Some(letter) if !key.is_ascii() => letter.to_owned(),
        _ => key,
    }
}

/// A key without a command key. Whether it meant something here.
fn pressed(key: &str, target: &Element) -> bool {
    let step_by = match key {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => 0,
    };
    for place in ["#menu", "#dialog"] {
        if closest(target, place).is_some() {
            return step_by != 0 && roving::step(place, step_by);
        }
    }
    if is_field(target) || closest(target, "dialog").is_some() {
        return false;
    }
    if key == "?" {
        dialog::open(String::from("/parts/help"));
        return true;
    }
    match closest(target, ".message") {
        Some(row) => on_row(key, step_by, &row, target),
        None => closest(target, "#timeline").is_some() && on_timeline(key),
    }
}

/// A key on a row, or on a control in it.
fn on_row(key: &str, step_by: i32, row: &Element, target: &Element) -> bool {
    let name = match key {
        "ArrowDown" | "ArrowUp" => {
            return sibling(row, step_by).is_some_and(|next| roving::to_row(next, step_by));
        }
        "Escape" => {
            composer::focus();
            return true;
        }
        // On a control in the row, that is the control's.
        "Enter" if target == row => "menu",
        "r" | "R" => "reply",
        "e" | "E" => "edit",
        "+" | ":" => "emoji",
        "c" | "C" => "copy",
        "l" | "L" => "link",
        "u" | "U" => "unread",
        "Delete" if closest(row, ".message-own").is_some() => "delete",
        _ => return false,
    };
    let has_menu = dom::within(row, ".message-more").is_some();
    has_menu && actions::press_message(name, number(row, "data-seq").unwrap_or_default(), row)
}

/// A key on the timeline itself: up goes to the last message.
fn on_timeline(key: &str) -> bool {
    match key {
        "ArrowUp" => dom::all(".message[id]")
            .pop()
            .is_some_and(|row| roving::to_row(row, -1)),
        "Escape" => {
            composer::focus();
            true
        }
        _ => false,
    }
}
