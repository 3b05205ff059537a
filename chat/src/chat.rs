//! [`Chat`]: the one door. Commands go in, feeds and pages come out.

mod elsewhere;
mod log_fed;
mod opening;
mod reads;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use protocol::limits::CATCH_UP_EVENTS_MAX;
use protocol::{Epoch, EventId, RoomName, UserId};
use tokio::sync::watch;

use crate::ahead::Ahead;
use crate::check::Check;
use crate::command::{Action, Command, ReadTo, Refusal, Reply};
use crate::data_folder::DataFolder;
use crate::ephemeral::{Ephemeral, Here};
use crate::error::Error;
use crate::feed::{Feed, Signal};
use crate::followers::{Followers, RoomsFeed};
use crate::log::LogPoint;
use crate::order::Order;
use crate::people::{People, PersonFeed};
use crate::presence::Present;
use crate::readers::{Lane, Readers};
use crate::reading::Reading;
use crate::recent::Recent;
use crate::rooms::{Rooms, Subscription};
use crate::spoken::SpokenRooms;
use crate::store::{self, End};

/// How the chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It reads and writes.
    Running,
    /// The disk is full: it reads, and tries to write again from time to time.
    ReadOnly,
    /// The database failed in a way that does not pass. The process should end.
    Failed,
    /// It was closed and all that was let in is on the disk.
    Closed,
}

/// Where a client says it stands in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JoinCursor {
    /// The epoch its `after` counts in.
    pub epoch: Option<Epoch>,
    /// The last seq it has; `None` for "from now on".
    pub after: Option<u64>,
    /// The id of the event it has there.
    pub event_id: Option<EventId>,
}

/// The answer to a join.
#[derive(Debug)]
pub enum Joined {
    /// The feed starts at the cursor; the room's head was this.
    Feed {
        /// What follows.
        feed: Feed,
        /// The room's last seq at that moment.
        head: u64,
    },
    /// Other nodes may have what the cursor says, and this one has not yet: see [`Chat::reached`].
    Behind,
    /// The cursor means nothing here, or lies too far back to be caught up: read a page, then join from there.
    Resync,
}

/// The thread that writes.
#[derive(Debug)]
struct Running {
    thread: JoinHandle<()>,
    /// Dropped when the chat is closed, for a writer that does not hear that by its order.
    closed: Option<mpsc::Sender<()>>,
}

/// A running chat. Dropping it closes it.
pub struct Chat {
    order: Arc<dyn Order>,
    crowd: watch::Receiver<bool>,
    reading: Arc<Reading>,
    rooms: Arc<Rooms>,
    people: Arc<People>,
    ephemeral: Arc<Ephemeral>,
    recent: Arc<Recent>,
    followers: Arc<Followers>,
    spoken: Arc<SpokenRooms>,
    ahead: Arc<Ahead>,
    /// Whether other nodes may be ahead.
    is_log_fed: bool,
    applied: watch::Receiver<LogPoint>,
    readers: Arc<Readers>,
    epoch: Epoch,
    health: watch::Receiver<Health>,
    writer: Mutex<Option<Running>>,
    check: Mutex<Option<Check>>,
    was_used: bool,
    folder: DataFolder,
}

impl Chat {
    /// The database's epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether anybody had said anything, or had a name, when it was opened.
    #[must_use]
    pub const fn was_used(&self) -> bool {
        self.was_used
    }

