//! The one client of the page: the cell it lives in, and the only way to step it.
//!
//! The cell is never borrowed while signals are written or effects carried out. What comes of an effect is reported later,
//! never while it is carried out.

use std::cell::RefCell;

use client::effect::Effect;
use client::tab::{Input, Tab};

use super::system;
use crate::state::Chat;

/// The client, and what the page shows of it.
pub(crate) struct Driver {
    pub(crate) tab: Tab,
    pub(crate) chat: Chat,
    carry_out: fn(Effect),
}

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Puts a client in place; `carry_out` is called for each of its effects, in order.
pub(crate) fn start(tab: Tab, chat: Chat, carry_out: fn(Effect)) {
    DRIVER.set(Some(Driver { tab, chat, carry_out }));
}

/// Drops the client.
pub(crate) fn stop() {
    DRIVER.set(None);
}

/// Reports an input to the client and carries out its effects; nothing once the client is dropped.
pub(crate) fn step(input: Input<'_>) {
    let mut effects = Vec::new();
    let carry_out = with(|driver| {
        driver.tab.step(system::now(), input, &mut effects);
        driver.carry_out
    });
    if let Some(carry_out) = carry_out {
        effects.into_iter().for_each(carry_out);
    }
}

/// Reads or changes the client; `None` once it is dropped.
pub(crate) fn with<T>(use_it: impl FnOnce(&mut Driver) -> T) -> Option<T> {
    DRIVER.with_borrow_mut(|driver| driver.as_mut().map(use_it))
}

/// The page's signals; `None` once the client is dropped.
pub(crate) fn chat() -> Option<Chat> {
    with(|driver| driver.chat)
}
