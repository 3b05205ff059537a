//! What a node says, and how often, until the log has said it back.
//!
//! A command is over when its message comes out of the log, and not before: an acknowledgement only says when to stop
//! repeating for now. Until then the same bytes are published again and again, for as long as this node runs. Repeats are
//! harmless, and giving up is not: a publication that went unanswered may be in the log still, or get there a minute later. If
//! its author's next command were let out meanwhile, the two could come in the wrong order. So an author whose command is on its
//! way is *held*, also when they have long been told that nothing is known of it; what they repeat waits behind it, and is then
//! a repeat. The same goes for everything whose order matters, see [`Strand`]. There are never more than [`IN_FLIGHT_MAX`]
//! messages on their way, so what this may hold up is bounded, and one that can never get in has been refused for good
//! ([`Packer::refused`]).
//!
//! What is taken and was never published is in no log, and is let go when its author's patience ends, with whatever they said
//! after it: what is let in keeps its order, or is not let in.

mod packing;

use std::collections::{HashSet, VecDeque};

use bytes::Bytes;
use chat::limits::LOG_NUMBERS_KEPT;
use chat::{Command, Strand};
use protocol::UserId;

use self::packing::Packing;
use super::envelope::{Envelope, NEWEST_FORMAT};
use crate::NodeId;
use crate::limits::{
    ACKED_WAIT_MS, ACKED_WAIT_MS_MAX, ENVELOPE_BYTES_MAX, ENVELOPE_COMMANDS_MAX, IN_FLIGHT_MAX,
    PUBLISH_RETRY_MS_MAX, PUBLISH_RETRY_MS_MIN, PUBLISH_WAIT_MS, REPLY_WAIT_MS,
};

/// Packs commands into messages and says when each is to be published. `R` is where a command's outcome goes; one that is
/// dropped is told that nothing is known.
#[derive(Debug)]
pub struct Packer<R> {
    node: NodeId,
    /// That messages are written in.
    format: u32,
    /// Of the latest message.
    number: u64,
    /// By number.
    flights: VecDeque<Flight<R>>,
    /// What is in those. Nothing is in two.
    held: HashSet<Strand>,
    /// Taken, and did not fit: [`ENVELOPE_COMMANDS_MAX`] at most.
    left: VecDeque<Taken<R>>,
    is_connected: bool,
}

/// A message that is to be published now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub number: u64,
    /// 1, 2, 3, …: to be given back with what comes of it.
    pub attempt: u32,
    /// Whether nothing was heard of the attempt before this one. One that failed was heard of, and one that was acknowledged too.
    pub was_unanswered: bool,
    /// The same each time.
    pub payload: Bytes,
}

/// What was taken from the queue.
#[derive(Debug)]
pub struct Taken<R> {
    pub command: Command,
    pub reply: R,
    /// Since when it has been waited for.
    pub since_ms: u64,
}

/// What is waited for no more.
#[derive(Debug)]
pub struct Overdue<R> {
    /// They are answered when they are dropped.
    pub replies: Vec<R>,
    /// Of what was let go, and never published: what they said after it has to be let go with it.
    pub authors: HashSet<UserId>,
}

/// What may be taken from the queue.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    pub commands: usize,
    /// Of [`chat::Action::weight_bytes`]; what reaches this is the last one in.
    pub bytes: usize,
    held: &'a HashSet<Strand>,
    left: &'a HashSet<Strand>,
}

impl Room<'_> {
    /// Whether nothing of this may be taken now.
    #[must_use]
    pub fn is_held(&self, strand: &Strand) -> bool {
        self.held.contains(strand) || self.left.contains(strand)
    }
}

#[derive(Debug)]
struct Flight<R> {
    number: u64,
    payload: Bytes,
    strands: HashSet<Strand>,
    /// In order, each since when it is waited for; `None` where that was too long.
    replies: Vec<(u64, Option<R>)>,
    attempt: u32,
    /// Attempts that failed or went unanswered, one after the other.
    failures: u32,
    /// Acknowledgements that were not followed by the message.
    empty_acks: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be published at this time.
    Due { at_ms: u64 },
    /// Published, and not answered yet.
    Sent { until_ms: u64 },
    /// Said to be in the log.
    Acked { position: u64, until_ms: u64 },
}

