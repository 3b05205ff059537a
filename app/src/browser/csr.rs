//! The page that Trunk serves while one works on it: it starts from nothing, asks the server for everything, and its
//! socket goes straight to the server, as Trunk's proxy drops the subprotocol.

use leptos::mount::mount_to;
use leptos::prelude::*;
use protocol::RoomName;

use super::{Mounted, dom, system};
use crate::{ChatApp, Lang, Start};

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

/// Where the socket is.
pub(super) fn socket_address() -> Option<String> {
    let host = system::text(&system::location()?, "hostname");
    Some("ws://".to_owned() + &host + ":8080/ws")
}
