//! The chat: three signals of the original component, and what the page shows beside them.

use std::sync::Arc;

use client::Message;
use client::connection::Status;
use client::posts::Post;
use client::timeline::Older;
use leptos::prelude::*;
use protocol::{ErrorCode, RoomName, UserId};

use crate::components::{Composer, Notice, Timeline};
use crate::{Refusal, Start, browser, words};

/// What the chat shows. The browser's side writes these signals, the components read them.
#[derive(Clone, Copy)]
pub(crate) struct Chat {
    /// The room's messages, oldest first.
    pub(crate) messages: RwSignal<Vec<Arc<Message>>>,
    /// Who we are.
    pub(crate) user_id: RwSignal<Option<UserId>>,
    /// What stands in the input.
    pub(crate) input_message: RwSignal<String>,
    /// Our posts that are on their way.
    pub(crate) posts: RwSignal<Vec<Post>>,
    /// What stands above the first message.
    pub(crate) older: RwSignal<Older>,
    /// How the line is.
    pub(crate) status: RwSignal<Status>,
    /// Why the last post was refused, if it was.
    pub(crate) refusal: RwSignal<Option<ErrorCode>>,
    /// Whether the first rendering, which has to equal the server's, is over: from then on times are local.
    pub(crate) is_alive: StoredValue<bool>,
}

impl Chat {
    fn new(start: &Start) -> Self {
        let older = if start.has_older {
            Older::More
        } else {
            Older::Begin
        };
        let refusal = start.refusal.as_ref();
        let text = browser::typed().or_else(|| refusal.map(|refusal| refusal.text.clone()));
        Self {
            messages: RwSignal::new(start.messages.iter().cloned().map(Arc::new).collect()),
            user_id: RwSignal::new(start.user_id),
            input_message: RwSignal::new(text.unwrap_or_default()),
            posts: RwSignal::new(Vec::new()),
            older: RwSignal::new(older),
            status: RwSignal::new(Status::Idle),
            refusal: RwSignal::new(refusal.map(Refusal::reason)),
            is_alive: StoredValue::new(false),
        }
    }
}

/// A room: what was said in it, and an input to say something. Connects when it is mounted, disconnects when it is
/// taken down.
#[component]
pub fn ChatApp(
    /// What is known at first.
    start: Start,
) -> impl IntoView {
    let chat = Chat::new(&start);
    let room = start.room.clone();
    let action = client::address::page(room.as_str());
    let form_client_id = start.form_client_id.clone();
    Effect::new(move || {
        chat.is_alive.set_value(true);
        browser::connect(chat, &start);
    });
    on_cleanup(browser::disconnect);

    view! {
        <main class="chat">
            <Heading room />
            <Timeline chat />
            <Notice chat />
            <Composer chat action form_client_id />
        </main>
    }
}

#[component]
fn Heading(room: RoomName) -> impl IntoView {
    let is_lobby = room.is_lobby();
    view! {
        <header class="heading">
            <h1>{words::HEADING}</h1>
            <span class="heading-room" hidden=is_lobby>{room.to_string()}</span>
            <a class="heading-home" href="/" hidden=is_lobby>{words::TO_LOBBY}</a>
        </header>
    }
}