impl State {
    const fn at_ms(self) -> u64 {
        match self {
            Self::Due { at_ms: at } | Self::Sent { until_ms: at } | Self::Acked { until_ms: at, .. } => at,
        }
    }
}

impl<R> Packer<R> {
    /// For a node that has said nothing yet and is not connected.
    #[must_use]
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            format: NEWEST_FORMAT,
            number: 0,
            flights: VecDeque::new(),
            held: HashSet::new(),
            left: VecDeque::new(),
            is_connected: false,
        }
    }

    /// What is packed from now on is written in this format: every node reads it.
    pub const fn write_in(&mut self, format: u32) {
        self.format = format;
    }

    /// Takes what there is and may go on its way now. `take` is asked for no more than it is told, in each author's order, as
    /// often as there is room for another message and until it has nothing. Returns the replies of commands that fit into no
    /// message, or that not every node would read any more.
    #[must_use = "they are answered when they are dropped"]
    pub fn take(&mut self, now_ms: u64, mut take: impl FnMut(Room<'_>) -> Vec<Taken<R>>) -> Vec<R> {
        let mut refused = Vec::new();
        while self.is_connected && self.has_room() {
            let mut packing = Packing::new(self.format, self.node, self.number + 1);
            packing.take_left(&mut self.left, &self.held, &mut refused);
            let room = ENVELOPE_COMMANDS_MAX - self.left.len().max(packing.len());
            if !packing.is_full() && room > 0 {
                let left = self.left.iter().flat_map(|left| left.command.strands()).collect();
                let taken = take(Room {
                    commands: room,
                    bytes: ENVELOPE_BYTES_MAX,
                    held: &self.held,
                    left: &left,
                });
                for taken in taken {
                    self.left.extend(packing.push(taken, &mut refused));
                }
            }
            if packing.is_empty() {
                break;
            }
            self.number += 1;
            let flight = packing.end(self.number, now_ms);
            self.held.extend(&flight.strands);
            self.flights.push_back(flight);
        }
        refused
    }

    /// What is to be published now, in order. It is taken to be under way from here on.
    pub fn due(&mut self, now_ms: u64) -> Vec<Publication> {
        if !self.is_connected {
            return Vec::new();
        }
        let mut due = Vec::new();
        for flight in &mut self.flights {
            if flight.state.at_ms() > now_ms {
                continue;
            }
            let was_unanswered = matches!(flight.state, State::Sent { .. });
            match flight.state {
                State::Sent { .. } => flight.failures = flight.failures.saturating_add(1),
                State::Acked { .. } => flight.empty_acks = flight.empty_acks.saturating_add(1),
                State::Due { .. } => {}
            }
            flight.attempt = flight.attempt.saturating_add(1);
            flight.state = State::Sent {
                until_ms: now_ms + PUBLISH_WAIT_MS,
            };
            due.push(Publication {
                number: flight.number,
                attempt: flight.attempt,
                was_unanswered,
                payload: flight.payload.clone(),
            });
        }
        due
    }

    /// A publication was acknowledged, at this position of the log.
    pub fn acked(&mut self, number: u64, position: u64, now_ms: u64) {
        if let Some(flight) = self.flight(number) {
            let wait = backoff(ACKED_WAIT_MS, ACKED_WAIT_MS_MAX, flight.empty_acks);
            flight.failures = 0;
            flight.state = State::Acked {
                position,
                until_ms: now_ms + wait,
            };
        }
    }

    /// An attempt came to nothing, or nothing is known of it.
    pub fn failed(&mut self, number: u64, attempt: u32, now_ms: u64) {
        if let Some(flight) = self.flight(number)
            && flight.attempt == attempt
            && matches!(flight.state, State::Sent { .. })
        {
            let wait = backoff(PUBLISH_RETRY_MS_MIN, PUBLISH_RETRY_MS_MAX, flight.failures);
            flight.failures = flight.failures.saturating_add(1);
            flight.state = State::Due { at_ms: now_ms + wait };
        }
    }

    /// A message can never get into the log: it is larger than the log takes. Returns the replies that wait for it.
    #[must_use = "they are answered when they are dropped"]
    pub fn refused(&mut self, number: u64) -> Vec<R> {
        self.end(number).into_iter().flatten().collect()
    }

    /// The log has been applied up to this position, where it had this message; `None` for one that is none of ours. Returns
    /// the replies to its commands, in order, if it is one of this node's and comes for the first time; `None` for each that is
    /// waited for no more.
    #[must_use = "they are answered when they are dropped"]
    pub fn delivered(&mut self, position: u64, envelope: Option<&Envelope>, now_ms: u64) -> Vec<Option<R>> {
        let replies = match envelope {
            Some(envelope) if envelope.node == self.node => self.end(envelope.number),
            _ => Vec::new(),
        };
        for flight in &mut self.flights {
            // Acknowledged as something that the log does not have there: a server lost it.
            if matches!(flight.state, State::Acked { position: acked, .. } if acked <= position) {
                flight.state = State::Due { at_ms: now_ms };
            }
        }
        replies
    }

    /// What was waited for too long. What of it was published stays so, and is published on.
    #[must_use = "its replies are answered when they are dropped"]
    pub fn overdue(&mut self, now_ms: u64) -> Overdue<R> {
        let is_overdue = |since_ms: u64| since_ms + REPLY_WAIT_MS <= now_ms;
        let mut replies = Vec::new();
        let waiting = self.flights.iter_mut().flat_map(|flight| &mut flight.replies);
        for (_, reply) in waiting.filter(|(since_ms, _)| is_overdue(*since_ms)) {
            replies.extend(reply.take());
        }
        let overdue = self.left.iter().filter(|left| is_overdue(left.since_ms));
        let authors: HashSet<_> = overdue.map(|left| left.command.author).collect();
        for left in std::mem::take(&mut self.left) {
            if authors.contains(&left.command.author) {
                replies.push(left.reply);
            } else {
                self.left.push_back(left);
            }
        }
        Overdue { replies, authors }
    }

    /// When there is next something due or overdue.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        let waiting = self.flights.iter().flat_map(|flight| &flight.replies);
        let waiting = waiting.filter(|(_, reply)| reply.is_some());
        let since = waiting.map(|(since_ms, _)| *since_ms);
        let since = since.chain(self.left.iter().map(|left| left.since_ms));
        let due = self.flights.iter().map(|flight| flight.state.at_ms());
        let due = due.filter(|_| self.is_connected);
        since.map(|since_ms| since_ms + REPLY_WAIT_MS).chain(due).min()
    }

    /// NATS is there. What was on its way is published again before anything new, in order.
    pub fn connected(&mut self, now_ms: u64) {
        self.is_connected = true;
        for flight in &mut self.flights {
            flight.failures = 0;
            flight.state = match flight.state {
                State::Acked { position, .. } => State::Acked {
                    position,
                    until_ms: now_ms + ACKED_WAIT_MS,
                },
                State::Due { .. } | State::Sent { .. } => State::Due { at_ms: now_ms },
            };
        }
    }

    /// NATS is away: nothing is taken or published.
    pub const fn disconnected(&mut self) {
        self.is_connected = false;
    }

    /// Whether nothing is on its way or waits to be.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty() && self.left.is_empty()
    }

    /// Whether another message may be on its way. What comes of the oldest must be told from what came long ago: whoever applies
    /// knows the last [`LOG_NUMBERS_KEPT`] numbers only.
    fn has_room(&self) -> bool {
        let oldest = self.flights.front().map(|flight| flight.number);
        let is_known = oldest.is_none_or(|oldest| self.number + 1 - oldest < LOG_NUMBERS_KEPT);
        self.flights.len() < IN_FLIGHT_MAX && is_known
    }

    fn flight(&mut self, number: u64) -> Option<&mut Flight<R>> {
        self.flights.iter_mut().find(|flight| flight.number == number)
    }

    fn end(&mut self, number: u64) -> Vec<Option<R>> {
        let found = self.flights.iter().position(|flight| flight.number == number);
        let Some(flight) = found.and_then(|index| self.flights.remove(index)) else {
            return Vec::new();
        };
        for strand in &flight.strands {
            self.held.remove(strand);
        }
        flight.replies.into_iter().map(|(_, reply)| reply).collect()
    }
}

/// `least` after the first failure, twice that after the second, and so on.
fn backoff(least: u64, most: u64, failures: u32) -> u64 {
    least.saturating_mul(1 << failures.min(32)).min(most)
}

#[cfg(test)]
#[path = "packer/tests.rs"]
mod tests;
