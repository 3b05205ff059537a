//! What the page does not need at once: pieces of HTML that the script fetches and puts into the dialog.
//!
//! Each begins with the dialog's title, save what is found of rooms, which stands within a piece. Drawn here, they and
//! their words cost the browser nothing until somebody asks for them.

mod about;
mod edits;
pub(super) mod emoji;
mod help;
mod rooms;
mod seen;

use leptos::prelude::*;
use protocol::{ErrorCode, RoomName};

use super::words;
use crate::Lang;

pub use about::{About, about};
pub use edits::{Former, edits};
pub use emoji::emoji;
pub use help::help;
pub use rooms::{Found, RoomLine, found, is_lobby_meant, rooms};
pub(super) use rooms::{finder, listed};
pub use seen::{Reader, seen};

/// Why a part is not there, and what to do.
#[must_use]
pub fn refused(lang: Lang, code: ErrorCode) -> String {
    let (title, sentence) = words::refused(lang, code);
    let part = view! {
        {titled(title)}
        <p class="part-refused" data-code=code.as_str()>
            {sentence}
        </p>
    };
    part.to_html()
}

fn titled(title: impl Into<String>) -> impl IntoView {
    view! { <h2 id="dialog-title">{title.into()}</h2> }
}

/// A room's address.
pub(super) fn address(room: &RoomName) -> String {
    if room.is_lobby() {
        String::from("/")
    } else {
        client::wire::endpoints::page(room.as_str())
    }
}

/// What a room is called in the page.
fn name_of(room: &RoomName, lang: Lang) -> String {
    if room.is_lobby() {
        lang.words().lobby().to_owned()
    } else {
        room.to_string()
    }
}
