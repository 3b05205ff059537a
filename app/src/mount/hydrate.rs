//! Hydration: the page takes over the server's HTML and starts from what that shows.

use leptos::mount::hydrate_from;
use leptos::prelude::*;

use super::mounted::Mounted;
use super::rendered;
use crate::browser::dom;
use crate::chat_app::ChatApp;

/// Hydrates the chat in `#app`; `None` where the server did not render one.
pub fn mount() -> Option<Mounted> {
    let app = dom::app()?;
    let start = rendered::start(&app)?;
    Some(Box::new(hydrate_from(app, move || view! { <ChatApp start /> })))
}
