//! Who is here, who is typing, and what we are called.

use leptos::prelude::*;

use super::{focus, frame};
use crate::browser::{dom, driver};
use crate::state::Here;

/// Shows who is here.
pub(crate) fn show() {
    let known = driver::with(|driver| {
        let tab = &driver.tab;
        let (people, count) = tab.here();
        let mut here = Here {
            name: tab.name().map(Box::from),
            names: tab.names().to_vec(),
            people: people.to_vec(),
            count,
            typing: tab.typing().cloned().collect(),
            alike: Vec::new(),
        };
        here.tell_apart(tab.user_id(), driver.chat.words, &mut |known| {
            for row in tab.rows().iter().rev() {
                known.add(row.user_id, row.name.as_deref());
            }
        });
        (driver.chat, here)
    });
    if let Some((chat, here)) = known
        && chat.people.with_untracked(|before| *before != here)
    {
        dom::set_name(here.name.as_deref().unwrap_or_default());
        focus::keep(|| chat.people.set(here));
    }
    // A name of ours that waits for an answer may be stuck now.
    frame::soon();
}
