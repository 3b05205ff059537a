//! The one place where commands get their order.
//!
//! Two halves behind two small traits: [`Order`], which every session offers commands to, and [`Ordered`], from
//! which the one writer takes them. [`in_process`] joins the halves by a bounded queue in which authors take turns. A
//! replicated log fits the same traits: its `offer` publishes the command and keeps the reply under the command's
//! `event_id`; its `next` yields what the log delivers, from whichever node, with the reply where this node was the one that
//! was asked.

mod turns;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use crate::command::{Command, ContentDigest, Refusal, Reply};
use crate::limits::{ORDER_CROWDED_COMMANDS, ORDER_ROOMY_COMMANDS};
use turns::{Refused, Turns, Waiting};

/// The way in. Shared by all sessions; never blocks.
pub trait Order: Send + Sync {
    /// Offers a command. Its reply comes when it has been applied or refused; until the command comes out of
    /// [`Ordered`] it has changed nothing.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when the way in is full, [`Refusal::Unavailable`] when the writer is gone. The reply has
    /// then been answered with the same refusal.
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal>;

    /// Whether so many commands are waiting that the next may soon be refused, and how that changes. For those who would
    /// rather wait than be refused.
    fn crowd(&self) -> watch::Receiver<bool>;

    /// Lets nothing more in. What was let in before still comes out.
    fn close(&self);
}

/// The way out, in order. Owned by the writer; blocks its thread.
pub trait Ordered: Send {
    /// The next command as soon as there is one, waited for until `deadline`.
    fn next(&mut self, deadline: Instant) -> Next;

    /// One more command for a batch that is being gathered until `deadline`; it may come as late as that. Where none is
    /// there, so many are waited for: they may as well come out together.
    fn next_before(&mut self, deadline: Instant, expected: usize) -> Option<Entry>;

    /// The writer could not apply what it took after `applied`. A log that keeps its entries delivers them again
    /// from there; one that does not has nothing to do but to number on from there.
    fn rewind(&mut self, applied: u64);
}

/// What came of waiting for a command.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is moved once, into the batch")]
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
    /// Of its action: made where it comes in, not where all of them are waited for.
    pub digest: ContentDigest,
    /// Where the outcome goes, if this node was the one that was asked.
    pub reply: Option<Reply>,
}

/// An order within this process. Authors take turns, each with a command at a time; what one author sends keeps its order.
/// An author may have [`crate::limits::ORDER_AUTHOR_COMMANDS_MAX`] commands waiting. When as many wait as may in all, the
/// last of whoever has most makes room for somebody who has few. `applied` is the last position the database has.
#[must_use]
pub fn in_process(applied: u64) -> (InProcessOrder, InProcessOrdered) {
    let shared = Arc::new(Shared {
        inside: Mutex::default(),
        has_come: Condvar::new(),
        is_crowded: watch::Sender::new(false),
    });
    (
        InProcessOrder(Arc::clone(&shared)),
        InProcessOrdered {
            shared,
            last: applied,
        },
    )
}

#[derive(Debug)]
struct Shared {
    inside: Mutex<Inside>,
    has_come: Condvar,
    is_crowded: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inside {
    turns: Turns,
    /// How many the writer waits for; 0 while it does not. It is woken once for all of them: to be woken for each of a burst's
    /// commands costs more than it gains.
    awaited: usize,
    is_closed: bool,
    is_gone: bool,
}

impl Shared {
    /// A panic cannot leave the queue half-changed in a way that matters: it is in memory only, and whoever panics while they
    /// hold it is the writer or a session, whose replies answer when they are dropped.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether it is crowded, where that has changed. With a gap between the two bounds: whoever is let on must not be
    /// held back again by the next command. Told with the lock held: what is told last must be what was so last.
    fn tell_crowd(&self, inside: &Inside) {
        let waiting = inside.turns.waiting();
        self.is_crowded.send_if_modified(|is_crowded| {
            let is_now = waiting
                >= if *is_crowded {
                    ORDER_ROOMY_COMMANDS
                } else {
                    ORDER_CROWDED_COMMANDS
                };
            std::mem::replace(is_crowded, is_now) != is_now
        });
    }
}

/// The way in of [`in_process`].
#[derive(Debug)]
pub struct InProcessOrder(Arc<Shared>);

impl Order for InProcessOrder {
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        let digest = command.action.digest();
        let mut inside = self.0.lock();
        if inside.is_closed || inside.is_gone {
            drop(inside);
            reply.send(Err(Refusal::Unavailable));
            return Err(Refusal::Unavailable);
        }
        let offered = inside.turns.push(Waiting {
            command,
            digest,
            reply,
        });
        let waiting = inside.turns.waiting();
        let is_enough = inside.awaited > 0 && waiting >= inside.awaited;
        self.0.tell_crowd(&inside);
        drop(inside);
        if is_enough {
            self.0.has_come.notify_one();
        }
        // Answered without the lock: what an answer does is not known here.
        match offered {
            Ok(None) => Ok(()),
            Ok(Some(Refused { reply })) => {
                reply.send(Err(Refusal::Busy));
                Ok(())
            }
            Err(Refused { reply }) => {
                reply.send(Err(Refusal::Busy));
                Err(Refusal::Busy)
            }
        }
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.0.is_crowded.subscribe()
    }

