//! Hydration: the page takes over the server's HTML and starts from what that shows.
//!
//! What `leptos::mount::hydrate_from` does, without its context of what the server sends after the page: ours sends nothing.

use any_spawner::Executor;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Mountable, PositionState, RenderHtml};

use super::mounted::Mounted;
use super::rendered;
use crate::browser::dom;
use crate::chat_app::ChatApp;

/// Hydrates the chat in `#app`; `None` where the server did not render one.
pub fn mount() -> Option<Mounted> {
    let app = dom::app()?;
    let start = rendered::start(&app)?;
    // It fails only where there is an executor already.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    let view = owner.with(|| {
        let chat = view! { <ChatApp start /> }.into_view();
        chat.hydrate::<true>(&Cursor::new(app.into()), &PositionState::default())
    });
    Some(Box::new(Hydrated { view, _owner: owner }))
}

/// The view, which is taken down with this, and what owns what it reacts to.
struct Hydrated<View: Mountable> {
    view: View,
    _owner: Owner,
}

impl<View: Mountable> Drop for Hydrated<View> {
    fn drop(&mut self) {
        self.view.unmount();
    }
}
