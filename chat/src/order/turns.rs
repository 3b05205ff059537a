//! The queue in which authors take turns.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use protocol::UserId;

use crate::command::{Command, ContentDigest, Refusal, Reply, Strand};
use crate::limits::{ORDER_AUTHOR_COMMANDS_MAX, ORDER_WAITING_BYTES_MAX, ORDER_WAITING_COMMANDS_MAX};

/// What waits, by author. Whoever has something waiting is in `next` once.
#[derive(Debug, Default)]
pub(super) struct Turns {
    by_author: HashMap<UserId, VecDeque<Waiting>>,
    next: VecDeque<UserId>,
    waiting: usize,
    bytes: usize,
}

/// A command that waits.
#[derive(Debug)]
pub struct Waiting {
    pub command: Command,
    /// Of its action.
    pub digest: ContentDigest,
    /// Where the outcome goes.
    pub reply: Reply,
    /// Since when it does.
    pub since: Instant,
}

/// A command that is not let in, or no more.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) reply: Reply,
}

/// Tells those concerned what came of [`Turns::push`].
///
/// # Errors
/// When the command itself was not let in.
pub(super) fn answer(offered: Result<Option<Refused>, Refused>) -> Result<(), Refusal> {
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

impl Turns {
    /// How many commands wait.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Lets a command in, in place of another's that is returned if need be.
    ///
    /// # Errors
    /// The command itself, when its author has too many waiting or there is no room.
    pub(super) fn push(&mut self, waiting: Waiting) -> Result<Option<Refused>, Refused> {
        let refuse = |waiting: Waiting| Refused { reply: waiting.reply };
        let author = waiting.command.author;
        let own = self.by_author.get(&author).map_or(0, VecDeque::len);
        if own >= ORDER_AUTHOR_COMMANDS_MAX {
            return Err(refuse(waiting));
        }
        let bytes = waiting.command.action.weight_bytes();
        let is_full =
            self.waiting >= ORDER_WAITING_COMMANDS_MAX || self.bytes + bytes > ORDER_WAITING_BYTES_MAX;
        let refused = if is_full {
            match self.drop_last_of_most(own) {
                Some(refused) => Some(refused),
                None => return Err(refuse(waiting)),
            }
        } else {
            None
        };
        self.waiting += 1;
        self.bytes += bytes;
        let queue = self.by_author.entry(author).or_default();
        if queue.is_empty() {
            self.next.push_back(author);
        }
        queue.push_back(waiting);
        Ok(refused)
    }

    /// The next command: the first of the author whose turn it is, who then stands behind all others.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let author = self.next.pop_front()?;
        let queue = self.by_author.get_mut(&author)?;
        let waiting = queue.pop_front()?;
        if queue.is_empty() {
            self.by_author.remove(&author);
        } else {
            self.next.push_back(author);
        }
        self.took(&waiting.command);
        Some(waiting)
    }

    /// The next commands: `max_commands` at most, and no more once they weigh `max_bytes`. Authors whose next
    /// command is held, or has to come after one that is, are passed over and stand before all others afterwards, as they did
    /// before.
    pub(super) fn take(
        &mut self,
        max_commands: usize,
        max_bytes: usize,
        is_held: impl Fn(Strand) -> bool,
    ) -> Vec<Waiting> {
        let mut held = VecDeque::new();
        let mut behind: HashSet<Strand> = HashSet::new();
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < max_commands
            && bytes < max_bytes
            && let Some(author) = self.next.front()
        {
            let waiting = || self.by_author.get(author).into_iter().flatten();
            let strands = waiting().take(1).flat_map(|next| next.command.strands());
            let is_behind = strands
                .into_iter()
                .any(|strand| behind.contains(&strand) || is_held(strand));
            if is_behind {
                behind.extend(waiting().flat_map(|waiting| waiting.command.strands()));
                held.extend(self.next.pop_front());
            } else if let Some(waiting) = self.pop() {
                bytes += waiting.command.action.weight_bytes();
                taken.push(waiting);
            }
        }
        held.append(&mut self.next);
        self.next = held;
        taken
    }

    /// The commands that have waited since before this time, with all that their authors sent after them: what an author says
    /// keeps its order when they say it again.
    pub(super) fn take_overdue(&mut self, before: Instant) -> Vec<Waiting> {
        let is_overdue = |_: &UserId, queue: &mut VecDeque<Waiting>| {
            queue.front().is_some_and(|waiting| waiting.since <= before)
        };
        self.take_if(is_overdue)
    }

    /// Takes what these authors have waiting.
    pub(super) fn take_of(&mut self, authors: &HashSet<UserId>) -> Vec<Waiting> {
        self.take_if(|author, _| authors.contains(author))
    }

    fn take_if(&mut self, is_taken: impl FnMut(&UserId, &mut VecDeque<Waiting>) -> bool) -> Vec<Waiting> {
        let taken: Vec<_> = self.by_author.extract_if(is_taken).collect();
        if !taken.is_empty() {
            self.next.retain(|author| self.by_author.contains_key(author));
        }
        let taken: Vec<_> = taken.into_iter().flat_map(|(_, queue)| queue).collect();
        for waiting in &taken {
            self.took(&waiting.command);
        }
        taken
    }

    /// Since when the first of those has waited that wait. Looks at everybody.
    pub(super) fn oldest(&self) -> Option<Instant> {
        let first = self.by_author.values().filter_map(VecDeque::front);
        first.map(|waiting| waiting.since).min()
    }

    /// Takes out the last command of whoever has most waiting, unless that is hardly more than `own`. Looks at everybody: at
    /// no more than wait, and only when it is full.
    fn drop_last_of_most(&mut self, own: usize) -> Option<Refused> {
        let queue = self.by_author.values_mut().max_by_key(|queue| queue.len())?;
        if queue.len() <= own + 1 {
            return None;
        }
        let waiting = queue.pop_back()?;
        self.took(&waiting.command);
        Some(Refused { reply: waiting.reply })
    }

    fn took(&mut self, command: &Command) {
        self.waiting -= 1;
        self.bytes -= command.action.weight_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Action, COMMAND_FORMAT};
    use crate::ids;
    use protocol::RoomName;

    fn command(author: UserId, seq: u64) -> Command {
        Command {
            format: COMMAND_FORMAT,
            client_id: ids::client_id(),
            author,
            event_id: ids::event_id(),
            at: 0,
            action: Action::Read {
                room: RoomName::lobby(),
                seq,
            },
        }
    }

    fn offer(turns: &mut Turns, author: UserId, seq: u64) -> Result<Option<Refused>, Refused> {
        turns.push(Waiting {
            command: command(author, seq),
            digest: [0; 16],
            reply: Reply::new(|_| {}),
            since: Instant::now(),
        })
    }

    fn next(turns: &mut Turns) -> Option<(UserId, u64)> {
        let Waiting { command, .. } = turns.pop()?;
        let Action::Read { seq, .. } = command.action else {
            return None;
        };
        Some((command.author, seq))
    }

    #[test]
    fn authors_take_turns_and_what_one_says_keeps_its_order() {
        let mut turns = Turns::default();
        let (crowd, one, other) = (ids::user_id(), ids::user_id(), ids::user_id());
        for seq in 0..4 {
            offer(&mut turns, crowd, seq).unwrap();
        }
        offer(&mut turns, one, 10).unwrap();
        offer(&mut turns, other, 20).unwrap();
        offer(&mut turns, one, 11).unwrap();
        let came: Vec<_> = std::iter::from_fn(|| next(&mut turns)).collect();
        let expected = [
            (crowd, 0),
            (one, 10),
            (other, 20),
            (crowd, 1),
            (one, 11),
            (crowd, 2),
            (crowd, 3),
        ];
        assert_eq!(came, expected);
        assert_eq!((turns.waiting, turns.bytes, turns.by_author.len()), (0, 0, 0));
    }

    #[test]
    fn an_author_has_so_many_waiting_and_no_more_and_others_are_let_in() {
        let mut turns = Turns::default();
        let crowd = ids::user_id();
        for seq in 0..ORDER_AUTHOR_COMMANDS_MAX as u64 {
            offer(&mut turns, crowd, seq).unwrap();
        }
        assert!(offer(&mut turns, crowd, 0).is_err());
        assert!(offer(&mut turns, ids::user_id(), 0).is_ok());
        next(&mut turns).unwrap();
        assert!(offer(&mut turns, crowd, 0).is_ok());
    }

    #[test]
    fn when_it_is_full_the_last_of_whoever_has_most_makes_room_for_a_newcomer() {
        let mut turns = Turns::default();
        let most = ids::user_id();
        for seq in 0..3 {
            offer(&mut turns, most, seq).unwrap();
        }
        while turns.waiting() < ORDER_WAITING_COMMANDS_MAX {
            offer(&mut turns, ids::user_id(), 0).unwrap();
        }
        let newcomer = ids::user_id();
        assert!(offer(&mut turns, newcomer, 7).unwrap().is_some());
        assert_eq!(turns.waiting(), ORDER_WAITING_COMMANDS_MAX);
        assert!(
            offer(&mut turns, newcomer, 8).is_err(),
            "two are no fewer than two"
        );
        assert!(offer(&mut turns, ids::user_id(), 0).unwrap().is_some());
        assert!(
            offer(&mut turns, ids::user_id(), 0).is_err(),
            "nobody has more than one"
        );
        let came: Vec<_> = std::iter::from_fn(|| next(&mut turns)).collect();
        assert!(came.contains(&(newcomer, 7)));
        assert_eq!(came.iter().filter(|(author, _)| *author == most).count(), 1);
    }
}