    /// The folder it lives in.
    #[must_use]
    pub const fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// How it is now, and how it changes.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// How often the database was read so far, other than by the writer.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.readers.reads()
    }

    /// The one way in. Never blocks; the reply comes once the command is on the disk or refused.
    ///
    /// # Errors
    /// The refusal, when the command was not even let in. The reply has then been answered with it too.
    pub fn submit(&self, mut command: Command, reply: Reply) -> Result<(), Refusal> {
        if let Some(refusal) = self.log_fed_refusal() {
            reply.send(Err(refusal));
            return Err(refusal);
        }
        command.action.find_calls();
        match &command.action {
            // What was read before must not undo it afterwards.
            Action::Unread { room, .. } | Action::Leave { room } => {
                let (author, room) = (command.author, room.clone());
                self.reading.overruled(author, &room, |overruling| {
                    let reply = Reply::new(move |outcome| {
                        drop(overruling);
                        reply.send(outcome);
                    });
                    self.order.offer(command, reply)
                })
            }
            _ => self.order.offer(command, reply),
        }
    }

    /// Takes how far somebody has read: never back, never beyond the head, and it makes them a follower of the room. It is
    /// on the disk within seconds, when the process lives as long, and has no answer.
    pub fn read(&self, position: ReadTo) {
        self.reading.read(position);
    }

    /// Somebody leaves a room or ends a session: what they have read is put in order now.
    pub fn hasten_reading(&self, user_id: UserId) {
        self.reading.hasten(user_id);
    }

    /// Whether so many commands are waiting that the next may soon be refused as busy. Those who cannot be told so
    /// should hold theirs back meanwhile.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        *self.crowd.borrow()
    }

    /// Waits until that is over. Cancel-safe.
    pub async fn uncrowded(&self) {
        // The order outlives what waits for it; if it did not, there would be nothing to wait for.
        let _ = self.crowd.clone().wait_for(|is_crowded| !is_crowded).await;
    }

    /// Joins a room. `signal` is woken whenever something new comes; what lies between the cursor and the head is
    /// there from the start and wakes nobody, so pull once before waiting.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join(&self, room: &RoomName, cursor: JoinCursor, signal: Signal) -> Result<Joined, Error> {
        let joined = self.join_all(vec![(room.clone(), cursor)], &signal).await?;
        Ok(joined.into_iter().next().unwrap_or(Joined::Resync))
    }

    /// Joins several rooms, each as [`Chat::join`] does. What has to be read for it is read in one transaction; the ends of
    /// rooms that have subscribers are known without.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join_all(
        &self,
        places: Vec<(RoomName, JoinCursor)>,
        signal: &Signal,
    ) -> Result<Vec<Joined>, Error> {
        // Registered first, asked afterwards: see `Rooms::subscribe`.
        let joins: Vec<_> = places
            .into_iter()
            .map(|(room, cursor)| (self.rooms.subscribe(&room, signal.clone()), cursor))
            .collect();
        let known =
            |(subscription, cursor): &(Subscription, JoinCursor)| subscription.room().known(cursor.after);
        let mut ends: Vec<_> = joins.iter().map(known).collect();
        if ends.iter().any(Option::is_none) {
            // One asks for a room at a time, and all in the same order: two never wait for one another.
            let missing = joins.iter().zip(&ends).filter(|(_, end)| end.is_none());
            let mut missing: Vec<_> = missing.map(|((subscription, _), _)| subscription).collect();
            missing.sort_by_key(|subscription| subscription.name().as_str());
            missing.dedup_by_key(|subscription| subscription.name());
            let mut turns = Vec::with_capacity(missing.len());
            for subscription in missing {
                turns.push(subscription.room().turn_to_join().await?);
            }
            ends = joins.iter().map(known).collect();
            self.read_ends(&joins, &mut ends).await?;
        }
        let joined = joins.into_iter().zip(ends);
        Ok(joined
            .map(|((subscription, cursor), end)| self.joined(subscription, cursor, &end.unwrap_or_default()))
            .collect())
    }

    /// Waits until a room has come as far as `seq`, for a client that was told [`Joined::Behind`] to be joined again: false
    /// when it has not within [`crate::limits::AHEAD_WAIT_MS`], or when too many wait, and at once where there are no other nodes.
    /// It is true after that time as well where this node has applied all of a log that was looked at meanwhile:
    /// [`Chat::is_level`]. Who is behind still then has what is no part of this history, as [`Joined::Resync`] says of others.
    /// Cancel-safe.
    pub async fn reached(&self, room: &RoomName, seq: u64) -> bool {
        let head = async || match self.rooms.get(room).map(|room| room.head()) {
            // What is on the disk and not published yet is not there for those who join.
            Some(head) if head > 0 => Ok(head),
            _ => self.head(room).await,
        };
        self.is_log_fed && self.ahead.reached(room, seq, head).await
    }

    /// Reads what is not known of these rooms' ends, and tells the rooms.
    async fn read_ends(
        &self,
        joins: &[(Subscription, JoinCursor)],
        ends: &mut [Option<End>],
    ) -> Result<(), Error> {
        let unknown = joins.iter().zip(&*ends).filter(|(_, end)| end.is_none());
        let asked: Vec<_> = unknown
            .map(|((subscription, cursor), _)| (subscription.name().clone(), cursor.after))
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let read = self
            .readers
            .read(Lane::Rows, move |connection| {
                let transaction = connection.unchecked_transaction()?;
                let read = asked
                    .iter()
                    .map(|(room, seq)| store::end(&transaction, room, *seq));
                Ok(read.collect::<Result<Vec<_>, _>>()?)
            })
            .await?;
        let unknown = joins.iter().zip(ends).filter(|(_, end)| end.is_none());
        for (((subscription, _), end), read) in unknown.zip(read) {
            subscription.room().learn(&read);
            *end = Some(read);
        }
        Ok(())
    }

    fn joined(&self, subscription: Subscription, cursor: JoinCursor, end: &End) -> Joined {
        let (head, known) = (end.head, end.id());
        let after = cursor.after.unwrap_or(head);
        let is_of_this_epoch = match (cursor.after, cursor.epoch) {
            (None, _) => true,
            // Who has nothing has nothing of another epoch.
            (Some(0), None) => true,
            (Some(_), epoch) => epoch == Some(self.epoch),
        };
        let is_same_event =
            cursor.event_id.is_none() || matches!(cursor.after, None | Some(0)) || cursor.event_id == known;
        if is_of_this_epoch && after > head && self.is_log_fed {
            return Joined::Behind;
        }
        if !is_of_this_epoch || !is_same_event || after > head || head - after > CATCH_UP_EVENTS_MAX {
            return Joined::Resync;
        }
        Joined::Feed {
            feed: Feed::new(subscription, after, known),
            head,
        }
    }

    /// Hears, from now on, of what changes for this person alone; `signal` is woken by it.
    #[must_use]
    pub fn hear_personally(&self, user_id: UserId, signal: Signal) -> PersonFeed {
        self.people.register(user_id, signal)
    }

    /// Hears, from now on, how the rooms are that this person follows, but for those the session has joined; `signal` is woken
    /// when there is something to be told.
    pub fn hear_rooms(&self, user_id: UserId, joined: Vec<RoomName>, signal: Signal) -> RoomsFeed {
        let (readers, reading) = (&self.readers, &self.reading);
        RoomsFeed::begin(&self.followers, readers, reading, user_id, joined, signal)
    }

    /// Puts a person into a room, for others to see, until what this returns is dropped and a little longer. `signal` is
    /// woken when who is here or who is typing has to be told.
    ///
    /// # Errors
    /// When the database does not say what they are called.
    pub async fn enter(&self, room: &RoomName, user_id: UserId, signal: Signal) -> Result<Here, Error> {
        // Entered first, read afterwards: whoever is renamed in between is renamed here.
        let here = self.enter_nameless(room, user_id, signal);
        if here.is_nameless() {
            let name = match self.people.name_of(user_id) {
                Some(name) => name,
                None => self.name_of(user_id).await?,
            };
            here.introduce(&name);
        }
        Ok(here)
    }

    /// The same of somebody who has just been made up, and so has no name.
    #[must_use]
    pub fn enter_nameless(&self, room: &RoomName, user_id: UserId, signal: Signal) -> Here {
        Ephemeral::enter(&self.ephemeral, room, user_id, signal)
    }

    /// Who is in a room, by name; where that is a crowd, those [`crate::limits::PRESENCE_LISTED_PEOPLE`] who came first.
    #[must_use]
    pub fn people_in(&self, room: &RoomName) -> Present {
        self.ephemeral.present(room)
    }

    /// Says that somebody is typing in a room, or no more, for others to see. Dropped when it comes too often, when they
    /// are not in the room, or when that is too full.
    pub fn set_typing(&self, room: &RoomName, user_id: UserId, on: bool) {
        self.ephemeral.set_typing(room, user_id, on);
    }

    /// Lets time pass for ephemeral state: those who left a while ago are gone, who stopped typing is typing no more, and
    /// rooms in which that changed something are told; those who follow rooms are told how these are; what was read is put in
    /// order. `now_ms` never runs backwards; once a
    /// second is meant.
    pub fn tick(&self, now_ms: u64) {
        self.reading.tick(now_ms);
        self.followers.tick(now_ms);
        self.ephemeral.tick(now_ms);
        self.rooms.forget_unused();
        self.spoken.forget_unused();
    }

    /// Has it put in order how far people have read, for a log that is about to be left: [`Chat::close`] comes too late for that.
    /// Blocks the thread until it is in the order, or [`crate::limits::CLOSING_WAIT_MS_MAX`] long nothing of it was taken.
    pub fn flush_reading(&self) {
        self.reading.flush();
    }

    /// Lets nothing more in and waits until all that was let in is on the disk. Blocks the thread.
    pub fn close(&self) {
        self.check.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.interrupts().copies().close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { thread, closed }) = writer {
            self.reading.flush();
            self.order.close();
            drop(closed);
            if thread.join().is_err() {
                tracing::error!("the writer ended in a panic");
            }
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chat")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
