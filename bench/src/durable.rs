//! Durable posts per second: every poster waits until its message is on the server's disk, then posts the next.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::histogram::Histogram;
use crate::sockets::Sockets;
use crate::speech::{self, ClientIds, Speech};
use crate::stamp::{self, Clock};

/// How long the server may say nothing at all before it counts as stuck.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// What came of it, in the measured window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Durable {
    pub(crate) posts_per_second: f64,
    /// From a post to its acknowledgement.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Lets `posters` connections, each with an identity of its own and all in the lobby, post as fast as they are
/// acknowledged.
///
/// # Errors
/// When a connection fails, a post is refused or the server falls silent for 10 s.
pub(crate) fn run(
    address: SocketAddr,
    posters: usize,
    warm_up: Duration,
    window: Duration,
) -> Result<Durable> {
    let mut run = Run::open(address, posters)?;
    for poster in 0..posters {
        run.post(poster)?;
    }
    run.go_on_for(warm_up)?;
    (run.acknowledged, run.latencies) = (0, Histogram::new());
    let opened = run.clock.nanos();
    run.go_on_for(window)?;
    let seconds = (run.clock.nanos() - opened) as f64 / 1e9;
    Ok(Durable {
        posts_per_second: run.acknowledged as f64 / seconds,
        p50_ms: run.latencies.percentile_ms(50.0).unwrap_or(f64::NAN),
        p99_ms: run.latencies.percentile_ms(99.0).unwrap_or(f64::NAN),
    })
}

struct Run {
    sockets: Sockets,
    ids: ClientIds,
    clock: Clock,
    /// What each poster waits for.
    waiting: Vec<Option<Waiting>>,
    latencies: Histogram,
    acknowledged: u64,
}

struct Waiting {
    client_id: String,
    posted: u64,
}

impl Run {
    fn open(address: SocketAddr, posters: usize) -> Result<Self> {
        let (mut sockets, speech) = (Sockets::new()?, Speech::full());
        for _ in 0..posters {
            speech.open(&mut sockets, address)?;
        }
        Ok(Self {
            sockets,
            ids: ClientIds::new(),
            clock: Clock::start(),
            waiting: (0..posters).map(|_| None).collect(),
            latencies: Histogram::new(),
            acknowledged: 0,
        })
    }

    fn post(&mut self, poster: usize) -> Result<()> {
        let posted = self.clock.nanos();
        let (client_id, frame) = self.ids.post(&stamp::message(posted));
        ensure!(
            self.sockets.send_text(poster, frame.as_bytes())?,
            "the server does not read"
        );
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

    /// The posters whose message is on disk now.
    fn receive(&mut self) -> Result<Vec<usize>> {
        let (mut free, mut refusal) = (Vec::new(), None);
        let (waiting, latencies, clock) = (&mut self.waiting, &mut self.latencies, self.clock);
        self.sockets.poll(Duration::from_millis(100), |poster, text| {
            if speech::refused(text).is_some() {
                refusal = Some(String::from_utf8_lossy(text).into_owned());
            } else if let Some(post) =
                waiting[poster].take_if(|post| speech::acknowledges(text, &post.client_id))
            {
                latencies.record(clock.nanos() - post.posted);
                free.push(poster);
            }
        })?;
        if let Some(refusal) = refusal {
            bail!("a post was refused: {refusal}");
        }
        self.acknowledged += free.len() as u64;
        Ok(free)
    }
}
