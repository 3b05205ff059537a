//! Keys: in the input, among the messages, anywhere.

use web_sys::{Element, Event};

use super::target::{closest, element, is_field, number, sibling};
use super::{actions, roving};
use crate::browser::render::{focus, rendered};
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
    let Some(target) = element(event) else { return };
    let key = latin(event);
    if key == "Tab" || key.starts_with("Arrow") {
        focus::moved_by_key();
    }
    // A key that is held does once what it does.
    let is_held = flag(event, "repeat");
    let is_command = flag(event, "ctrlKey") || flag(event, "metaKey");
    if composer::is_input(&target) && (!is_command || key == "Enter") {
        let sends = composer::sends(event, is_command);
        let acted = !composer::is_composing(event) && composer::key(&key, flag(event, "shiftKey"));
        if acted || sends {
            event.prevent_default();
        }
        if sends && !acted && !is_held {
            composer::send();
        }
        return;
    }
    if flag(event, "defaultPrevented") || composer::is_composing(event) || flag(event, "altKey") {
        return;
    }
    let acted = if is_held && key == "Enter" {
        true
    } else if is_command {
        let finds = key.eq_ignore_ascii_case("k") && !flag(event, "shiftKey");
        if finds {
            actions::find_rooms();
        }
        finds
    } else {
        pressed(&key, &target)
    };
    if acted {
        event.prevent_default();
    } else if !is_command && is_written(&key) && closest(&target, NOT_WRITTEN_FROM).is_none() {
        // The browser puts it there.
        composer::focus();
    }
}

/// Where a letter means something else than that somebody begins to write.
const NOT_WRITTEN_FROM: &str = "input, textarea, select, dialog, :popover-open";

/// Whether a key writes something. A space scrolls, and presses what has the focus.
fn is_written(key: &str) -> bool {
    let mut letters = key.chars();
    letters.next().is_some_and(|letter| letter != ' ') && letters.next().is_none()
}

/// The key, or the Latin letter on it where another script is written: the shortcuts are where they are.
fn latin(event: &Event) -> String {
    let (key, code) = (text(event, "key"), text(event, "code"));
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
        actions::help();
        return true;
    }
    match closest(target, ".message") {
        Some(row) => on_row(key, step_by, &row, target),
        None => closest(target, "#timeline").is_some() && on_timeline(key),
    }
}

/// A key on a row, or on a control in it. Letters mean something only to whoever went there by keyboard, and not while they go
/// elsewhere.
fn on_row(key: &str, step_by: i32, row: &Element, target: &Element) -> bool {
    let goes = rendered::with(|rendered| rendered.addressed.is_some());
    if is_written(key) && (goes || focus::is_pointed_at()) {
        return false;
    }
    let name = match key {
        "ArrowDown" | "ArrowUp" => {
            return sibling(row, step_by).is_some_and(|next| roving::to_row(next, step_by));
        }
        "Escape" => {
            composer::focus();
            return true;
        }
        "p" | "P" => {
            return dom::within(row, "[data-act=part]").is_some_and(|link| actions::press("part", &link));
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
