//! What clicks, keys and forms mean. They are listened to in one place for the whole document, for much of what is acted on
//! the server has drawn: `data-act` says what an element does.

use client::tab::Input;
use leptos::prelude::*;
use protocol::RoomName;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::driver::{self, listen, step, with};
use super::system::{flag, get, number, text};
use super::{clipboard, dialog, dom, enter, places, scroll, show, system, writing};

/// The listeners, which are there for as long as the page.
pub(super) fn listeners() -> Vec<WindowListenerHandle> {
    vec![
        listen("click", click),
        listen("submit", submit),
        listen("input", input),
        listen("beforeinput", beforeinput),
        listen("keydown", keydown),
        listen("mousedown", mousedown),
        listen("focusout", |_| writing::offer_nothing()),
        listen("popstate", |_| places::pop()),
    ]
}

fn click(event: &Event) {
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
        text(element.as_ref(), "localName") != "form" && act(&name, &element)
    });
    let followed = || closest(&target, "a[href]").is_some_and(|link| places::follow(&link));
    if acted || followed() {
        event.prevent_default();
    }
}

/// Does what an element is for. Whether that is known.
fn act(name: &str, element: &Element) -> bool {
    match name {
        "older" => step(Input::Older),
        "newer" => step(Input::Newer),
        "end" => {
            show::to_end();
            write_on();
        }
        "first-unread" => show::to_first_unread(),
        "rooms" => {
            dom::dismiss();
            dialog::open(String::from("/parts/rooms"));
        }
        "room" => dialog::open(part("room", None)),
        "rename" => rename(),
        "close" => dialog::close(),
        "cancel" => writing::cancel(),
        "leave" => {
            if let Some(chat) = driver::chat() {
                step(Input::Leave(chat.room.get_untracked()));
                dialog::close();
                places::go(RoomName::lobby(), None, Some("/"));
            }
        }
        "retry" | "discard" => {
            if let Some(client_id) = element
                .get_attribute("data-client")
                .and_then(|id| id.parse().ok())
            {
                step(match name {
                    "retry" => Input::Retry(system::seed(), client_id),
                    _ => Input::Discard(client_id),
                });
            }
        }
        "mention" => {
            let place = text(element, "id")
                .rsplit('-')
                .next()
                .and_then(|at| at.parse().ok());
            writing::complete(place.unwrap_or_default());
        }
        "copy-code" => {
            if let Some(code) = sibling(element, 1) {
                clipboard::copy(&code.text_content().unwrap_or_default());
            }
        }
        _ => {
            let row =
                closest(element, ".message").and_then(|row| row.get_attribute("data-seq")?.parse().ok());
            let chosen = row.or_else(|| with(|driver| driver.chosen)).unwrap_or_default();
            return act_on(name, chosen, element);
        }
    }
    true
}

/// Does something with a message.
fn act_on(name: &str, seq: u64, element: &Element) -> bool {
    if name == "menu" {
        open_menu(seq, element);
        return true;
    }
    dom::dismiss();
    match name {
        "reply" => writing::reply(seq),
        "edit" => writing::edit(seq),
        "delete" => {
            with(|driver| driver.chosen = seq);
            dialog::show("#deleting");
        }
        "delete-now" => {
            dialog::close();
            step(Input::Delete(system::seed(), seq));
            write_on();
        }
        "emoji" => {
            with(|driver| driver.chosen = seq);
            dialog::open(String::from("/parts/emoji"));
        }
        "react" => react(seq, element),
        "copy" => {
            let said = shown(seq).map(|row| row.message.message.clone());
            clipboard::copy(&said.unwrap_or_default());
        }
        "link" => clipboard::copy(&link(seq).unwrap_or_default()),
        "seen" | "edits" => dialog::open(part(name, Some(seq))),
        "unread" => step(Input::MarkUnread(seq)),
        _ => return false,
    }
    true
}

/// Puts an emoji to a message, or takes ours back.
fn react(seq: u64, element: &Element) {
    let emoji = element.get_attribute("data-emoji").unwrap_or_default();
    let me = with(|driver| driver.tab.user_id()).flatten();
    let has_ours = shown(seq).is_some_and(|row| {
        let reactions = row.message.reactions();
        let ours = reactions.iter().find(|reaction| *reaction.emoji == *emoji);
        ours.is_some_and(|reaction| reaction.user_ids.iter().any(|user_id| Some(*user_id) == me))
    });
    dialog::close();
    step(Input::React(system::seed(), seq, emoji, !has_ours));
}

/// Opens the menu of a message beside the element that asked for it. What it offers depends on whose the message is.
fn open_menu(seq: u64, beside: &Element) {
    let (Some(row), Some(menu)) = (shown(seq), dom::one("#menu")) else {
        return;
    };
    let me = with(|driver| {
        driver.chosen = seq;
        driver.tab.user_id()
    });
    dom::mark(&menu, "data-own", me.flatten() == Some(row.message.user_id));
    dom::mark(&menu, "data-edited", row.message.edited_at().is_some());
    // By key it is the row that asks: the menu stands where the mouse would have it.
    let button = dom::within(beside, ".message-more");
    dom::show_popover(&menu, button.as_ref().unwrap_or(beside));
    step_focus("#menu", 1);
}

fn rename() {
    dom::dismiss();
    if let Some(settings) = dom::one("#settings") {
        dom::show_popover(&settings, &settings);
        if let Some(input) = dom::one("#settings [name=name]") {
            scroll::focus(&input);
        }
    }
}

