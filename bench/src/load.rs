//! The load: many connections, some of them posting at a steady rate, every delivery counted and timed.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::habits::{Agenda, Habits};
use crate::histogram::Histogram;
use crate::procfs::Flushes;
use crate::sockets::Sockets;
use crate::speech::{self, Refused, Speech};
use crate::stamp::{Clock, Finder};

/// How long every connection has to be in the room after it was opened.
const GREETING_MAX: Duration = Duration::from_secs(20);
/// Between two greetings.
const GREETING_INTERVAL: Duration = Duration::from_millis(250);
/// After the last post, how long nothing may arrive before what is missing counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// How long the drain may take altogether.
const DRAIN_MAX: Duration = Duration::from_secs(60);
/// Posts that fall due within one tick are made together at its end, as they come out of a network card. A server
/// that works off at once what came at once gains by it; made one by one they would keep both cores busy with waking.
const TICK: Duration = Duration::from_millis(1);
/// After the last delivery expected, how long to look for one too many.
const SURPLUS: Duration = Duration::from_millis(100);

/// What is asked of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// The connections that post, in turn.
    pub(crate) posters: usize,
    /// Posts a second, all posters together.
    pub(crate) rate: u32,
    /// Posting goes on this long before the measured window opens.
    pub(crate) warm_up: Duration,
    /// The length of the measured window.
    pub(crate) window: Duration,
    /// What is done besides. Needs full speech.
    pub(crate) habits: Habits,
}

/// What the kernel knows at one edge of the measured window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Edge {
    /// Processor time of the server so far, in seconds.
    pub(crate) server_cpu: f64,
    /// The same of this process.
    pub(crate) own_cpu: f64,
    /// The flushes of the disk the server writes to.
    pub(crate) flushes: Option<Flushes>,
}

/// What came of it. Rates, times and percentiles are those of the measured window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) posts_per_second: f64,
    pub(crate) cpu_micros_per_delivery: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Processor time over wall time, of the server and of this process.
    pub(crate) server_share: f64,
    pub(crate) own_share: f64,
    /// Bytes of a frame as it arrives, without the WebSocket header of 2 or 4 bytes.
    pub(crate) frame_bytes: f64,
    pub(crate) flushes_per_second: Option<f64>,
    pub(crate) ms_per_flush: Option<f64>,
    /// Over the whole run: posts that were not refused, times connections, and what arrived.
    pub(crate) expected: u64,
    pub(crate) delivered: u64,
    /// Posts not made because a quarter of a second of them was still on its way.
    pub(crate) withheld: u64,
    /// Posts that the server refused with an `error` frame; a plain client is told nothing.
    pub(crate) refused: u64,
    /// Anything else that it refused: read positions, joins, connections of visitors.
    pub(crate) refused_besides: u64,
}

impl Load {
    /// Opens the connections, runs the load and closes them.
    ///
    /// `edge` is asked at the beginning and at the end of the measured window. Memory is bounded by the number of
    /// connections; posts on their way are bounded by a quarter of a second of them (at least 8), so that a
    /// server that cannot keep up shows its throughput and not an endless queue.
    ///
    /// # Errors
    /// When a connection fails or does not hear the others within 20 s. Missing deliveries are no error here: they
    /// are in the outcome.
    pub(crate) fn run(
        &self,
        address: SocketAddr,
        speech: Speech,
        mut edge: impl FnMut() -> Result<Edge>,
    ) -> Result<Outcome> {
        let mut run = Run::open(self, address, speech)?;
        run.greet()?;
        run.follow()?;
        run.started = run.clock.nanos();
        run.agenda.begin(run.started);
        run.post_until(run.started + nanos(self.warm_up))?;
        let (opened, before) = (run.clock.nanos(), edge()?);
        run.window = Window::new();
        run.post_until(run.started + nanos(self.warm_up + self.window))?;
        let (closed, after) = (run.clock.nanos(), edge()?);
        let window = std::mem::replace(&mut run.window, Window::new());
        run.drain()?;
        Ok(run.outcome(&window, (closed - opened) as f64 / 1e9, &before, &after))
    }
}

/// What is counted while the window is open.
struct Window {
    latencies: Histogram,
    posts: u64,
    deliveries: u64,
    bytes: u64,
}

