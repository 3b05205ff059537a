//! The NATS server that leads the log is killed under people who post.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use client::limits::REFUSED_MIN_MS;

use super::audit::{self, Audit};
use super::nats::Nats;
use super::nodes::{Nodes, STREAM};
use crate::sockets::Sockets;
use crate::speech::{self, ClientIds, Person, Place};
use crate::stamp::{self, Clock};

/// People who post, in turn on the nodes.
pub(crate) const POSTERS: usize = 16;
/// How long each waits from an acknowledgement to the next post: all of them together say less than a room can be caught up by.
const PAUSE: u64 = 150 * MS;
/// How long they post before the leader is killed, and after everybody's posts are acknowledged again.
const BEFORE: u64 = 1_500 * MS;
const AFTER: u64 = 3_000 * MS;
/// How long it may take until everybody's are.
const AGAIN_MAX: u64 = 60_000 * MS;
const MS: u64 = 1_000_000;

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interruption {
    /// From the kill until a post that was made after it was acknowledged, in seconds.
    pub(crate) first: f64,
    /// The same until everybody had one.
    pub(crate) everybody: f64,
    /// Posts that were refused, and repeated.
    pub(crate) refused: u64,
    pub(crate) acknowledged: u64,
    /// Of those, how many a node does not have, has twice, or has in another place than was said; all nodes together.
    pub(crate) audit: Audit,
}

/// Kills the leader while people post, waits until all can post again, starts the server again and looks through what every
/// node has.
///
/// # Errors
/// When a connection fails, the leader is not known, or posts are not acknowledged again within a minute.
pub(super) fn run(nodes: &Nodes, nats: &mut Nats) -> Result<Interruption> {
    let mut authors = Authors::open(&nodes.addresses())?;
    let place = authors.begin()?;
    authors.post_until(|authors| authors.clock.nanos() > BEFORE)?;
    let leader = nats.leader(STREAM)?;
    let killed = authors.clock.nanos();
    nats.kill(leader)?;
    // What was posted before that may have been in the log already.
    authors.gone = Some(authors.clock.nanos());
    authors.post_until(|authors| {
        authors.authors.iter().all(|author| author.again.is_some())
            || authors.clock.nanos() - killed > AGAIN_MAX
    })?;
    let agains: Option<Vec<u64>> = authors.authors.iter().map(|author| author.again).collect();
    let agains = agains.with_context(|| {
        format!(
            "not everybody's posts were acknowledged a minute after the leader was killed; {}",
            nodes.last_words()
        )
    })?;
    let since = |at: Option<&u64>| (at.copied().unwrap_or(killed) - killed) as f64 / 1e9;
    let until = authors.clock.nanos() + AFTER;
    authors.post_until(|authors| authors.clock.nanos() > until)?;
    authors.finish()?;
    nats.launch(leader)?;
    nats.wait_until_healthy()?;
    Ok(Interruption {
        first: since(agains.iter().min()),
        everybody: since(agains.iter().max()),
        refused: authors.refused,
        acknowledged: authors.acknowledged.len() as u64,
        audit: audit::run(&nodes.addresses(), &place, &authors.acknowledged)?,
    })
}

struct Authors {
    sockets: Sockets,
    clock: Clock,
    ids: ClientIds,
    authors: Vec<Author>,
    last_posted: u64,
    /// When the leader was gone.
    gone: Option<u64>,
    refused: u64,
    /// When each post was made that was acknowledged, and its place.
    acknowledged: Vec<(u64, u64)>,
}

struct Author {
    post: Option<Post>,
    /// When the next post is made, or this one is repeated.
    due: Option<u64>,
    /// When the first post was acknowledged that was made after the leader was gone.
    again: Option<u64>,
}

struct Post {
    client_id: String,
    frame: String,
    posted: u64,
}

impl Authors {
    /// Not joined: they hear nothing but what becomes of their posts.
    fn open(addresses: &[SocketAddr]) -> Result<Self> {
        let mut sockets = Sockets::new()?;
        for number in 0..POSTERS {
            let address = addresses[number % addresses.len()];
            sockets.open(address, Person::new(address)?.introduction())?;
        }
        let author = |_| Author {
            post: None,
            due: Some(0),
            again: None,
        };
        Ok(Self {
            sockets,
            clock: Clock::start(),
            ids: ClientIds::new(),
            authors: (0..POSTERS).map(author).collect(),
            last_posted: 0,
            gone: None,
            refused: 0,
            acknowledged: Vec::new(),
        })
    }

    /// Has the first author say something in front of all that is compared; its place.
    fn begin(&mut self) -> Result<Place> {
        self.sockets.send_text(0, speech::JOIN)?;
        let (_, frame) = self.ids.post("the beginning");
        self.sockets.send_text(0, frame.as_bytes())?;
        let (mut epoch, mut place) = (None, None);
        while place.is_none() {
            ensure!(self.clock.nanos() < AGAIN_MAX, "a message did not come back");
            self.sockets.poll(Duration::from_millis(50), |_, text| {
                speech::note_epoch(text, &mut epoch);
                if text.windows(13).any(|window| window == b"the beginning")
                    && let Some(epoch) = &epoch
                {
                    place = Place::at(epoch, text);
                }
            })?;
        }
        self.clock = Clock::start();
        place.context("a message did not come back")
    }

    fn post_until(&mut self, is_over: impl Fn(&Self) -> bool) -> Result<()> {
        while !is_over(self) {
            self.say_what_is_due(true)?;
            self.receive()?;
        }
        Ok(())
    }

    /// Waits for the acknowledgements that are due, repeating what was refused, and makes no more posts.
    fn finish(&mut self) -> Result<()> {
        let began = self.clock.nanos();
        while self.authors.iter().any(|author| author.post.is_some()) {
            ensure!(
                self.clock.nanos() - began < AGAIN_MAX,
                "a post was not acknowledged within a minute"
            );
            self.say_what_is_due(false)?;
            self.receive()?;
        }
        Ok(())
    }

    fn say_what_is_due(&mut self, also_new: bool) -> Result<()> {
        let now = self.clock.nanos();
        for (index, author) in self.authors.iter_mut().enumerate() {
            if author.due.is_none_or(|due| due > now) || (author.post.is_none() && !also_new) {
                continue;
            }
            author.due = None;
            let post = author.post.get_or_insert_with(|| {
                // Two posts at one time could not be told from one another.
                self.last_posted = now.max(self.last_posted + 1);
                let (client_id, frame) = self.ids.post(&stamp::message(self.last_posted));
                Post {
                    client_id: client_id.to_string(),
                    frame,
                    posted: self.last_posted,
                }
            });
            ensure!(
                self.sockets.send_text(index, post.frame.as_bytes())?,
                "a node does not read"
            );
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<()> {
        let (authors, clock, gone) = (&mut self.authors, self.clock, self.gone);
        let (refused, acknowledged) = (&mut self.refused, &mut self.acknowledged);
        self.sockets.poll(Duration::from_millis(2), |index, text| {
            let author = &mut authors[index];
            let now = clock.nanos();
            if speech::refused(text).is_some() {
                *refused += 1;
                author.due = Some(now + REFUSED_MIN_MS * MS);
            } else if let Some(post) = author
                .post
                .take_if(|post| speech::acknowledges(text, &post.client_id))
            {
                acknowledged.push((post.posted, speech::seq_of(text).unwrap_or(0)));
                if gone.is_some_and(|gone| post.posted > gone) {
                    author.again.get_or_insert(now);
                }
                author.due = Some(now + PAUSE);
            }
        })
    }
}
