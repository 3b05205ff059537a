//! People on several nodes who post again as soon as they were acknowledged.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::elsewhere::Elsewhere;
use crate::histogram::Histogram;
use crate::sockets::Sockets;
use crate::speech::{self, ClientIds, Speech};
use crate::stamp::{self, Clock, Finder};

/// How long nothing at all may be acknowledged before the nodes count as stuck.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// What came of it, in the measured window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posting {
    pub(crate) posts_per_second: f64,
    /// From a post to its acknowledgement.
    pub(crate) ack_p50_ms: f64,
    pub(crate) ack_p99_ms: f64,
    /// From the author's acknowledgement until another node has delivered it; where that was watched.
    pub(crate) elsewhere_p50_ms: Option<f64>,
    pub(crate) elsewhere_p99_ms: Option<f64>,
    /// Cores that each had in use.
    pub(crate) cores: Cpu,
}

/// Processor time in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) nodes: f64,
    pub(crate) nats: f64,
    pub(crate) load: f64,
}

impl Cpu {
    fn since(self, before: Self, seconds: f64) -> Self {
        Self {
            nodes: (self.nodes - before.nodes) / seconds,
            nats: (self.nats - before.nats) / seconds,
            load: (self.load - before.load) / seconds,
        }
    }
}

/// What is asked of the nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crowd {
    /// People, in turn on the nodes, all in the lobby.
    pub(super) posters: usize,
    /// Whether to watch when each post comes to the other nodes. That is work for each delivery.
    pub(super) watches_elsewhere: bool,
    pub(super) warm_up: Duration,
    pub(super) window: Duration,
}

/// Lets a crowd post on these nodes; `cpu` is asked at both edges of the window.
///
/// # Errors
/// When a connection fails, a post is refused or nothing is acknowledged for 20 s.
pub(super) fn run(
    nodes: &[SocketAddr],
    crowd: Crowd,
    mut cpu: impl FnMut() -> Result<Cpu>,
) -> Result<Posting> {
    let mut posters = Posters::open(nodes, &crowd)?;
    for poster in 0..crowd.posters {
        posters.post(poster)?;
    }
    posters.go_on_for(crowd.warm_up)?;
    let (opened, before) = (posters.clock.nanos(), cpu()?);
    posters.begin_window();
    posters.go_on_for(crowd.window)?;
    let seconds = (posters.clock.nanos() - opened) as f64 / 1e9;
    let delays = posters.elsewhere.as_ref().map(|elsewhere| &elsewhere.delays);
    Ok(Posting {
        posts_per_second: posters.acknowledged as f64 / seconds,
        ack_p50_ms: posters.latencies.percentile_ms(50.0).unwrap_or(f64::NAN),
        ack_p99_ms: posters.latencies.percentile_ms(99.0).unwrap_or(f64::NAN),
        elsewhere_p50_ms: delays.and_then(|delays| delays.percentile_ms(50.0)),
        elsewhere_p99_ms: delays.and_then(|delays| delays.percentile_ms(99.0)),
        cores: cpu()?.since(before, seconds),
    })
}

struct Posters {
    sockets: Sockets,
    nodes: usize,
    ids: ClientIds,
    clock: Clock,
    finder: Finder,
    /// What each poster waits for.
    waiting: Vec<Option<Waiting>>,
    last_posted: u64,
    acknowledged: u64,
    latencies: Histogram,
    elsewhere: Option<Elsewhere>,
}

struct Waiting {
    client_id: String,
    posted: u64,
}

impl Posters {
    fn open(nodes: &[SocketAddr], crowd: &Crowd) -> Result<Self> {
        let (mut sockets, speech) = (Sockets::new()?, Speech::full());
        let mut listeners = vec![0; nodes.len()];
        for poster in 0..crowd.posters {
            let node = poster % nodes.len();
            speech.open(&mut sockets, nodes[node])?;
            listeners[node] += 1;
        }
        Ok(Self {
            sockets,
            nodes: nodes.len(),
            ids: ClientIds::new(),
            clock: Clock::start(),
            finder: Finder::default(),
            waiting: (0..crowd.posters).map(|_| None).collect(),
            last_posted: 0,
            acknowledged: 0,
            latencies: Histogram::new(),
            elsewhere: crowd.watches_elsewhere.then(|| Elsewhere::new(listeners)),
        })
    }

    fn begin_window(&mut self) {
        self.acknowledged = 0;
        self.latencies = Histogram::new();
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.delays = Histogram::new();
        }
    }

    fn post(&mut self, poster: usize) -> Result<()> {
        // Two posts at one time could not be told from one another.
        let posted = self.clock.nanos().max(self.last_posted + 1);
        self.last_posted = posted;
        let (client_id, frame) = self.ids.post(&stamp::message(posted));
        ensure!(
            self.sockets.send_text(poster, frame.as_bytes())?,
            "a node does not read"
        );
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.posted(posted, poster % self.nodes);
        }
        self.waiting[poster] = Some(Waiting {
            client_id: client_id.to_string(),
            posted,
        });
        Ok(())
    }

    fn go_on_for(&mut self, time: Duration) -> Result<()> {
        let end = self.clock.nanos() + time.as_nanos() as u64;
        let mut heard_at = self.clock.nanos();
        while self.clock.nanos() < end {
            let free = self.receive()?;
            let now = self.clock.nanos();
            if !free.is_empty() {
                heard_at = now;
            }
            ensure!(
                now - heard_at < SILENCE_MAX.as_nanos() as u64,
                "nothing was acknowledged for {SILENCE_MAX:?}"
            );
            for poster in free {
                self.post(poster)?;
            }
        }
        Ok(())
    }

    /// The posters who are acknowledged now.
    fn receive(&mut self) -> Result<Vec<usize>> {
        let (mut free, mut refusal) = (Vec::new(), None);
        let (waiting, latencies, clock) = (&mut self.waiting, &mut self.latencies, self.clock);
        let (finder, elsewhere, nodes) = (&mut self.finder, &mut self.elsewhere, self.nodes);
        self.sockets.poll(Duration::from_millis(100), |poster, text| {
            if speech::refused(text).is_some() {
                refusal = Some(String::from_utf8_lossy(text).into_owned());
            } else if let Some(post) =
                waiting[poster].take_if(|post| speech::acknowledges(text, &post.client_id))
            {
                let now = clock.nanos();
                latencies.record(now - post.posted);
                free.push(poster);
                if let Some(elsewhere) = elsewhere {
                    elsewhere.acknowledged(post.posted, now);
                }
            } else if let Some(elsewhere) = elsewhere
                && let Some(posted) = finder.find(text)
            {
                elsewhere.heard(posted, poster % nodes, clock.nanos());
            }
        })?;
        if let Some(refusal) = refusal {
            bail!("a post was refused: {refusal}");
        }
        self.acknowledged += free.len() as u64;
        Ok(free)
    }
}