impl Window {
    fn new() -> Self {
        Self {
            latencies: Histogram::new(),
            posts: 0,
            deliveries: 0,
            bytes: 0,
        }
    }
}

struct Run<'a> {
    load: &'a Load,
    sockets: Sockets,
    speech: Speech,
    clock: Clock,
    finder: Finder,
    window: Window,
    /// When posting began; what is stamped earlier was a greeting.
    started: u64,
    /// The posts that the schedule has come to, made or withheld.
    due: u64,
    posts: u64,
    withheld: u64,
    refused: u64,
    refused_besides: u64,
    delivered: u64,
    agenda: Agenda,
    on_their_way: OnTheirWay,
}

impl<'a> Run<'a> {
    fn open(load: &'a Load, address: SocketAddr, speech: Speech) -> Result<Self> {
        ensure!(
            (1..=load.connections).contains(&load.posters) && load.rate > 0,
            "a load needs posters"
        );
        let mut sockets = Sockets::new()?;
        for _ in 0..load.connections {
            speech.open(&mut sockets, address)?;
        }
        Ok(Self {
            load,
            sockets,
            agenda: Agenda::new(load.habits, load.connections, address)?,
            refused_besides: 0,
            speech,
            clock: Clock::start(),
            finder: Finder::default(),
            window: Window::new(),
            started: 0,
            due: 0,
            posts: 0,
            withheld: 0,
            refused: 0,
            delivered: 0,
            on_their_way: OnTheirWay::new(load.posters),
        })
    }

    /// Posts until every connection has heard something: only then are all of them in the room.
    fn greet(&mut self) -> Result<()> {
        let mut heard = vec![false; self.sockets.len()];
        let mut missing = heard.len();
        let mut next = 0;
        while missing > 0 {
            let now = self.clock.nanos();
            ensure!(
                now < nanos(GREETING_MAX),
                "{missing} connections heard nothing for {GREETING_MAX:?}"
            );
            if now >= next {
                self.sockets.send_text(0, self.speech.post(now).as_bytes())?;
                next = now + nanos(GREETING_INTERVAL);
            }
            let finder = &mut self.finder;
            self.sockets
                .poll(Duration::from_nanos(next - now), |index, text| {
                    if finder.find(text).is_some() && !std::mem::replace(&mut heard[index], true) {
                        missing -= 1;
                    }
                })?;
        }
        Ok(())
    }

    /// Has those who speak in full follow the room: they have been there before, and what it costs to begin to is no part of what
    /// reading costs. What comes of that comes in the warm-up.
    fn follow(&mut self) -> Result<()> {
        if matches!(self.speech, Speech::Full(_)) {
            for index in 0..self.sockets.len() {
                self.sockets.send_text(index, speech::read_up_to(1).as_bytes())?;
            }
        }
        Ok(())
    }

    /// Keeps to the schedule until `end`: the post number `n` is due `n / rate` seconds after the start, or at the
    /// end of that tick.
    fn post_until(&mut self, end: u64) -> Result<()> {
        loop {
            let now = self.clock.nanos();
            while self.due_at() <= now.min(end - 1) {
                self.post()?;
            }
            if now >= end {
                return Ok(());
            }
            self.agenda.run(now, &mut self.sockets)?;
            let next = self.due_at().min(end).min(self.agenda.next());
            self.receive(Duration::from_nanos(next.saturating_sub(now)))?;
        }
    }

    fn due_at(&self) -> u64 {
        let exactly = self.due * 1_000_000_000 / u64::from(self.load.rate);
        self.started + exactly.next_multiple_of(nanos(TICK))
    }

    fn post(&mut self) -> Result<()> {
        let poster = (self.due % self.load.posters as u64) as usize;
        self.due += 1;
        let now = self.clock.nanos();
        let frame = self.speech.post(now);
        if self.agenda.habits().types {
            self.sockets.send_text(poster, speech::TYPING)?;
        }
        if self.on_their_way.total() < (self.load.rate as usize / 4).max(8)
            && self.sockets.send_text(poster, frame.as_bytes())?
        {
            self.on_their_way.add(poster, now);
            self.posts += 1;
            self.window.posts += 1;
        } else {
            self.withheld += 1;
        }
        Ok(())
    }

