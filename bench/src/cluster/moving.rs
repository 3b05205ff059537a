//! A node is killed, and everybody who was on it goes to the others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use client::limits::{BACKOFF_FIRST_MS, BACKOFF_MAX_MS, REFUSED_MIN_MS};

use super::nodes::Nodes;
use crate::chance::Chance;
use crate::histogram::Histogram;
use crate::sockets::Sockets;
use crate::speech::{self, ClientIds, Person, Place};
use crate::stamp::{self, Clock};

/// Clients on the node that is killed.
pub(crate) const CLIENTS: usize = 1_000;
/// Messages that are said elsewhere from then on, one after the other: each client is to have them all.
const MISSED: u64 = 20;
/// The node that is killed, and the one on which somebody speaks.
pub(super) const KILLED: usize = 0;
const SPEAKING: usize = 1;
/// How long all may take altogether.
const MOVED_MAX: Duration = Duration::from_secs(120);
/// How long a message may take to come to everybody, before anything is measured.
const SAID_MAX: Duration = Duration::from_secs(20);

/// How they came to be elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    /// From the kill until a client is connected again and has everything, in seconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Clients that had everything when it was given up, or ended.
    pub(crate) caught_up: usize,
    /// Connections and joins that were refused; these clients tried again.
    pub(crate) refused: u64,
    /// Events that came to a client out of their turn.
    pub(crate) out_of_turn: u64,
}

/// Lets [`CLIENTS`] full clients be on one node, kills it, and waits until all have caught up on others. The node is not
/// started again.
///
/// # Errors
/// When the nodes do not let them in the first time, or the speaker's node fails.
pub(super) fn run(nodes: &mut Nodes) -> Result<Moved> {
    let addresses = nodes.addresses();
    let mut crowd = Crowd::open(&addresses)?;
    let place = crowd.say_to_all()?;
    let began = crowd.clock.nanos();
    nodes.kill(KILLED);
    crowd.move_on(&addresses, &place, began)
}

/// The speaker's connection is the first; the clients' follow, and those that they open later.
struct Crowd {
    sockets: Sockets,
    people: Vec<Person>,
    clock: Clock,
    ids: ClientIds,
    epoch: Option<String>,
}

/// A client that is on its way.
struct Client {
    failures: u32,
    /// The last event that it has.
    seq: u64,
}

impl Crowd {
    fn open(addresses: &[SocketAddr]) -> Result<Self> {
        let mut sockets = Sockets::new()?;
        let speaker = Person::new(addresses[SPEAKING])?;
        let people = Person::crowd(addresses[KILLED], CLIENTS)?;
        let mut epoch = None;
        let everybody = people.iter().map(|person| (KILLED, person));
        for (node, person) in [(SPEAKING, &speaker)].into_iter().chain(everybody) {
            sockets.open(addresses[node], person.introduction())?;
            sockets.send_text(sockets.len() - 1, speech::JOIN)?;
            sockets.poll(Duration::ZERO, |_, text| speech::note_epoch(text, &mut epoch))?;
        }
        Ok(Self {
            sockets,
            people,
            clock: Clock::start(),
            ids: ClientIds::new(),
            epoch,
        })
    }

    fn say(&mut self) -> Result<String> {
        let message = stamp::message(self.clock.nanos());
        let (_, frame) = self.ids.post(&message);
        ensure!(
            self.sockets.send_text(0, frame.as_bytes())?,
            "the speaker's node does not read"
        );
        Ok(message)
    }

    /// Says one thing after the other until everybody has heard the same one; where all stand then.
    fn say_to_all(&mut self) -> Result<Place> {
        let began = self.clock.nanos();
        loop {
            let message = self.say()?;
            let mut heard = vec![false; self.sockets.len()];
            let mut place = None;
            let said_at = self.clock.nanos();
            while heard.contains(&false) && self.clock.nanos() - said_at < SAID_MAX.as_nanos() as u64 / 4 {
                let epoch = &mut self.epoch;
                self.sockets.poll(Duration::from_millis(50), |index, text| {
                    speech::note_epoch(text, epoch);
                    if says(text, &message) {
                        heard[index] = true;
                        if let Some(epoch) = epoch {
                            place = Place::at(epoch, text);
                        }
                    }
                })?;
            }
            if !heard.contains(&false) {
                return place.context("no epoch was told");
            }
            ensure!(
                self.clock.nanos() - began < SAID_MAX.as_nanos() as u64,
                "a message did not come to everybody"
            );
        }
    }

