//! The order of a single process.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::fullness::Fullness;
use super::turns::{self, Turns, Waiting};
use super::{Entry, Next, Order, Ordered};
use crate::command::{Command, Refusal, Reply};
use crate::limits::ORDER_ROOMY_COMMANDS;

/// An order within this process. Authors take turns, each with a command at a time; what one author sends keeps its order.
/// An author may have [`crate::limits::ORDER_AUTHOR_COMMANDS_MAX`] commands waiting. When as many wait as may in all, the
/// last of whoever has most makes room for somebody who has few. `applied` is the last position the database has.
#[must_use]
pub fn in_process(applied: u64) -> (InProcessOrder, InProcessOrdered) {
    let shared = Arc::new(Shared {
        inside: Mutex::default(),
        has_come: Condvar::new(),
        fullness: Fullness::default(),
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
    fullness: Fullness,
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
            since: Instant::now(),
        });
        let waiting = inside.turns.waiting();
        let is_enough = inside.awaited > 0 && waiting >= inside.awaited;
        self.0.fullness.tell(waiting);
        drop(inside);
        if is_enough {
            self.0.has_come.notify_one();
        }
        // Answered without the lock: what an answer does is not known here.
        turns::answer(offered)
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.0.fullness.subscribe()
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
            since: _,
        } = inside.turns.pop()?;
        let waiting = inside.turns.waiting();
        if waiting < ORDER_ROOMY_COMMANDS {
            self.shared.fullness.tell(waiting);
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
