//! What people do besides posting: they mark what they read, say that they type, come and go.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use crate::chance::Chance;
use crate::sockets::Sockets;
use crate::speech::{self, Person};

/// How long after it was heard an event is marked as read, by chance between these, as the page does it in a crowd: at once
/// when another one is heard in the last quarter of that time.
const READ_AFTER: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(24));
/// How long a visitor stays.
const STAY: Duration = Duration::from_secs(5);

/// What is done besides posting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Whether everybody marks what they heard as read.
    pub(crate) reads: bool,
    /// Whether whoever posts says before that they type.
    pub(crate) types: bool,
    /// People who come each second, stay for 5 s and go. Their deliveries are not counted.
    pub(crate) visitors_per_second: u32,
}

/// What is to be done, and when.
pub(crate) struct Agenda {
    habits: Habits,
    address: SocketAddr,
    chance: Chance,
    due: BinaryHeap<Reverse<(u64, Act)>>,
    /// What each connection heard and has not marked as read.
    heard: Vec<Option<Heard>>,
    visitors: Vec<Person>,
    visits: usize,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    seq: u64,
    /// When it is marked as read.
    due: u64,
    /// From when on that is done as soon as another event is heard.
    due_with_more: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Read(usize),
    Come,
    Go(usize),
}

impl Agenda {
    /// For this many connections that do not go.
    ///
    /// # Errors
    /// When the server does not say who the visitors are.
    pub(crate) fn new(habits: Habits, connections: usize, address: SocketAddr) -> Result<Self> {
        let at_once = u64::from(habits.visitors_per_second) * (STAY.as_secs() + 1);
        Ok(Self {
            habits,
            address,
            chance: Chance::new(),
            due: BinaryHeap::new(),
            heard: vec![None; connections],
            visitors: Person::crowd(address, at_once as usize)?,
            visits: 0,
        })
    }

    /// From now on people come and go.
    pub(crate) fn begin(&mut self, now: u64) {
        if self.habits.visitors_per_second > 0 {
            self.due.push(Reverse((now, Act::Come)));
        }
    }

    pub(crate) const fn habits(&self) -> Habits {
        self.habits
    }

    /// A connection was sent this event.
    pub(crate) fn heard(&mut self, connection: usize, text: &[u8], now: u64) {
        let Some(heard) = self.heard.get_mut(connection).filter(|_| self.habits.reads) else {
            return;
        };
        let Some(seq) = speech::seq_of(text) else {
            return;
        };
        match heard {
            Some(heard) => {
                heard.seq = seq;
                if now >= heard.due_with_more && now < heard.due {
                    heard.due = now;
                    self.due.push(Reverse((now, Act::Read(connection))));
                }
            }
            None => {
                let (least, most) = (nanos(READ_AFTER.0), nanos(READ_AFTER.1));
                let after = least + self.chance.below(most - least);
                *heard = Some(Heard {
                    seq,
                    due: now + after,
                    due_with_more: now + after - after / 4,
                });
                self.due.push(Reverse((now + after, Act::Read(connection))));
            }
        }
    }

    /// When there is something to be done next.
    pub(crate) fn next(&self) -> u64 {
        self.due.peek().map_or(u64::MAX, |Reverse((at, _))| *at)
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When a connection is broken.
    pub(crate) fn run(&mut self, now: u64, sockets: &mut Sockets) -> Result<()> {
        while self.next() <= now
            && let Some(Reverse((at, act))) = self.due.pop()
        {
            match act {
                Act::Read(connection) => {
                    // What was marked before its time is not due any more, and what was heard since is not yet.
                    if let Some(Heard { seq, .. }) = self.heard[connection].take_if(|heard| heard.due <= at) {
                        sockets.send_text(connection, speech::read_up_to(seq).as_bytes())?;
                    }
                }
                Act::Come => {
                    let visitor = &self.visitors[self.visits % self.visitors.len()];
                    self.visits += 1;
                    let index = sockets.len();
                    sockets.open_soon(self.address, visitor.introduction())?;
                    sockets.send_text(index, speech::JOIN)?;
                    let every = 1_000_000_000 / u64::from(self.habits.visitors_per_second);
                    self.due.push(Reverse((at + every, Act::Come)));
                    self.due.push(Reverse((at + nanos(STAY), Act::Go(index))));
                }
                Act::Go(index) => sockets.cut(index),
            }
        }
        Ok(())
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}
