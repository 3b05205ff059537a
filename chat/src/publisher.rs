//! The publisher: one thread beside the writer that tells what is on the disk, in order. The writer's next transaction goes on
//! meanwhile.
//!
//! What takes time here, the texts' HTML and the encoding of events, is a function of what was applied: of the text and of
//! whom it was found to mention. So `apply` says what happened, and how it looks is nobody's business before it is on the disk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use protocol::{ClientId, RoomName, UserId};
use tokio::sync::watch;

use crate::ahead::Ahead;
use crate::apply::Personal;
use crate::chat::Health;
use crate::command::{Outcome, Reply};
use crate::ephemeral::Ephemeral;
use crate::error::Error;
use crate::followers::Followers;
use crate::limits::PUBLICATIONS_WAITING_MAX;
use crate::log::LogPoint;
use crate::people::People;
use crate::reading::Held;
use crate::recent::Recent;
use crate::rooms::Rooms;
use crate::segment::Segment;
use crate::spoken::SpokenRooms;
use crate::store::{Content, EventRow, Known};

/// Who is told.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) people: Arc<People>,
    pub(crate) ephemeral: Arc<Ephemeral>,
    pub(crate) followers: Arc<Followers>,
    pub(crate) recent: Arc<Recent>,
    pub(crate) spoken: Arc<SpokenRooms>,
    pub(crate) ahead: Arc<Ahead>,
    pub(crate) held: Arc<Held>,
    /// Hears how far a log has been applied.
    pub(crate) applied: watch::Sender<LogPoint>,
}

/// What came of a batch that is on the disk, or was refused.
#[derive(Debug, Default)]
pub(crate) struct Publication {
    /// By room, in order.
    pub(crate) events: Vec<(RoomName, Vec<EventRow>)>,
    pub(crate) personal: Vec<(UserId, Personal)>,
    /// What is to be known when it comes again.
    pub(crate) accepted: Vec<(UserId, ClientId, Known)>,
    /// How far a log is applied with it.
    pub(crate) applied: Option<LogPoint>,
    pub(crate) answers: Vec<(Reply, Outcome)>,
}

/// The writer's side of it. Dropped, it waits until all is told.
#[derive(Debug)]
pub(crate) struct Publisher {
    sender: Option<SyncSender<Publication>>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Starts it. `health` is told when it ends in a panic.
    pub(crate) fn start(audience: Audience, health: watch::Sender<Health>) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(PUBLICATIONS_WAITING_MAX);
        let thread = thread::Builder::new()
            .name("madang-publisher".into())
            .spawn(move || Thread { audience, health }.run(&receiver))
            .map_err(Error::Thread)?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Has it told; waits while [`PUBLICATIONS_WAITING_MAX`] wait already.
    ///
    /// # Errors
    /// [`Error::Closed`] when the publisher has ended in a panic.
    pub(crate) fn publish(&self, publication: Publication) -> Result<(), Error> {
        let sender = self.sender.as_ref().ok_or(Error::Closed)?;
        sender.send(publication).map_err(|_| Error::Closed)
    }

    /// Waits until all is told.
    pub(crate) fn end(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the publisher ended in a panic");
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.end();
    }
}

struct Thread {
    audience: Audience,
    health: watch::Sender<Health>,
}

impl Thread {
    fn run(self, receiver: &Receiver<Publication>) {
        while let Ok(publication) = receiver.recv() {
            self.audience.tell(publication);
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // A defect, but not one to be silent about: without this nobody would hear that nothing is told any more.
        if thread::panicking() {
            self.health.send_replace(Health::Failed);
        }
    }
}

impl Audience {
    /// Everyone first, then the author: an author who has the ack must find the message everywhere.
    fn tell(&self, publication: Publication) {
        for (name, rows) in publication.events {
            // A room nobody is subscribed to needs no encoding: whoever joins later reads SQLite.
            if let Some(room) = self.rooms.get(&name)
                && let Some(segment) = Segment::encode(&name, &rows)
            {
                room.publish(segment);
            }
            for row in rows
                .iter()
                .filter(|row| matches!(row.content, Content::Message { .. }))
            {
                self.followers.follows(row.user_id, &name);
            }
            self.followers.happened(&name);
            if let Some(row) = rows.last() {
                self.ahead.happened(&name, row.seq);
            }
        }
        for (user_id, personal) in publication.personal {
            if let Personal::Unread { room } | Personal::Left { room } = &personal {
                self.held.overruled(user_id, room);
            }
            // In this order: who comes into a room meanwhile asks the people.
            self.people.publish(user_id, &personal);
            match personal {
                Personal::Name(name) => {
                    self.spoken.rename();
                    self.ephemeral.rename(user_id, &name);
                }
                Personal::Read { room, .. } | Personal::Unread { room } => {
                    self.followers.follows(user_id, &room)
                }
                Personal::Left { room } => self.followers.left(user_id, &room),
                Personal::Mention { .. } => {}
            }
        }
        self.recent.remember(publication.accepted.into_iter());
        if let Some(point) = publication.applied {
            self.applied.send_replace(point);
        }
        for (reply, outcome) in publication.answers {
            reply.send(outcome);
        }
    }
}
