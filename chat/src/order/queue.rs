//! The way in of an order that is elsewhere.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use protocol::UserId;
use tokio::sync::{Notify, watch};

use super::fullness::Fullness;
use super::turns::{self, Turns, Waiting};
use crate::command::{Command, Refusal, Reply, Strand};

/// Commands that wait to be handed to a log, in the order and within the bounds of [`super::in_process`]. Shared by whoever
/// pushes and the one who takes.
#[derive(Debug, Default)]
pub struct Queue {
    inside: Mutex<Inside>,
    fullness: Fullness,
    has_come: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    turns: Turns,
    is_closed: bool,
}

impl Queue {
    /// Lets a command in. Never blocks.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when there is no room for it, [`Refusal::Unavailable`] when the queue is closed. The reply has then
    /// been answered with the same refusal.
    pub fn push(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        let digest = command.action.digest();
        let mut inside = self.lock();
        if inside.is_closed {
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
        self.fullness.tell(inside.turns.waiting());
        drop(inside);
        self.has_come.notify_one();
        // Answered without the lock: what an answer does is not known here.
        turns::answer(offered)
    }

    /// Takes what is next: `max_commands` commands at most, and no more once their texts weigh `max_bytes` (the first is taken
    /// whatever it weighs; see [`crate::Action::weight_bytes`]). Authors take turns; whoever has next what
    /// is held, for what came before it is on its way yet, keeps their place, and with it whatever has to come after that.
    #[must_use]
    pub fn take(
        &self,
        max_commands: usize,
        max_bytes: usize,
        is_held: impl Fn(Strand) -> bool,
    ) -> Vec<Waiting> {
        let mut inside = self.lock();
        let taken = inside.turns.take(max_commands, max_bytes, is_held);
        self.fullness.tell(inside.turns.waiting());
        taken
    }

    /// Takes what has waited since before this time, with all that its authors sent after it.
    #[must_use]
    pub fn take_overdue(&self, before: Instant) -> Vec<Waiting> {
        let mut inside = self.lock();
        let taken = inside.turns.take_overdue(before);
        self.fullness.tell(inside.turns.waiting());
        taken
    }

    /// Takes what these authors have waiting.
    #[must_use]
    pub fn take_of(&self, authors: &HashSet<UserId>) -> Vec<Waiting> {
        if authors.is_empty() {
            return Vec::new();
        }
        let mut inside = self.lock();
        let taken = inside.turns.take_of(authors);
        self.fullness.tell(inside.turns.waiting());
        taken
    }

    /// Since when the first of what waits has waited.
    #[must_use]
    pub fn oldest(&self) -> Option<Instant> {
        self.lock().turns.oldest()
    }

    /// Waits until something was pushed, or it was closed, since this returned the last time. For one who waits at a time.
    /// Cancel-safe.
    pub async fn has_come(&self) {
        self.has_come.notified().await;
    }

    /// How many commands wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().turns.waiting()
    }

    /// Whether so many wait that the next may soon be refused, and how that changes.
    #[must_use]
    pub fn crowd(&self) -> watch::Receiver<bool> {
        self.fullness.subscribe()
    }

