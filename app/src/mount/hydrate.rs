//! Hydration: the page takes over the server's HTML and starts from what that shows.
//!
//! What `leptos::mount::hydrate_from` does, without its context of what the server sends after the page: ours sends nothing.

use std::mem::ManuallyDrop;

use any_spawner::Executor;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{PositionState, RenderHtml};
use web_sys::HtmlElement;

use super::mounted::Mounted;
use super::rendered;
use crate::browser::{self, dom};
use crate::chat_app::ChatApp;

/// Hydrates the chat in `#app`; `None` where the server did not render one.
pub fn mount() -> Option<Mounted> {
    let app = dom::app()?;
    let start = rendered::start(&app)?;
    // It fails only where there is an executor already.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let place = app.clone();
    let view = owner.with(|| {
        let chat = view! { <ChatApp start /> }.into_view();
        chat.hydrate::<true>(&Cursor::new(app.into()), &PositionState::default())
    });
    // They stay for as long as the page: to take apart what is drawn would be code that everybody loads.
    let _ = ManuallyDrop::new((owner, view));
    Some(Box::new(Hydrated(place)))
}

/// Where the chat is. When this ends its connection does, and it is taken out of the page as a whole.
struct Hydrated(HtmlElement);

impl Drop for Hydrated {
    fn drop(&mut self) {
        browser::disconnect();
        self.0.set_inner_html("");
    }
}
