//! How events leave the chat: a cursor in a room, not a queue.

use std::sync::Arc;

use bytes::Bytes;
use protocol::{EventId, RoomName};
use tokio::sync::Notify;

use crate::chat::Chat;
use crate::error::Error;
use crate::outlet::{Outlet, Wants};
use crate::ring::Pull;
use crate::rooms::Subscription;

/// Wakes one session. All feeds of a session share one signal; a wake-up that comes while the session is busy is
/// kept, and many become one.
#[derive(Clone, Debug, Default)]
pub struct Signal(Arc<Notify>);

impl Signal {
    /// Wakes the session, now or when it next waits.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits to be woken. Cancel-safe: a wake-up is not lost when the wait is dropped before it ends.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}

/// One subscriber's reading of one room, from its cursor on. Everything after the cursor comes once and in order:
/// from the ring while the ring has it, else from SQLite, or from what SQLite was read for a moment ago.
#[derive(Debug)]
pub struct Feed {
    subscription: Subscription,
    /// The last event that was handed out here, where its id is known.
    event: Option<(u64, EventId)>,
}

impl Feed {
    pub(crate) fn new(subscription: Subscription, cursor: u64, event_id: Option<EventId>) -> Self {
        subscription.place().set(cursor);
        Self {
            subscription,
            event: event_id.map(|event_id| (cursor, event_id)),
        }
    }

    /// Has what is published handed to `outlet` from now on. That has to be closed still; while it is open, nothing may be
    /// pulled.
    pub fn attach(&self, outlet: Arc<dyn Outlet>, wants: Wants) {
        self.subscription.attach(outlet, wants);
    }

    /// The room.
    #[must_use]
    pub const fn room(&self) -> &RoomName {
        self.subscription.name()
    }

    /// The `seq` of the last event handed out.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.subscription.place().seq()
    }

    /// The id of that event, where it is known.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        let cursor = self.cursor();
        self.event.filter(|(seq, _)| *seq == cursor).map(|(_, id)| id)
    }

    /// How many events lie after the cursor. Costs no lock.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.subscription.room().head().saturating_sub(self.cursor())
    }

    /// Appends frames after the cursor to `out`, as many as are good to write at once, and moves the cursor past
    /// them. Appends nothing when there is nothing. Dropping the future before it ends moves nothing.
    ///
    /// # Errors
    /// When SQLite has to be asked and does not answer.
    pub async fn pull(&mut self, chat: &Chat, out: &mut Vec<Bytes>) -> Result<(), Error> {
        if self.lag() == 0 {
            return Ok(());
        }
        let cursor = self.cursor();
        let last = match self.subscription.room().pull(cursor, out) {
            Pull::Moved(seq, event_id) => Some((seq, event_id)),
            Pull::UpToDate => None,
            Pull::FellOff => {
                let room = self.room();
                let read = || chat.read_segment(room.clone(), cursor);
                let segment = self.subscription.catch_up(cursor, read).await?;
                segment.map(|segment| {
                    out.extend(segment.frames_after(cursor));
                    (segment.last_seq(), segment.last_id())
                })
            }
        };
        if let Some((seq, event_id)) = last {
            self.subscription.place().set(seq);
            self.event = event_id.map(|event_id| (seq, event_id));
        }
        Ok(())
    }
}
