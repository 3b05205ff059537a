//! The one place where commands get their order.
//!
//! Two halves behind two small traits: [`Order`], which every session offers commands to, and [`Ordered`], from
//! which the one writer takes them. [`in_process`] joins the halves by a bounded channel. A replicated log fits the
//! same traits: its `offer` publishes the command and keeps the reply under the command's `event_id`; its `next`
//! yields what the log delivers, from whichever node, with the reply where this node was the one that was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Instant;

use crate::command::{Command, Refusal, Reply};
use crate::limits::ORDER_WAITING_COMMANDS_MAX;

/// The way in. Shared by all sessions; never blocks.
pub trait Order: Send + Sync {
    /// Offers a command. Its reply comes when it has been applied or refused; until the command comes out of
    /// [`Ordered`] it has changed nothing.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when the way in is full, [`Refusal::Unavailable`] when the writer is gone. The reply has
    /// then been answered with the same refusal.
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal>;

    /// How many commands are waiting, as far as that is known here. For those who would rather wait than be refused.
    fn waiting(&self) -> usize {
        0
    }

    /// Lets nothing more in. What was let in before still comes out.
    fn close(&self);
}

/// The way out, in order. Owned by the writer; blocks its thread.
pub trait Ordered: Send {
    /// The next command as soon as there is one, waited for until `deadline`.
    fn next(&mut self, deadline: Instant) -> Next;

    /// One more command for a batch that is being gathered until `deadline`; it may come as late as that.
    fn next_before(&mut self, deadline: Instant) -> Option<Entry>;

    /// The writer could not apply what it took after `applied`. A log that keeps its entries delivers them again
    /// from there; one that does not has nothing to do but to number on from there.
    fn rewind(&mut self, applied: u64);
}

/// What came of waiting for a command.
#[derive(Debug)]
pub enum Next {
    Entry(Entry),
    /// Nothing has come yet.
    Nothing,
    /// There will be no more.
    End,
}

/// A command with its place in the order.
#[derive(Debug)]
pub struct Entry {
    /// 1, 2, 3, … over the life of the database.
    pub position: u64,
    pub command: Command,
    /// Where the outcome goes, if this node was the one that was asked.
    pub reply: Option<Reply>,
}

/// An order within this process: first come, first served, at most [`ORDER_WAITING_COMMANDS_MAX`] waiting.
/// `applied` is the last position the database has.
#[must_use]
pub fn in_process(applied: u64) -> (InProcessOrder, InProcessOrdered) {
    let (sender, receiver) = sync_channel(ORDER_WAITING_COMMANDS_MAX);
    let waiting = Arc::new(AtomicUsize::new(0));
    (
        InProcessOrder {
            sender,
            waiting: Arc::clone(&waiting),
        },
        InProcessOrdered {
            receiver,
            waiting,
            last: applied,
            closed: false,
        },
    )
}

enum Item {
    Command(Command, Reply),
    Close,
}

/// The way in of [`in_process`].
pub struct InProcessOrder {
    sender: SyncSender<Item>,
    waiting: Arc<AtomicUsize>,
}

impl Order for InProcessOrder {
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        // Counted before it is sent: taken out first, it would be counted below nothing.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let (refusal, item) = match self.sender.try_send(Item::Command(command, reply)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(item)) => (Refusal::Busy, item),
            Err(TrySendError::Disconnected(item)) => (Refusal::Unavailable, item),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        if let Item::Command(_, reply) = item {
            reply.send(Err(refusal));
        }
        Err(refusal)
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn close(&self) {
        // A full channel drains: the writer is still there, or the send fails and there is nothing to close.
        let _ = self.sender.send(Item::Close);
    }
}

/// The way out of [`in_process`].
pub struct InProcessOrdered {
    receiver: Receiver<Item>,
    waiting: Arc<AtomicUsize>,
    last: u64,
    closed: bool,
}

impl InProcessOrdered {
    fn entry(&mut self, item: Item) -> Option<Entry> {
        match item {
            Item::Command(command, reply) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                self.last += 1;
                Some(Entry {
                    position: self.last,
                    command,
                    reply: Some(reply),
                })
            }
            Item::Close => {
                self.closed = true;
                None
            }
        }
    }
}

impl Ordered for InProcessOrdered {
    fn next(&mut self, deadline: Instant) -> Next {
        if self.closed {
            return Next::End;
        }
        let wait = deadline.saturating_duration_since(Instant::now());
        match self.receiver.recv_timeout(wait) {
            Ok(item) => self.entry(item).map_or(Next::End, Next::Entry),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    fn next_before(&mut self, deadline: Instant) -> Option<Entry> {
        if self.closed {
            return None;
        }
        let item = self.receiver.try_recv().or_else(|empty| {
            // Slept through, not waited on: to be woken for each of a burst's commands costs more than it gains.
            let wait = deadline.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Err(empty);
            }
            thread::sleep(wait);
            self.receiver.try_recv()
        });
        item.ok().and_then(|item| self.entry(item))
    }

    fn rewind(&mut self, applied: u64) {
        // The commands were refused and their authors have been told: only the numbers are given out again.
        self.last = applied;
    }
}
