//! The page that takes over the server's HTML: it starts from what that shows, and everything is of one origin.

use leptos::mount::hydrate_from;
use leptos::prelude::*;

use super::{Mounted, dom, rendered, system};
use crate::ChatApp;

/// Takes over the chat in `#app`; `None` when this is not a page of ours.
pub fn mount() -> Option<Mounted> {
    let app = dom::app()?;
    let start = rendered::start(&app)?;
    Some(Box::new(hydrate_from(app, move || view! { <ChatApp start /> })))
}

/// Where the socket is.
pub(super) fn socket_address() -> Option<String> {
    let location = system::location()?;
    let scheme = match &*system::text(&location, "protocol") {
        "https:" => "wss://",
        _ => "ws://",
    };
    Some(scheme.to_owned() + &system::text(&location, "host") + "/ws")
}
