//! The chat: three signals of the original component, and what the page shows beside them.

use std::sync::Arc;

use client::Message;
use client::link::Phase;
use client::outbox::{Row, State};
use client::tabs::Role;
use client::timeline::Edge;
use client::transport::Kind;
use client::view::Missed;
use leptos::prelude::*;
use protocol::{ClientId, ErrorCode, UserId};

use crate::components::{Composer, Heading, Notice, Rooms, Timeline};
use crate::words::Words;
use crate::{Refusal, Start, browser};

/// What the chat shows. The browser's side writes these signals, the components read them.
#[derive(Clone, Copy)]
pub(crate) struct Chat {
    /// The words of the page's language, which stays what it is while the page is there.
    pub(crate) words: &'static Words,
    /// The room's messages, oldest first.
    pub(crate) messages: RwSignal<Vec<Arc<Message>>>,
    /// Who we are.
    pub(crate) user_id: RwSignal<Option<UserId>>,
    /// What stands in the input.
    pub(crate) input_message: RwSignal<String>,
    /// Our posts that have no place in the room yet.
    pub(crate) posts: RwSignal<Vec<Post>>,
    /// What stands above the first message.
    pub(crate) older: RwSignal<Edge>,
    /// What was missed while the line was down, and is here now.
    pub(crate) missed: RwSignal<Option<Missed>>,
    /// How the line is.
    pub(crate) line: RwSignal<Line>,
    /// Why the last post was refused, if it was.
    pub(crate) refusal: RwSignal<Option<ErrorCode>>,
}

/// How the line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Whether there is one.
    pub(crate) phase: Phase,
    /// What carries it.
    pub(crate) kind: Kind,
    /// Whose it is: this tab's or another's.
    pub(crate) role: Role,
    /// Why the server takes nothing at the moment.
    pub(crate) held_by: Option<ErrorCode>,
    /// The seconds until the next attempt, when one is waited for.
    pub(crate) seconds: u64,
    /// Whether what waits here would not outlive the tab.
    pub(crate) is_unstored: bool,
}

/// A post of ours that has no place in the room yet.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) client_id: ClientId,
    pub(crate) text: String,
    pub(crate) written_at: u64,
    pub(crate) state: State,
    pub(crate) can_discard: bool,
}

/// As a trait, for on the server nothing is posted and a function would be called by nobody.
impl From<(&Row, State, bool)> for Post {
    fn from((row, state, can_discard): (&Row, State, bool)) -> Self {
        Self {
            client_id: row.client_id,
            text: row.message.clone(),
            written_at: row.written_at(),
            state,
            can_discard,
        }
    }
}

impl Chat {
    fn new(start: &Start) -> Self {
        let page = start.page.as_ref();
        let has_older = page.is_some_and(|page| page.has_older);
        let older = if has_older { Edge::More } else { Edge::End };
        let refusal = start.refusal.as_ref();
        let text = browser::typed().or_else(|| refusal.map(|refusal| refusal.text.clone()));
        Self {
            words: start.words,
            messages: RwSignal::new(page.map_or_else(Vec::new, |page| {
                page.messages.iter().cloned().map(Arc::new).collect()
            })),
            user_id: RwSignal::new(start.user_id),
            input_message: RwSignal::new(text.unwrap_or_default()),
            posts: RwSignal::new(Vec::new()),
            older: RwSignal::new(older),
            missed: RwSignal::new(None),
            line: RwSignal::new(Line::default()),
            refusal: RwSignal::new(refusal.map(Refusal::reason)),
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
    let is_lobby = start.room.is_lobby();
    let room = start.room.to_string();
    let action = client::address::page(&room);
    let form_client_id = start.form_client_id.clone();
    Effect::new(move || browser::connect(chat, &start));
    on_cleanup(browser::disconnect);

    view! {
        <div class="chat">
            <Rooms chat room=room.clone() address=action.clone() is_lobby />
            <main class="room">
                <Heading chat room is_lobby />
                <Timeline chat />
                <Notice chat />
                <Composer chat action form_client_id />
            </main>
        </div>
    }
}
