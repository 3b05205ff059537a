//! Client-side rendering, under Trunk: the page starts from nothing and asks the server for everything.

use leptos::mount::mount_to;
use leptos::prelude::*;
use protocol::RoomName;

use super::mounted::Mounted;
use crate::browser::dom;
use crate::chat_app::ChatApp;
use crate::start::Start;
use crate::words::Lang;

/// Builds the chat in `#app`; `None` when there is no such place.
pub fn mount() -> Option<Mounted> {
    let start = Start {
        words: Lang::default().words(),
        room: RoomName::lobby(),
        place: None,
        page: None,
        rooms: Vec::new(),
        user_id: None,
        name: None,
        form_client_id: String::new(),
        refusal: None,
    };
    Some(Box::new(mount_to(
        dom::app()?,
        move || view! { <ChatApp start /> },
    )))
}