    fn close(&self) {
        self.0.lock().is_closed = true;
        self.0.has_come.notify_one();
    }
}

/// The way out of [`in_process`].
#[derive(Debug)]
pub struct InProcessOrdered {
    shared: Arc<Shared>,
    last: u64,
}

impl InProcessOrdered {
    /// Waits until so many are there, it is closed, or it is time.
    fn wait<'a>(
        &self,
        mut inside: MutexGuard<'a, Inside>,
        deadline: Instant,
        expected: usize,
    ) -> MutexGuard<'a, Inside> {
        inside.awaited = expected.max(1);
        while inside.turns.waiting() < inside.awaited && !inside.is_closed {
            let wait = deadline.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                break;
            }
            let waited = self.shared.has_come.wait_timeout(inside, wait);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        inside.awaited = 0;
        inside
    }

    fn take(&mut self, mut inside: MutexGuard<'_, Inside>) -> Option<Entry> {
        let Waiting {
            command,
            digest,
            reply,
        } = inside.turns.pop()?;
        if inside.turns.waiting() < ORDER_ROOMY_COMMANDS {
            self.shared.tell_crowd(&inside);
        }
        drop(inside);
        self.last += 1;
        Some(Entry {
            position: self.last,
            command,
            digest,
            reply: Some(reply),
        })
    }
}

impl Ordered for InProcessOrdered {
    fn next(&mut self, deadline: Instant) -> Next {
        let shared = Arc::clone(&self.shared);
        let inside = self.wait(shared.lock(), deadline, 1);
        let is_closed = inside.is_closed;
        match self.take(inside) {
            Some(entry) => Next::Entry(entry),
            None if is_closed => Next::End,
            None => Next::Nothing,
        }
    }

    fn next_before(&mut self, deadline: Instant, expected: usize) -> Option<Entry> {
        let shared = Arc::clone(&self.shared);
        let mut inside = shared.lock();
        if inside.turns.waiting() == 0 {
            inside = self.wait(inside, deadline, expected);
        }
        self.take(inside)
    }

    fn rewind(&mut self, applied: u64) {
        // The commands were refused and their authors have been told: only the numbers are given out again.
        self.last = applied;
    }
}

impl Drop for InProcessOrdered {
    fn drop(&mut self) {
        let mut inside = self.shared.lock();
        inside.is_gone = true;
        let left = std::mem::take(&mut inside.turns);
        drop(inside);
        // Replies that are dropped answer that nothing is known.
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Action, COMMAND_FORMAT};
    use crate::ids;
    use crate::limits::{ORDER_AUTHOR_COMMANDS_MAX, ORDER_WAITING_COMMANDS_MAX};
    use protocol::{RoomName, UserId};

    fn offer(order: &InProcessOrder, author: UserId) {
        let command = Command {
            format: COMMAND_FORMAT,
            client_id: ids::client_id(),
            author,
            event_id: ids::event_id(),
            at: 0,
            action: Action::Leave {
                room: RoomName::lobby(),
            },
        };
        let _ = order.offer(command, Reply::new(|_| ()));
    }

    #[test]
    fn whoever_waits_for_room_is_woken_when_it_gets_crowded_and_when_there_is_room_and_not_in_between() {
        let (order, mut ordered) = in_process(0);
        let mut crowd = order.crowd();
        let mut told = Vec::new();
        let authors = ORDER_WAITING_COMMANDS_MAX / ORDER_AUTHOR_COMMANDS_MAX;
        for author in (0..=authors).map(|_| ids::user_id()) {
            for _ in 0..=ORDER_AUTHOR_COMMANDS_MAX {
                offer(&order, author);
                if crowd.has_changed().unwrap() {
                    told.push(*crowd.borrow_and_update());
                }
            }
        }
        while let Some(_entry) = ordered.next_before(Instant::now(), 1) {
            if crowd.has_changed().unwrap() {
                told.push(*crowd.borrow_and_update());
            }
        }
        assert_eq!(told, [true, false]);
    }
}
