//! The table of what `data-act` says, from the name to what is done. Forms are in `forms`.

use client::tab::Input;
use leptos::prelude::*;
use protocol::{ClientId, RoomName};
use web_sys::Element;

use super::target::sibling;
use super::{clipboard, dialog, message_actions, navigation};
use crate::browser::composer;
use crate::browser::driver::{self, step};
use crate::browser::render::{jumps, scroll};
use crate::browser::system::text;
use crate::browser::{dom, system};

/// What an element does when it is pressed.
type Action = fn(&Element);

/// What concerns a message is in [`message_actions::ACTIONS`].
const ACTIONS: &[(&str, Action)] = &[
    ("older", |_| step(Input::Older)),
    ("newer", |_| step(Input::Newer)),
    ("end", |_| {
        jumps::to_end();
        composer::write_on();
    }),
    ("first-unread", |_| jumps::to_first_unread()),
    ("rooms", |_| find_rooms()),
    ("room", |_| dialog::open(dialog::about_room("room"))),
    ("rename", |_| rename()),
    ("close", |_| dialog::close()),
    ("cancel", |_| composer::cancel()),
    ("leave", |_| leave()),
    ("retry", |element| {
        if let Some(client_id) = client_id(element) {
            step(Input::Retry(system::seed(), client_id));
        }
    }),
    ("discard", |element| {
        if let Some(client_id) = client_id(element) {
            step(Input::Discard(client_id));
        }
    }),
    ("mention", |element| {
        let id = text(element, "id");
        let at = id.rsplit('-').next().and_then(|at| at.parse().ok());
        composer::complete(at.unwrap_or_default());
    }),
    ("copy-code", |element| {
        if let Some(code) = sibling(element, 1) {
            clipboard::copy(&code.text_content().unwrap_or_default());
        }
    }),
];

/// Does what an element is for. Whether that is known.
pub(super) fn act(name: &str, element: &Element) -> bool {
    match ACTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, action)) => {
            action(element);
            true
        }
        None => message_actions::act(name, message_actions::seq_of(element), element),
    }
}

/// Looks for a room.
pub(super) fn find_rooms() {
    dom::dismiss();
    dialog::open(String::from("/parts/rooms"));
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

fn client_id(element: &Element) -> Option<ClientId> {
    element.get_attribute("data-client")?.parse().ok()
}
