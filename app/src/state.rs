//! The page's state, as signals.

use client::Person;
use client::outbox::{EchoedMessage, PendingRow};
use client::room::Edge;
use client::room::Missed;
use client::rooms::FollowedRoom;
use leptos::prelude::*;
use protocol::{ErrorCode, RoomName, UserId};

use crate::alike::{Alike, Called, Known, end, own_colour};
use crate::connection::Connection;
use crate::start::Start;
use crate::words::Words;

/// What the chat shows. The browser's side writes these signals, the components read them.
#[derive(Clone, Copy)]
pub(crate) struct Chat {
    /// The words of the page's language, which stays what it is while the page is there.
    pub(crate) words: &'static Words,
    /// The room's messages, oldest first.
    pub(crate) messages: RwSignal<Vec<EchoedMessage>>,
    /// Who we are.
    pub(crate) user_id: RwSignal<Option<UserId>>,
    /// What stands in the input.
    pub(crate) input_message: RwSignal<String>,
    /// What becomes of that when it is sent.
    pub(crate) intent: RwSignal<Intent>,
    /// The names that would complete what is being written.
    pub(crate) mentions: RwSignal<Mentions>,
    pub(crate) room: RwSignal<RoomName>,
    /// What the room is about.
    pub(crate) topic: RwSignal<String>,
    /// Our posts that have no place in the room yet, and our changes that are stuck.
    pub(crate) pending: RwSignal<Vec<PendingRow>>,
    /// How the messages lie in the room, and what is read.
    pub(crate) timeline: RwSignal<TimelineState>,
    /// The rooms we follow.
    pub(crate) rooms: RwSignal<Vec<Followed>>,
    /// Who is here and what they do.
    pub(crate) people: RwSignal<Here>,
    /// What screen readers announce next, as HTML.
    pub(crate) announcements: RwSignal<String>,
    /// The toast: what was just done.
    pub(crate) toast: RwSignal<String>,
    /// How the connection is.
    pub(crate) connection: RwSignal<Connection>,
    /// Why something was refused; empty when nothing was.
    pub(crate) refusal: RwSignal<String>,
}

/// How the messages that are shown lie in the room, and how far it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimelineState {
    /// What stands above the first message.
    pub(crate) older: Edge,
    /// What stands below the last message.
    pub(crate) newer: Edge,
    /// Whether the reader is at the end of what is shown.
    pub(crate) is_at_end: bool,
    /// The messages of others below what the reader has seen.
    pub(crate) unseen: u64,
    /// Below this `seq` stands the line above what is unread.
    pub(crate) read_line: Option<u64>,
    /// Where the unread begins, while the reader was not there.
    pub(crate) first_unread: Option<u64>,
    /// The message that was asked for.
    pub(crate) target: Option<u64>,
    /// What was missed while the line was down, and is here now.
    pub(crate) missed: Option<Missed>,
    /// Why the room cannot be joined.
    pub(crate) refused: Option<ErrorCode>,
}

/// A room that we follow, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) name: String,
    /// The messages of others that are unread.
    pub(crate) unread: u64,
    /// Whether one of them names us.
    pub(crate) is_mentioned: bool,
}

impl From<&FollowedRoom> for Followed {
    fn from(room: &FollowedRoom) -> Self {
        Self {
            name: room.name.clone(),
            unread: room.unread,
            is_mentioned: room.is_mentioned(),
        }
    }
}

/// Who is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Here {
    /// What we are called.
    pub(crate) name: Option<Box<str>>,
    /// What others are called now, as far as their messages do not say it.
    pub(crate) names: Vec<Person>,
    /// Some of those who are here.
    pub(crate) people: Vec<Person>,
    /// How many are.
    pub(crate) count: u64,
    /// The others who are typing.
    pub(crate) typing: Vec<Person>,
    /// Those of all who are known who would be taken for others of them.
    pub(crate) alike: Vec<Alike>,
}

impl Here {
    /// Looks for those who would be taken for others; `me` is us. Whoever said something is to be in `said`, the last first,
    /// once we and those whose names are known are.
    pub(crate) fn tell_apart(
        &mut self,
        me: Option<UserId>,
        words: &'static Words,
        said: &mut dyn FnMut(&mut Known),
    ) {
        let mut known = Known::new(words);
        if let Some(me) = me {
            known.add(me, self.name.as_deref());
        }
        for people in [&self.names, &self.people] {
            for person in people {
                known.add(person.user_id, person.name.as_deref());
            }
        }
        said(&mut known);
        self.alike = known.alike();
    }
}

