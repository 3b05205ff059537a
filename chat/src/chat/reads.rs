//! What is read of the chat: pages of history, rooms, names, and what a subscriber has fallen behind by.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use protocol::limits::HISTORY_PAGE_MESSAGES_MAX;
use protocol::{ClientId, RoomName, UserId};
use rusqlite::Connection;

use super::Chat;
use crate::error::Error;
use crate::ids;
use crate::limits::{CATCH_UP_ALIGNED_EVENTS, CATCH_UP_BEFORE_BYTES_MAX, PAGE_BYTES_MAX};
use crate::mentions;
use crate::nfc;
use crate::readers::Lane;
use crate::recent::is_of_now;
use crate::segment::{Segment, SegmentBuilder};
use crate::spoken::Spoken;
use crate::store::{
    self, FormerText, Known, Name, Namesake, Page, PageQuery, PersonRow, RoomRow, SeenRow, Visit,
};

impl Chat {
    /// A page of a room's history, read in one transaction: [`HISTORY_PAGE_MESSAGES_MAX`] messages and
    /// [`PAGE_BYTES_MAX`] bytes at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(&self, room: &RoomName, query: PageQuery) -> Result<Page, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Pages, move |connection| marked_up(connection, &room, query))
            .await
    }

    /// What a page of a room shows to somebody at first, by one reader: a page of its history as [`Chat::page`] has it
    /// and, to those who have been here before, the rooms they follow and what they are called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn visit(
        &self,
        room: &RoomName,
        query: PageQuery,
        user_id: Option<UserId>,
    ) -> Result<Visit, Error> {
        let room = room.clone();
        let waiting = self.waiting(user_id);
        self.readers
            .read(Lane::Pages, move |connection| {
                let page = marked_up(connection, &room, query)?;
                let Some(user_id) = user_id else {
                    return Ok(Visit {
                        page,
                        ..Visit::default()
                    });
                };
                Ok(Visit {
                    page,
                    rooms: store::followed_rooms(connection, &user_id, &waiting)?,
                    name: store::name_of(connection, &user_id)?,
                })
            })
            .await
    }

    /// The texts a message had before, oldest first, the newest of them that are no more than [`PAGE_BYTES_MAX`] bytes
    /// together; `None` when there is no such message.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn edits(&self, room: &RoomName, seq: u64) -> Result<Option<Vec<FormerText>>, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Pages, move |connection| {
                let mut edits = store::edits(connection, &room, seq)?;
                if let Some(edits) = &mut edits {
                    mark_up_newest(edits);
                }
                Ok(edits)
            })
            .await
    }

    /// The rooms a person follows, by name: [`protocol::limits::ROOMS_LISTED_MAX`] at most. What they have read counts from
    /// when they said so, as in all lists of rooms, though it is on the disk only later.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rooms(&self, user_id: UserId) -> Result<Vec<RoomRow>, Error> {
        let waiting = self.reading.waiting(user_id);
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::followed_rooms(connection, &user_id, &waiting)?)
            })
            .await
    }

    /// The rooms with this text in their names, as they stand for this person: the one of that name first, then the most
    /// recently active, [`protocol::limits::ROOMS_FOUND_MAX`] at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_rooms(&self, user_id: Option<UserId>, text: &str) -> Result<Vec<RoomRow>, Error> {
        // The form of room names.
        let text = nfc::text(text.trim()).to_lowercase();
        let waiting = self.waiting(user_id);
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::find_rooms(connection, user_id.as_ref(), &text, &waiting)?)
            })
            .await
    }

    /// The rooms that this person does not follow, the most recently active first, [`protocol::limits::ROOMS_FOUND_MAX`] at
    /// most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn other_rooms(&self, user_id: Option<UserId>) -> Result<Vec<RoomRow>, Error> {
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::other_rooms(connection, user_id.as_ref())?)
            })
            .await
    }

    /// How far those who follow a room have read, of those only who have read up to `from`; `None` when those are more than
    /// [`protocol::limits::SEEN_PEOPLE_MAX`], or more than [`crate::limits::FOLLOWERS_LOOKED_AT_MAX`] follow it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seen(&self, room: &RoomName, from: u64) -> Result<Option<Vec<SeenRow>>, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::seen(connection, &room, from)?)
            })
            .await
    }

    /// A room's last seq; 0 when nothing has happened there.
    pub(super) async fn head(&self, room: &RoomName) -> Result<u64, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Rows, move |connection| {
                Ok(store::end(connection, &room, Some(0))?.head)
            })
            .await
    }

    /// What somebody is called now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn name_of(&self, user_id: UserId) -> Result<Name, Error> {
        self.readers
            .read(Lane::Rows, move |connection| {
                Ok(store::name_of(connection, &user_id)?)
            })
            .await
    }

    /// Somebody, as a room knows them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn person(&self, room: &RoomName, user_id: UserId) -> Result<PersonRow, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::person(connection, &room, &user_id)?)
            })
            .await
    }

    /// Those who said something in a room. Read once for all who ask until that may have changed, while anybody is subscribed
    /// to the room.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spoken(&self, room: &RoomName) -> Result<Arc<Spoken>, Error> {
        let head = || Some(self.rooms.get(room)?.head()).filter(|head| *head > 0);
        let read = async || {
            let room = room.clone();
            let read = move |connection: &Connection| {
                let people = store::spoke(connection, &room)?;
                let called = people.iter().map(|row| row.user_id).collect();
                let namesakes = store::namesakes_in(connection, &room, &called)?;
                Ok(Spoken { people, namesakes })
            };
            self.readers.read(Lane::Pages, read).await
        };
        self.spoken.get(room, head, read).await
    }

    /// Those who follow a room and are called as some of these people are, where somebody else is called so: of each name
    /// [`crate::limits::NAMESAKES_TOLD_MAX`] and one at most, these people among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn namesakes(&self, room: &RoomName, people: BTreeSet<UserId>) -> Result<Vec<Namesake>, Error> {
        let room = room.clone();
        self.readers
            .read(Lane::Pages, move |connection| {
                Ok(store::namesakes_in(connection, &room, &people)?)
            })
            .await
    }

    /// What an author's `clientId` stands for, as far as that is soon known: in memory, or in the database for an id that was
    /// not made just now. For what is about to be submitted: most of that is new, and the writer looks all of it up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recall(&self, author: UserId, client_id: ClientId) -> Result<Option<Known>, Error> {
        if is_of_now(client_id, ids::unix_ms()) {
            return Ok(self.remembered(author, client_id));
        }
        self.known(author, client_id).await
    }

    /// What an author's `clientId` stands for, as far as that is in memory: [`crate::limits::RECENT_COMMANDS_MAX`] of all authors
    /// are.
    #[must_use]
    pub fn remembered(&self, author: UserId, client_id: ClientId) -> Option<Known> {
        self.recent.get(author, client_id)
    }

    /// How far somebody has read each of these rooms, on the disk or on its way there, and how much is unread after that;
    /// what they do not follow is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn standings(
        &self,
        user_id: UserId,
        rooms: Vec<RoomName>,
    ) -> Result<Vec<(RoomName, u64, u64)>, Error> {
        let waiting = self.reading.waiting(user_id);
        self.readers
            .read(Lane::Rows, move |connection| {
                let mut standings = Vec::with_capacity(rooms.len());
                for room in rooms {
                    let at_least = waiting.get(&room).copied().unwrap_or(0);
                    if let Some((seq, unread)) = store::standing(connection, &user_id, &room, at_least)? {
                        standings.push((room, seq, unread));
                    }
                }
                Ok(standings)
            })
            .await
    }

    fn waiting(&self, user_id: Option<UserId>) -> HashMap<RoomName, u64> {
        user_id
            .map(|user_id| self.reading.waiting(user_id))
            .unwrap_or_default()
    }

    /// What an author's `clientId` stands for, if it stands for anything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known(&self, author: UserId, client_id: ClientId) -> Result<Option<Known>, Error> {
        if let Some(known) = self.remembered(author, client_id) {
            return Ok(Some(known));
        }
        self.readers
            .read(Lane::Rows, move |connection| {
                Ok(store::known(connection, &author, &client_id)?)
            })
            .await
    }

    /// A segment of what comes after `cursor`, and of a little before it: as many of those who fell behind as possible are
    /// to find their place in it.
    pub(crate) async fn read_segment(&self, room: RoomName, cursor: u64) -> Result<Option<Segment>, Error> {
        self.readers
            .read(Lane::Events, move |connection| {
                let aligned = cursor - cursor % CATCH_UP_ALIGNED_EVENTS;
                let mut segment = SegmentBuilder::new(&room);
                store::events_after(connection, &room, aligned, |row| {
                    let bytes = segment.add(row);
                    if row.seq > cursor {
                        return bytes;
                    }
                    if bytes > CATCH_UP_BEFORE_BYTES_MAX {
                        // It is for others, and leaves too little room for what was asked for.
                        segment.clear();
                    }
                    0
                })?;
                Ok(segment.finish().filter(|segment| segment.goes_on_from(cursor)))
            })
            .await
    }
}

/// A page of history whose messages have their HTML.
fn marked_up(connection: &Connection, room: &RoomName, mut query: PageQuery) -> Result<Page, Error> {
    query.limit = query.limit.min(HISTORY_PAGE_MESSAGES_MAX);
    Ok(store::page(connection, room, query, mentions::html)?)
}

/// Gives the newest texts their HTML, as many as may be sent, and drops the others.
fn mark_up_newest(edits: &mut Vec<FormerText>) {
    let mut bytes_left = PAGE_BYTES_MAX;
    let mut kept = 0;
    for former in edits.iter_mut().rev() {
        former.html = markup::html(&former.message, []).map(String::into_boxed_str);
        let bytes = former.message.len() + former.html.as_deref().map_or(0, str::len);
        if bytes > bytes_left {
            break;
        }
        bytes_left -= bytes;
        kept += 1;
    }
    edits.drain(..edits.len() - kept);
}
