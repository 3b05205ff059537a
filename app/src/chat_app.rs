//! The component that everything on the page hangs below.

use leptos::prelude::*;

use crate::browser;
use crate::components::{Composer, Heading, Notice, People, Rooms, Timeline};
use crate::start::Start;
use crate::state::Chat;

/// A room: what was said in it, and an input to say something. Connects when it is mounted, disconnects when it is
/// taken down.
#[component]
pub fn ChatApp(
    /// What is known at first.
    start: Start,
) -> impl IntoView {
    let chat = Chat::new(&start, browser::typed());
    let form_client_id = start.form_client_id.clone();
    browser::connect_soon(chat, start);
    on_cleanup(browser::disconnect);

    view! {
        <div class="chat">
            <Rooms chat />
            <main class="room">
                <Heading chat />
                <Timeline chat />
                <Notice chat />
                <Composer chat form_client_id />
            </main>
            <People chat />
        </div>
    }
}