/// What becomes of a text when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(dead_code, reason = "on the server nothing is answered or edited")]
pub(crate) enum Intent {
    /// It is said.
    #[default]
    Say,
    /// It is said in answer to the message of this `seq`, by somebody who is called so.
    Reply(u64, String),
    /// It takes the place of what the message of this `seq` says.
    Edit(u64),
}

impl Intent {
    /// The message it is about; 0 for none.
    pub(crate) const fn target(&self) -> u64 {
        match self {
            Self::Say => 0,
            Self::Reply(seq, _) | Self::Edit(seq) => *seq,
        }
    }
}

/// The names that would complete what is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// Those who are called so, the likeliest first.
    pub(crate) people: Vec<Person>,
    /// The one that Enter takes.
    pub(crate) selected: usize,
}

impl Chat {
    /// From what the page starts with; `typed` is what already stands in the input.
    pub(crate) fn new(start: &Start, typed: Option<String>) -> Self {
        let refusal = start.refusal.as_ref();
        let text = typed.or_else(|| refusal.map(|refusal| refusal.text.clone()));
        let edge = |has_more| if has_more { Edge::More } else { Edge::End };
        let page = start.page.as_ref();
        let timeline = TimelineState {
            older: edge(page.is_none_or(|page| page.has_older)),
            newer: edge(page.is_some_and(|page| page.has_newer)),
            is_at_end: true,
            read_line: start.read_line(),
            target: start.place,
            ..TimelineState::default()
        };
        let refused = refusal.map_or("", |refusal| start.words.refusal(refusal.reason()));
        let mut here = Here {
            name: start.name.clone(),
            names: page.map(|page| page.people.clone()).unwrap_or_default(),
            ..Here::default()
        };
        here.tell_apart(start.user_id, start.words, &mut |known| {
            for row in page.map_or(&[][..], |page| &page.messages).iter().rev() {
                known.add(row.user_id, row.name.as_deref());
            }
        });
        Self {
            words: start.words,
            messages: RwSignal::new(page.map(EchoedMessage::all).unwrap_or_default()),
            user_id: RwSignal::new(start.user_id),
            input_message: RwSignal::new(text.unwrap_or_default()),
            intent: RwSignal::default(),
            mentions: RwSignal::default(),
            room: RwSignal::new(start.room.clone()),
            topic: RwSignal::new(page.map(|page| page.topic.clone()).unwrap_or_default()),
            pending: RwSignal::default(),
            timeline: RwSignal::new(timeline),
            rooms: RwSignal::new(start.rooms.iter().map(Followed::from).collect()),
            people: RwSignal::new(here),
            announcements: RwSignal::default(),
            toast: RwSignal::default(),
            connection: RwSignal::default(),
            refusal: RwSignal::new(refused.to_owned()),
        }
    }

    /// What somebody is called now who was called `then` when they said something; `None` when they never had a name.
    pub(crate) fn name_now(self, user_id: UserId, then: Option<&str>) -> Option<Box<str>> {
        let me = self.user_id.get_untracked();
        self.people.with_untracked(|here| {
            let own = here.name.as_ref().filter(|_| me == Some(user_id));
            let known = || here.names.iter().find(|person| person.user_id == user_id);
            let name = own.or_else(|| known()?.name.as_ref());
            name.map(|name| &**name).or(then).map(Box::from)
        })
    }

    /// What a message says, if it is loaded.
    pub(crate) fn text_of(self, seq: u64) -> String {
        self.messages.with_untracked(|rows| {
            let row = rows.iter().find(|row| row.message.seq == seq);
            row.map(|row| row.message.message.clone()).unwrap_or_default()
        })
    }

    /// What somebody is called who was called `then` when they said something, told from others of that name.
    pub(crate) fn called(self, user_id: UserId, then: Option<&str>) -> Called {
        let name = self.name_now(user_id, then);
        let name = name.as_deref();
        // The name of somebody who has none says it already.
        let is_told = name.is_some() && self.alike(user_id).shares_name;
        Called {
            name: self.words.name(name, user_id),
            end: if is_told { end(user_id) } else { String::new() },
        }
    }

    /// How somebody is told from others who are known.
    pub(crate) fn alike(self, user_id: UserId) -> Alike {
        let found = self.people.with_untracked(|here| {
            let mut alike = here.alike.iter();
            alike.find(|alike| alike.user_id == user_id).copied()
        });
        found.unwrap_or(Alike {
            user_id,
            colour: own_colour(user_id),
            shares_name: false,
        })
    }

    /// What somebody is called, as far as the page knows, told from others of that name.
    pub(crate) fn name_of(self, user_id: UserId) -> String {
        let then = self.messages.with_untracked(|rows| {
            let row = rows.iter().rev().find(|row| row.message.user_id == user_id)?;
            row.message.name.clone()
        });
        self.called(user_id, then.as_deref()).text()
    }
}