fn submit(event: &Event) {
    let Some(form) = element(event) else { return };
    let name = form.get_attribute("data-act").unwrap_or_default();
    if name == "send" {
        event.prevent_default();
        writing::send();
        return;
    }
    let Some(field) = dom::within(&form, "input[name]") else {
        return;
    };
    let text = text(&field, "value");
    match &*name {
        "name" => step(Input::Rename(system::seed(), text)),
        "topic" => step(Input::Topic(system::seed(), text)),
        "find" => {
            event.prevent_default();
            dialog::find(field, true);
            return;
        }
        _ => return,
    }
    event.prevent_default();
    dom::dismiss();
    dialog::close();
    write_on();
}

/// Gives the focus to the input, where that does not bring up a keyboard over the half of what is read.
fn write_on() {
    if !dom::is_touched() {
        writing::focus();
    }
}

/// A name that is pressed must not take the focus from the input, which would close the list.
fn mousedown(event: &Event) {
    if element(event).is_some_and(|target| closest(&target, ".mention-list").is_some()) {
        event.prevent_default();
    }
}

fn input(event: &Event) {
    let Some(target) = element(event) else { return };
    if is_composer(&target) {
        writing::writing();
    } else if text(&target, "name") == "find" {
        dialog::find(target, false);
    }
}

fn beforeinput(event: &Event) {
    let is_ours = element(event).is_some_and(|target| is_composer(&target));
    if is_ours && enter::beforeinput(event) {
        event.prevent_default();
        if !writing::composer_key("Enter", false) {
            writing::send();
        }
    }
}

fn keydown(event: &Event) {
    let key = text(event, "key");
    let Some(target) = element(event) else { return };
    let is_command = flag(event, "ctrlKey") || flag(event, "metaKey");
    if is_composer(&target) && !is_command {
        let sends = enter::keydown(event);
        let acted = !enter::is_composing(event) && writing::composer_key(&key, flag(event, "shiftKey"));
        if acted || sends {
            event.prevent_default();
        }
        if sends && !acted {
            writing::send();
        }
        return;
    }
    let acted = if flag(event, "defaultPrevented") || enter::is_composing(event) {
        false
    } else if is_command {
        !flag(event, "altKey") && key == "k" && act("rooms", &target)
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
    if closest(target, "#menu").is_some() {
        return step_by != 0 && step_focus("#menu", step_by);
    }
    if closest(target, "#dialog").is_some() {
        return step_by != 0 && step_focus("#dialog", step_by);
    }
    if is_input(target) || closest(target, "dialog").is_some() {
        return false;
    }
    if key == "?" {
        dialog::open(String::from("/parts/help"));
        return true;
    }
    let row = closest(target, ".message");
    let Some(row) = row else {
        return closest(target, "#timeline").is_some() && on_timeline(key);
    };
    let seq = row.get_attribute("data-seq").and_then(|seq| seq.parse().ok());
    let name = match key {
        "ArrowDown" | "ArrowUp" => {
            let next = sibling(&row, step_by);
            return next.is_some_and(|next| to_row(next, step_by));
        }
        "Escape" => {
            writing::focus();
            return true;
        }
        // On a control in the row, that is the control's.
        "Enter" if target == &row => "menu",
        "r" | "R" => "reply",
        "e" | "E" => "edit",
        "+" | ":" => "emoji",
        "c" | "C" => "copy",
        "l" | "L" => "link",
        "u" | "U" => "unread",
        "Delete" if closest(&row, ".message-own").is_some() => "delete",
        _ => return false,
    };
    let has_menu = dom::within(&row, ".message-more");
    has_menu.is_some() && act_on(name, seq.unwrap_or_default(), &row)
}

/// A key on the timeline itself: up goes to the last message.
fn on_timeline(key: &str) -> bool {
    match key {
        "ArrowUp" => dom::all(".message[id]").pop().is_some_and(|row| to_row(row, -1)),
        "Escape" => {
            writing::focus();
            true
        }
        _ => false,
    }
}

/// Gives the focus to the next row that is a message's.
fn to_row(mut row: Element, step_by: i32) -> bool {
    while text(&row, "id").is_empty() {
        let next = sibling(&row, step_by);
        let Some(next) = next else { return false };
        row = next;
    }
    scroll::focus(&row);
    true
}

/// Gives the focus to the next control in a place, from the one that has it.
fn step_focus(place: &str, step_by: i32) -> bool {
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

/// The address of a part that the server draws about this room, or about a message of it.
fn part(name: &str, seq: Option<u64>) -> String {
    let room = driver::chat().map(|chat| chat.room.get_untracked().to_string());
    let room = room.unwrap_or_default();
    let page = match seq {
        Some(seq) => client::wire::endpoints::place(&room, seq),
        None => client::wire::endpoints::page(&room),
    };
    ["/parts/", name, page.strip_prefix("/rooms").unwrap_or_default()].concat()
}

/// The whole address of a message.
fn link(seq: u64) -> Option<String> {
    let room = driver::chat()?.room.get_untracked();
    let origin = text(&system::location()?, "origin");
    Some(origin + &client::wire::endpoints::place(room.as_str(), seq))
}

fn shown(seq: u64) -> Option<client::outbox::EchoedMessage> {
    with(|driver| driver.tab.shown().into_iter().find(|row| row.message.seq == seq))?
}

fn element(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The element after another one, or before it.
fn sibling(element: &Element, step_by: i32) -> Option<Element> {
    let name = if step_by > 0 {
        "nextElementSibling"
    } else {
        "previousElementSibling"
    };
    get(element, name).dyn_into().ok()
}

fn closest(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok()?
}

fn is_composer(element: &Element) -> bool {
    closest(element, ".composer-input").is_some()
}

fn is_input(element: &Element) -> bool {
    closest(element, "input, textarea, select").is_some()
}