    /// Has everybody go elsewhere, each after waits as the page makes them, to the nodes that are left in turn, as a proxy would
    /// lead them.
    fn move_on(mut self, addresses: &[SocketAddr], place: &Place, began: u64) -> Result<Moved> {
        let mut others = addresses.iter().enumerate().cycle();
        let head = place.seq + MISSED;
        let mut clients: Vec<Client> = (0..CLIENTS)
            .map(|_| Client {
                failures: 0,
                seq: place.seq,
            })
            .collect();
        // Whose connection each is; the first is the speaker's.
        let mut owners: Vec<usize> = (0..CLIENTS).collect();
        let mut due: BinaryHeap<Reverse<(u64, Act)>> = BinaryHeap::new();
        let (mut chance, join) = (Chance::new(), place.join());
        let (mut times, mut caught_up, mut refused, mut out_of_turn) = (Histogram::new(), 0, 0, 0);
        let mut is_told = vec![false; CLIENTS];
        let (mut said, mut is_speaker_free) = (0, true);
        self.sockets.bear_loss();
        while caught_up < CLIENTS {
            let now = self.clock.nanos();
            if now - began > MOVED_MAX.as_nanos() as u64 {
                break;
            }
            if is_speaker_free && said < MISSED {
                self.say()?;
                (said, is_speaker_free) = (said + 1, false);
            }
            while due.peek().is_some_and(|Reverse((at, _))| *at <= now)
                && let Some(Reverse((_, act))) = due.pop()
            {
                match act {
                    Act::Connect(client) => {
                        let other = others.by_ref().find(|(node, _)| *node != KILLED);
                        let (_, address) = other.context("there is no other node")?;
                        self.sockets
                            .open_soon(*address, self.people[client].introduction())?;
                        self.sockets.send_text(self.sockets.len() - 1, join.as_bytes())?;
                        owners.push(client);
                    }
                    Act::Join(connection) => {
                        self.sockets.send_text(connection, join.as_bytes())?;
                    }
                }
            }
            let until_due = due
                .peek()
                .map_or(u64::MAX, |Reverse((at, _))| at.saturating_sub(now));
            let timeout = Duration::from_nanos(until_due).min(Duration::from_millis(50));
            let clock = self.clock;
            self.sockets.poll(timeout, |index, text| {
                let is_message = text.starts_with(br#"{"type":"message""#);
                let Some(client) = index.checked_sub(1).map(|at| owners[at]) else {
                    is_speaker_free |= is_message;
                    return;
                };
                if speech::refused(text).is_some() {
                    refused += 1;
                    due.push(Reverse((
                        clock.nanos() + REFUSED_MIN_MS * 1_000_000,
                        Act::Join(index),
                    )));
                } else if let Some(seq) = speech::seq_of(text).filter(|_| is_message) {
                    let client_now = &mut clients[client];
                    // One that joins a second time hears again what it has.
                    if seq > client_now.seq {
                        out_of_turn += u64::from(seq != client_now.seq + 1);
                        client_now.seq = seq;
                        client_now.failures = 0;
                    }
                    if client_now.seq >= head && !std::mem::replace(&mut is_told[client], true) {
                        caught_up += 1;
                        times.record(clock.nanos() - began);
                    }
                }
            })?;
            for connection in self.sockets.take_lost() {
                let at = connection.checked_sub(1).context("the speaker was cut off")?;
                let client = owners[at];
                let wait = chance.below(wait_max_ms(clients[client].failures) + 1);
                clients[client].failures += 1;
                due.push(Reverse((
                    self.clock.nanos() + wait * 1_000_000,
                    Act::Connect(client),
                )));
            }
        }
        let seconds = |percent| times.percentile_ms(percent).map_or(f64::NAN, |ms| ms / 1e3);
        Ok(Moved {
            p50: seconds(50.0),
            p99: seconds(99.0),
            caught_up,
            refused: refused + self.sockets.refused() as u64,
            out_of_turn,
        })
    }
}

/// What is done at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// A client opens a connection.
    Connect(usize),
    /// A connection whose `join` was refused asks again.
    Join(usize),
}

/// Whether a frame is the event of this message.
fn says(text: &[u8], message: &str) -> bool {
    let message = message.as_bytes();
    text.windows(message.len()).any(|window| window == message)
}

/// The longest that a client waits that has failed so often, as `client` does: any time up to it is as likely.
fn wait_max_ms(failures: u32) -> u64 {
    // 200 ms doubled seven times is past the bound.
    (BACKOFF_FIRST_MS << failures.min(7)).min(BACKOFF_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_those_of_the_page_do() {
        let waits: Vec<u64> = (0..9).map(wait_max_ms).collect();
        assert_eq!(
            waits,
            [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]
        );
        assert_eq!(wait_max_ms(u32::MAX), 15_000);
    }
}
