//! The one table of what `data-act` says: from the name in the HTML to what is done.

use client::Person;
use client::outbox::Seed;
use client::tab::Input;
use leptos::prelude::*;
use protocol::{ClientId, RoomName};
use web_sys::Element;

use super::target::sibling;
use super::{clipboard, dialog, finder, message_actions, navigation};
use crate::browser::composer;
use crate::browser::driver::{self, step};
use crate::browser::render::{jumps, scroll};
use crate::browser::system::text;
use crate::browser::{dom, system};

/// What an element does when it is pressed, or a form when it is sent.
enum Action {
    /// Something with the page; the element is the one that was pressed.
    Page(fn(&Element)),
    /// Something with the message of this `seq`. Menus close first.
    Message(fn(u64, &Element)),
    /// The same, from a menu that opens.
    Menu(fn(u64, &Element)),
    /// What a form does when it is sent.
    Form(fn(&Element)),
}

use Action::{Form, Menu, Message, Page};

const ACTIONS: &[(&str, Action)] = &[
    ("older", Page(|_| step(Input::Older))),
    ("newer", Page(|_| step(Input::Newer))),
    ("end", Page(|_| to_end())),
    ("first-unread", Page(|_| jumps::to_first_unread())),
    ("rooms", Page(|_| find_rooms())),
    ("part", Page(part)),
    ("call", Page(call)),
    ("room", Page(|_| dialog::open(dialog::about_room("room")))),
    ("rename", Page(|_| rename())),
    ("help", Page(|_| help())),
    ("close", Page(|_| dialog::close())),
    ("again", Page(|_| dialog::again())),
    ("cancel", Page(|_| composer::cancel())),
    ("leave", Page(|_| leave())),
    ("retry", Page(retry)),
    ("discard", Page(discard)),
    ("retry-all", Page(|_| step(Input::RetryAll(system::seed())))),
    ("discard-all", Page(|_| step(Input::DiscardAll))),
    ("drop-edit", Page(|_| message_actions::drop_edit())),
    ("mention", Page(mention)),
    ("copy-code", Page(copy_code)),
    ("menu", Menu(message_actions::open_menu)),
    (
        "reply",
        Message(|seq, _| message_actions::begin(composer::reply, seq)),
    ),
    (
        "edit",
        Message(|seq, _| message_actions::begin(composer::edit, seq)),
    ),
    ("delete", Message(|seq, _| message_actions::ask_to_delete(seq))),
    ("delete-now", Message(|seq, _| message_actions::delete(seq))),
    ("emoji", Message(|seq, _| message_actions::pick_emoji(seq))),
    ("react", Message(message_actions::react)),
    ("copy", Message(|seq, _| message_actions::copy_text(seq))),
    ("link", Message(|seq, _| message_actions::copy_link(seq))),
    (
        "seen",
        Message(|seq, _| dialog::open(dialog::about_message("seen", seq))),
    ),
    (
        "reactions",
        Message(|seq, _| dialog::open(dialog::about_message("reactions", seq))),
    ),
    (
        "edits",
        Message(|seq, _| dialog::open(dialog::about_message("edits", seq))),
    ),
    ("unread", Message(|seq, _| step(Input::MarkUnread(seq)))),
    ("send", Form(|_| composer::send())),
    ("find", Form(find)),
    ("name", Form(|form| ask(form, Input::Rename))),
    ("topic", Form(|form| ask(form, Input::Topic))),
];

/// Does what an element is for. Whether that is known.
pub(super) fn press(name: &str, element: &Element) -> bool {
    match find_action(name) {
        Some(Page(act)) => {
            act(element);
            true
        }
        Some(Message(_) | Menu(_)) => press_message(name, message_actions::seq_of(element), element),
        Some(Form(_)) | None => false,
    }
}

/// Does something with the message of this `seq`. Whether that is known.
pub(super) fn press_message(name: &str, seq: u64, element: &Element) -> bool {
    match find_action(name) {
        Some(Message(act)) => {
            dom::dismiss();
            act(seq, element);
        }
        Some(Menu(act)) => act(seq, element),
        Some(Page(_) | Form(_)) | None => return false,
    }
    true
}

/// Does what a form is for. Whether that is known.
pub(super) fn submit(name: &str, form: &Element) -> bool {
    match find_action(name) {
        Some(Form(act)) => {
            act(form);
            true
        }
        _ => false,
    }
}

fn find_action(name: &str) -> Option<&'static Action> {
    let action = ACTIONS.iter().find(|(known, _)| *known == name);
    action.map(|(_, action)| action)
}

/// Looks for a room.
pub(super) fn find_rooms() {
    dom::dismiss();
    dialog::open(String::from("/parts/rooms"));
}

/// Shows what the keys do, and how to write.
pub(super) fn help() {
    dom::dismiss();
    dialog::open(String::from("/parts/help"));
}

/// Shows in the dialog what a link leads to.
fn part(link: &Element) {
    dom::dismiss();
    dialog::open(String::from("/parts") + &link.get_attribute("href").unwrap_or_default());
}

/// Mentions the person whose card is open.
fn call(button: &Element) {
    let of = |name| button.get_attribute(name);
    dialog::close();
    if let Some(user_id) = of("data-user").and_then(|id| id.parse().ok()) {
        let name = of("data-name").map(String::into_boxed_str);
        composer::call(Person { user_id, name });
    }
}

fn to_end() {
    jumps::to_end();
    composer::write_on();
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

/// Leaves the room that is shown.
fn leave() {
    if let Some(chat) = driver::chat() {
        step(Input::Leave(chat.room.get_untracked()));
        dialog::close();
        navigation::go(RoomName::lobby(), None, Some("/"));
    }
}

fn retry(element: &Element) {
    if let Some(client_id) = client_id(element) {
        step(Input::Retry(system::seed(), client_id));
    }
}

fn discard(element: &Element) {
    if let Some(client_id) = client_id(element) {
        step(Input::Discard(client_id));
    }
}

fn client_id(element: &Element) -> Option<ClientId> {
    element.get_attribute("data-client")?.parse().ok()
}

fn mention(element: &Element) {
    let id = text(element, "id");
    let at = id.rsplit('-').next().and_then(|at| at.parse().ok());
    composer::complete(at.unwrap_or_default());
}

fn copy_code(element: &Element) {
    if let Some(code) = sibling(element, 1) {
        clipboard::copy(&code.text_content().unwrap_or_default());
    }
}

fn find(form: &Element) {
    if let Some(field) = field(form) {
        finder::find(field, true);
    }
}

/// Asks for what the form's field says.
fn ask(form: &Element, input: fn(Seed, String) -> Input<'static>) {
    let Some(field) = field(form) else { return };
    step(input(system::seed(), text(&field, "value")));
    dom::dismiss();
    dialog::close();
    composer::write_on();
}

fn field(form: &Element) -> Option<Element> {
    dom::within(form, "input[name]")
}
