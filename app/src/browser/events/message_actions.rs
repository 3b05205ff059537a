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

/// What is begun, and with the message of which `seq`.
type Begin = (fn(u64), u64);

thread_local! {
    /// The message whose menu or dialog was opened last: these stand outside of all rows.
    static CHOSEN: Cell<u64> = const { Cell::new(0) };
    /// What is begun with which message once the edit in progress is given up.
    static NEXT: Cell<Option<Begin>> = const { Cell::new(None) };
}

/// The message that an element is about: its row's or notice's, else the one whose menu or dialog is open.
pub(super) fn seq_of(element: &Element) -> u64 {
    let row = closest(element, "[data-seq]").and_then(|row| number(&row, "data-seq"));
    row.unwrap_or(CHOSEN.get())
}

/// Opens the menu of a message beside the element that asked for it. What it offers depends on whose the message is.
pub(super) fn open_menu(seq: u64, beside: &Element) {
    let (Some(row), Some(menu)) = (message(seq), dom::one("#menu")) else {
        return;
    };
    CHOSEN.set(seq);
    dom::mark(&menu, "data-own", user_id() == Some(row.message.user_id));
    dom::mark(&menu, "data-edited", row.message.edited_at().is_some());
    dom::mark(&menu, "data-reacted", !row.message.reactions().is_empty());
    // By key it is the row that asks: the menu stands where the mouse would have it.
    let button = dom::within(beside, ".message-more");
    dom::show_popover(&menu, button.as_ref().unwrap_or(beside));
    roving::step("#menu", 1);
}

/// Puts an emoji to a message, or takes ours back.
pub(super) fn react(seq: u64, element: &Element) {
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

/// Asks whether a message is to be deleted.
pub(super) fn ask_to_delete(seq: u64) {
    CHOSEN.set(seq);
    dialog::show("#deleting");
}

pub(super) fn delete(seq: u64) {
    dialog::close();
    step(Input::Delete(system::seed(), seq));
    composer::write_on();
}

/// Begins an answer or an edit. Asks first where that throws away what an edit has changed.
pub(super) fn begin(act: fn(u64), seq: u64) {
    if composer::loses_edit(seq) {
        NEXT.set(Some((act, seq)));
        dialog::show("#dropping");
    } else {
        act(seq);
    }
}

/// Gives up the edit in progress for what was to be begun.
pub(super) fn drop_edit() {
    dialog::close();
    composer::drop_edit();
    if let Some((act, seq)) = NEXT.take() {
        act(seq);
    }
}

/// Shows all emoji, to choose one for a message.
pub(super) fn pick_emoji(seq: u64) {
    CHOSEN.set(seq);
    dialog::open(String::from("/parts/emoji"));
}

pub(super) fn copy_text(seq: u64) {
    let text = message(seq).map(|row| row.message.message.clone());
    clipboard::copy(&text.unwrap_or_default());
}

pub(super) fn copy_link(seq: u64) {
    clipboard::copy(&link(seq).unwrap_or_default());
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
