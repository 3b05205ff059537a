//! What can be done with a message, by its menu, its controls and its keys.

use std::cell::Cell;

use client::outbox::EchoedMessage;
use client::tab::Input;
use leptos::prelude::*;
use web_sys::Element;

use super::target::{closest, number};
use super::{clipboard, dialog, roving};
use crate::browser::driver::{self, step};
use crate::browser::system::text;
use crate::browser::{composer, dom, system};

/// What is done with the message of this `seq`; the element is the one that was pressed.
type Action = fn(u64, &Element);

/// The table of what `data-act` says of a message. Whatever was open over the page is closed before, but for the menu that is
/// opened.
const ACTIONS: &[(&str, Action)] = &[
    ("menu", open_menu),
    ("reply", |seq, _| composer::reply(seq)),
    ("edit", |seq, _| composer::edit(seq)),
    ("delete", |seq, _| {
        CHOSEN.set(seq);
        dialog::show("#deleting");
    }),
    ("delete-now", |seq, _| {
        dialog::close();
        step(Input::Delete(system::seed(), seq));
        composer::write_on();
    }),
    ("emoji", |seq, _| {
        CHOSEN.set(seq);
        dialog::open(String::from("/parts/emoji"));
    }),
    ("react", react),
    ("copy", |seq, _| {
        let text = message(seq).map(|row| row.message.message.clone());
        clipboard::copy(&text.unwrap_or_default());
    }),
    ("link", |seq, _| clipboard::copy(&link(seq).unwrap_or_default())),
    ("seen", |seq, _| dialog::open(dialog::about_message("seen", seq))),
    ("edits", |seq, _| {
        dialog::open(dialog::about_message("edits", seq))
    }),
    ("unread", |seq, _| step(Input::MarkUnread(seq))),
];

thread_local! {
    /// The message whose menu or dialog was opened last: these stand outside of all rows.
    static CHOSEN: Cell<u64> = const { Cell::new(0) };
}

/// Does something with a message. Whether that is known.
pub(super) fn act(name: &str, seq: u64, element: &Element) -> bool {
    let Some((_, action)) = ACTIONS.iter().find(|(known, _)| *known == name) else {
        return false;
    };
    if name != "menu" {
        dom::dismiss();
    }
    action(seq, element);
    true
}

/// The message that an element is about: its row's, else the one whose menu or dialog is open.
pub(super) fn seq_of(element: &Element) -> u64 {
    let row = closest(element, ".message").and_then(|row| number(&row, "data-seq"));
    row.unwrap_or(CHOSEN.get())
}

/// Opens the menu of a message beside the element that asked for it. What it offers depends on whose the message is.
fn open_menu(seq: u64, beside: &Element) {
    let (Some(row), Some(menu)) = (message(seq), dom::one("#menu")) else {
        return;
    };
    CHOSEN.set(seq);
    dom::mark(&menu, "data-own", user_id() == Some(row.message.user_id));
    dom::mark(&menu, "data-edited", row.message.edited_at().is_some());
    // By key it is the row that asks: the menu stands where the mouse would have it.
    let button = dom::within(beside, ".message-more");
    dom::show_popover(&menu, button.as_ref().unwrap_or(beside));
    roving::step("#menu", 1);
}

/// Puts an emoji to a message, or takes ours back.
fn react(seq: u64, element: &Element) {
    let emoji = element.get_attribute("data-emoji").unwrap_or_default();
    let me = user_id();
    let has_ours = message(seq).is_some_and(|row| {
        let reactions = row.message.reactions();
        let ours = reactions.iter().find(|reaction| *reaction.emoji == *emoji);
        ours.is_some_and(|reaction| reaction.user_ids.iter().any(|user_id| Some(*user_id) == me))
    });
    dialog::close();
    step(Input::React(system::seed(), seq, emoji, !has_ours));
}

/// The whole address of a message.
fn link(seq: u64) -> Option<String> {
    let room = driver::chat()?.room.get_untracked();
    let origin = text(&system::location()?, "origin");
    Some(origin + &client::wire::endpoints::place(room.as_str(), seq))
}

fn message(seq: u64) -> Option<EchoedMessage> {
    driver::with(|driver| driver.tab.shown().into_iter().find(|row| row.message.seq == seq))?
}

fn user_id() -> Option<protocol::UserId> {
    driver::with(|driver| driver.tab.user_id())?
}