    /// Lets nothing more in. What was let in before can still be taken.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.has_come.notify_one();
    }

    /// Whether nothing more is let in.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// A panic cannot leave the queue half-changed in a way that matters: replies answer when they are dropped.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Action, COMMAND_FORMAT, ReadTo};
    use crate::ids;
    use crate::limits::{ORDER_AUTHOR_COMMANDS_MAX, ORDER_CROWDED_COMMANDS};
    use protocol::{MessageText, RoomName};
    use std::sync::mpsc;

    fn post(author: UserId, text: &str) -> Command {
        Command {
            format: COMMAND_FORMAT,
            client_id: ids::client_id(),
            author,
            event_id: ids::event_id(),
            at: 0,
            action: Action::Post {
                room: RoomName::lobby(),
                message: MessageText::parse(text).unwrap(),
                reply_to: None,
                calls: crate::Calls::default(),
            },
        }
    }

    fn push(queue: &Queue, author: UserId, text: &str) {
        queue.push(post(author, text), Reply::new(|_| ())).unwrap();
    }

    fn text(waiting: &Waiting) -> (UserId, &str) {
        match &waiting.command.action {
            Action::Post { message, .. } => (waiting.command.author, message.as_str()),
            _ => (waiting.command.author, ""),
        }
    }

    fn texts(taken: &[Waiting]) -> Vec<(UserId, &str)> {
        taken.iter().map(text).collect()
    }

    #[test]
    fn authors_take_turns_and_those_who_are_held_keep_their_order_and_their_places() {
        let queue = Queue::default();
        let (held, one, other) = (ids::user_id(), ids::user_id(), ids::user_id());
        for (author, text) in [(held, "a"), (one, "b"), (held, "c"), (other, "d"), (one, "e")] {
            push(&queue, author, text);
        }
        let taken = queue.take(2, 1_000, |strand| strand == Strand::Author(held));
        assert_eq!(texts(&taken), [(one, "b"), (other, "d")]);
        let taken = queue.take(9, 1_000, |strand| strand == Strand::Author(held));
        assert_eq!(texts(&taken), [(one, "e")]);
        assert!(
            queue
                .take(9, 1_000, |strand| strand == Strand::Author(held))
                .is_empty()
        );
        push(&queue, one, "f");
        let taken = queue.take(9, 1_000, |_| false);
        assert_eq!(texts(&taken), [(held, "a"), (one, "f"), (held, "c")]);
        assert_eq!(queue.waiting(), 0);
    }

    #[test]
    fn how_far_somebody_read_and_what_they_say_of_it_themselves_keep_their_order_and_nobody_else_waits() {
        let queue = Queue::default();
        let (nobody, me, other) = (UserId::from_bytes([0; 16]), ids::user_id(), ids::user_id());
        let read = |user_id| ReadTo {
            user_id,
            room: RoomName::lobby(),
            seq: 7,
            session: 0,
        };
        let by = |author, action| Command {
            action,
            ..post(author, "replaced")
        };
        let unread = |author| {
            let room = RoomName::lobby();
            by(author, Action::Unread { room, seq: 5 })
        };
        let positions = by(
            nobody,
            Action::Positions {
                positions: vec![read(me)],
            },
        );
        let commands = [positions, post(me, "a"), unread(me), unread(other)];
        for command in &commands {
            queue.push(command.clone(), Reply::new(|_| ())).unwrap();
        }
        let taken = |is_held: &dyn Fn(Strand) -> bool| -> Vec<_> {
            let taken = queue.take(9, 1_000, is_held).into_iter();
            taken.map(|waiting| waiting.command).collect()
        };
        // Others that were told before are on their way: those that wait come before what overrules them.
        let first = taken(&|strand| strand == Strand::Author(nobody));
        assert_eq!(first, [commands[1].clone(), commands[3].clone()]);
        let second = taken(&|strand| strand == Strand::Reading(me));
        assert_eq!(second, []);
        assert_eq!(taken(&|_| false), [commands[0].clone(), commands[2].clone()]);
    }

    #[test]
    fn what_waited_too_long_is_taken_with_what_its_author_sent_after_it() {
        let queue = Queue::default();
        let (one, other) = (ids::user_id(), ids::user_id());
        assert_eq!(queue.oldest(), None);
        push(&queue, one, "a");
        let first = queue.oldest().unwrap();
        while Instant::now() <= first {}
        push(&queue, other, "b");
        push(&queue, one, "c");
        assert_eq!(texts(&queue.take_overdue(first)), [(one, "a"), (one, "c")]);
        assert!(queue.take_overdue(first).is_empty());
        push(&queue, one, "d");
        assert_eq!(
            texts(&queue.take(9, 1_000, |_| false)),
            [(other, "b"), (one, "d")]
        );
        assert_eq!((queue.waiting(), queue.oldest()), (0, None));
    }

    #[test]
    fn what_authors_have_waiting_is_taken_back_and_others_keep_their_turn() {
        let queue = Queue::default();
        let (one, other) = (ids::user_id(), ids::user_id());
        for (author, text) in [(one, "a"), (other, "b"), (one, "c")] {
            push(&queue, author, text);
        }
        assert!(queue.take_of(&HashSet::new()).is_empty());
        assert_eq!(
            texts(&queue.take_of(&HashSet::from([one]))),
            [(one, "a"), (one, "c")]
        );
        push(&queue, one, "d");
        let taken = queue.take(9, 1_000, |_| false);
        assert_eq!(texts(&taken), [(other, "b"), (one, "d")]);
        assert_eq!(queue.waiting(), 0);
    }

    #[test]
    fn what_reaches_the_bound_of_bytes_is_the_last_one_in_and_one_alone_may_weigh_more() {
        let queue = Queue::default();
        let author = ids::user_id();
        for text in ["four", "four", "and more than eight", "x"] {
            push(&queue, author, text);
        }
        let lengths: Vec<_> = std::iter::from_fn(|| {
            let taken = queue.take(9, 8, |_| false);
            (!taken.is_empty()).then_some(taken.len())
        })
        .collect();
        assert_eq!(lengths, [2, 1, 1]);
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_what_was_pushed_and_of_the_end() {
        let queue = Queue::default();
        push(&queue, ids::user_id(), "one");
        queue.has_come().await;
        queue.close();
        queue.has_come().await;
        let (answer, answered) = mpsc::channel();
        let reply = Reply::new(move |outcome| {
            let _ = answer.send(outcome);
        });
        let refused = queue.push(post(ids::user_id(), "late"), reply);
        assert_eq!(refused, Err(Refusal::Unavailable));
        assert_eq!(answered.recv().unwrap(), Err(Refusal::Unavailable));
        assert_eq!((queue.take(9, 9, |_| false).len(), queue.is_closed()), (1, true));
    }

    #[test]
    fn it_is_crowded_while_so_many_wait_and_an_author_has_so_many_and_no_more() {
        let queue = Queue::default();
        let mut crowd = queue.crowd();
        let authors = ORDER_CROWDED_COMMANDS / ORDER_AUTHOR_COMMANDS_MAX;
        for author in (0..authors).map(|_| ids::user_id()) {
            for _ in 0..ORDER_AUTHOR_COMMANDS_MAX {
                push(&queue, author, "x");
            }
            assert_eq!(
                queue.push(post(author, "x"), Reply::new(|_| ())),
                Err(Refusal::Busy)
            );
        }
        assert!(*crowd.borrow_and_update());
        assert_eq!(queue.take(usize::MAX, usize::MAX, |_| false).len(), 512);
        assert!(!*crowd.borrow_and_update());
    }
}