    fn receive(&mut self, timeout: Duration) -> Result<()> {
        let (clock, started) = (self.clock, self.started);
        let (finder, window, delivered) = (&mut self.finder, &mut self.window, &mut self.delivered);
        let (refused, refused_besides) = (&mut self.refused, &mut self.refused_besides);
        let (agenda, on_their_way) = (&mut self.agenda, &mut self.on_their_way);
        let connections = self.load.connections;
        self.sockets.poll(timeout, |index, text| {
            let Some(posted) = finder.find(text) else {
                match speech::refused(text) {
                    Some(Refused::Post) => *refused += 1,
                    Some(Refused::Other) => *refused_besides += 1,
                    None => {}
                }
                return;
            };
            if posted < started || index >= connections {
                return;
            }
            let now = clock.nanos();
            on_their_way.arrived(index, posted);
            agenda.heard(index, text, now);
            *delivered += 1;
            window.deliveries += 1;
            window.bytes += text.len() as u64;
            window.latencies.record(now.saturating_sub(posted));
        })
    }

    fn expected(&self) -> u64 {
        self.posts.saturating_sub(self.refused) * self.load.connections as u64
    }

    /// Waits for what is still on its way, and a little longer for what should not be.
    fn drain(&mut self) -> Result<()> {
        let began = self.clock.nanos();
        let (mut heard, mut heard_at) = (self.delivered, began);
        while self.delivered < self.expected() {
            self.receive(Duration::from_millis(50))?;
            let now = self.clock.nanos();
            if self.delivered > heard {
                (heard, heard_at) = (self.delivered, now);
            }
            if now - heard_at > nanos(SILENCE_MAX) || now - began > nanos(DRAIN_MAX) {
                return Ok(());
            }
        }
        self.receive(SURPLUS)
    }

    fn outcome(&self, window: &Window, seconds: f64, before: &Edge, after: &Edge) -> Outcome {
        let deliveries = window.deliveries as f64;
        let server_cpu = after.server_cpu - before.server_cpu;
        let flushes = before
            .flushes
            .zip(after.flushes)
            .map(|(before, after)| ((after.count - before.count) as f64, (after.ms - before.ms) as f64));
        Outcome {
            posts_per_second: window.posts as f64 / seconds,
            cpu_micros_per_delivery: server_cpu * 1e6 / deliveries,
            p50_ms: window.latencies.percentile_ms(50.0).unwrap_or(f64::NAN),
            p99_ms: window.latencies.percentile_ms(99.0).unwrap_or(f64::NAN),
            server_share: server_cpu / seconds,
            own_share: (after.own_cpu - before.own_cpu) / seconds,
            frame_bytes: window.bytes as f64 / deliveries,
            flushes_per_second: flushes.map(|(count, _)| count / seconds),
            ms_per_flush: flushes
                .filter(|(count, _)| *count > 0.0)
                .map(|(count, ms)| ms / count),
            expected: self.expected(),
            delivered: self.delivered,
            withheld: self.withheld,
            refused: self.refused,
            refused_besides: self.refused_besides + self.sockets.refused() as u64,
        }
    }
}

/// The posts that have not come back to their posters yet.
///
/// A poster's posts come back in the order it made them: when one does, those before it have come or never will.
struct OnTheirWay {
    by_poster: Vec<VecDeque<u64>>,
    total: usize,
}

impl OnTheirWay {
    fn new(posters: usize) -> Self {
        Self {
            by_poster: vec![VecDeque::new(); posters],
            total: 0,
        }
    }

    fn total(&self) -> usize {
        self.total
    }

    fn add(&mut self, poster: usize, posted: u64) {
        self.by_poster[poster].push_back(posted);
        self.total += 1;
    }

    /// The post made at `posted`, whoever's it is, has come to this connection.
    fn arrived(&mut self, connection: usize, posted: u64) {
        let Some(own) = self.by_poster.get_mut(connection) else {
            return;
        };
        if let Ok(place) = own.binary_search(&posted) {
            own.drain(..=place);
            self.total -= place + 1;
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

#[cfg(test)]
mod tests;
