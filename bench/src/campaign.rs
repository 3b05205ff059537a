//! The whole measurement: every server in turn, run by run, so that what drifts drifts for all of them.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::disk::{self, Fsync};
use crate::durable::{self, Durable};
use crate::load::{Edge, Load, Outcome};
use crate::machine;
use crate::procfs;
use crate::sockets::Sockets;
use crate::speech::Speech;
use crate::subject::{Places, Running, Subject};

/// The loads of the budget: posts a second, connections, and how many of these post.
pub(crate) const LOADS: [(u32, usize, usize); 3] = [(20, 2_000, 20), (200, 1_000, 100), (20_000, 32, 32)];
/// Connections that memory is measured over.
pub(crate) const IDLE_CONNECTIONS: usize = 2_000;
/// Posters of the durable posts.
pub(crate) const DURABLE_POSTERS: [usize; 2] = [1, 64];
/// Open files for the largest load, with room for everything else.
const OPEN_FILES: u64 = 4_096;
/// Memory counts as settled when it moved by less than this share between two looks, and no later than this.
const SETTLED_SHARE: f64 = 0.002;
const SETTLE_MAX: Duration = Duration::from_secs(8);
const SETTLE_INTERVAL: Duration = Duration::from_millis(400);

/// What is to be measured, and how long.
pub(crate) struct Plan {
    pub(crate) places: Places,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) runs: usize,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    /// How long the durable posts are counted.
    pub(crate) durable_window: Duration,
    /// Whether clients speak Madang's full protocol to Madang.
    pub(crate) full: bool,
    /// How long a peer's frames are; `None`: as long as Madang's.
    pub(crate) peer_frame_bytes: Option<usize>,
}

/// All that was measured.
pub(crate) struct Findings {
    /// One per server, in the plan's order.
    pub(crate) servers: Vec<Server>,
    pub(crate) fsyncs: Vec<Fsync>,
    /// Per run, in the order of [`DURABLE_POSTERS`]; empty without Madang.
    pub(crate) durables: Vec<[Durable; 2]>,
    /// How long the peers were told to make their frames.
    pub(crate) frame_bytes: usize,
}

/// What was measured of one server, run by run.
pub(crate) struct Server {
    pub(crate) subject: Subject,
    /// In the order of [`LOADS`].
    pub(crate) outcomes: [Vec<Outcome>; 3],
    pub(crate) idle_kib: Vec<f64>,
}

impl Plan {
    /// Measures everything; `say` hears one line per step.
    ///
    /// # Errors
    /// When a server is missing, does not start or breaks a connection.
    pub(crate) fn run(&self, say: impl Fn(&str)) -> Result<Findings> {
        machine::raise_open_files(OPEN_FILES)?;
        machine::pin(self.places.cores.1)?;
        let _data = DataFolder::make(self)?;
        let frame_bytes = self.frame_bytes()?;
        let server = |&subject| Server {
            subject,
            outcomes: Default::default(),
            idle_kib: Vec::new(),
        };
        let mut findings = Findings {
            servers: self.subjects.iter().map(server).collect(),
            fsyncs: Vec::new(),
            durables: Vec::new(),
            frame_bytes,
        };
        for run in 1..=self.runs {
            findings.fsyncs.push(disk::probe(&self.places.data)?);
            for server in &mut findings.servers {
                say(&format!("run {run} of {}: {}", self.runs, server.subject.name()));
                self.measure(server, frame_bytes, &say)
                    .with_context(|| format!("measuring {}", server.subject.name()))?;
            }
            if self.subjects.contains(&Subject::Madang) {
                say(&format!("run {run} of {}: durable posts", self.runs));
                findings
                    .durables
                    .push(self.durable().context("measuring durable posts")?);
            }
        }
        Ok(findings)
    }

    /// About how long it takes.
    pub(crate) fn estimate(&self) -> Duration {
        let loads = (self.warm_up + self.window + Duration::from_secs(2)) * LOADS.len() as u32;
        let durable = (self.durable_window + Duration::from_secs(2)) * DURABLE_POSTERS.len() as u32;
        ((loads + Duration::from_secs(3)) * self.subjects.len() as u32 + durable) * self.runs as u32
    }

    /// As long as Madang's frames are, found by asking it for one.
    fn frame_bytes(&self) -> Result<usize> {
        if let Some(bytes) = self.peer_frame_bytes {
            return Ok(bytes);
        }
        let one = Load {
            connections: 1,
            posters: 1,
            rate: 20,
            warm_up: Duration::from_millis(100),
            window: Duration::from_millis(500),
        };
        let running = Subject::Madang.start(&self.places, 0)?;
        let outcome = one
            .run(running.address, Speech::Plain, || Ok(Edge::default()))
            .with_context(|| running.last_words())
            .context("measuring how long Madang's frames are")?;
        ensure!(outcome.delivered > 0, "Madang delivered nothing");
        Ok(outcome.frame_bytes.round() as usize)
    }

    fn measure(&self, server: &mut Server, frame_bytes: usize, say: &impl Fn(&str)) -> Result<()> {
        let running = server.subject.start(&self.places, frame_bytes)?;
        let idle = idle_kib_per_connection(&running, &self.speech(server.subject));
        server.idle_kib.push(
            idle.with_context(|| running.last_words())
                .context("idle connections")?,
        );
        drop(running);
        for ((rate, connections, posters), outcomes) in LOADS.into_iter().zip(&mut server.outcomes) {
            let load = Load {
                connections,
                posters,
                rate,
                warm_up: self.warm_up,
                window: self.window,
            };
            let running = server.subject.start(&self.places, frame_bytes)?;
            let counters = machine::disk_counters_of(&self.places.data);
            let edge = || {
                Ok(Edge {
                    server_cpu: procfs::cpu_seconds(running.pid())?,
                    own_cpu: procfs::cpu_seconds(std::process::id())?,
                    flushes: counters.as_deref().and_then(procfs::flushes),
                })
            };
            let outcome = load
                .run(running.address, self.speech(server.subject), edge)
                .with_context(|| running.last_words())
                .with_context(|| format!("{rate} posts a second to {connections} connections"))?;
            if outcome.delivered != outcome.expected {
                say(&format!("not every delivery came; {}", running.last_words()));
            }
            outcomes.push(outcome);
        }
        Ok(())
    }

    fn speech(&self, subject: Subject) -> Speech {
        if self.full && subject == Subject::Madang {
            Speech::full()
        } else {
            Speech::Plain
        }
    }

    fn durable(&self) -> Result<[Durable; 2]> {
        let one = |posters| {
            let running = Subject::Madang.start(&self.places, 0)?;
            durable::run(
                running.address,
                posters,
                Duration::from_secs(1),
                self.durable_window,
            )
        };
        Ok([one(DURABLE_POSTERS[0])?, one(DURABLE_POSTERS[1])?])
    }
}

/// Resident memory with [`IDLE_CONNECTIONS`] connections that only listen, less that of the empty server.
fn idle_kib_per_connection(running: &Running, speech: &Speech) -> Result<f64> {
    let mut sockets = Sockets::new()?;
    let empty = settled_kib(running, &mut sockets)?;
    for _ in 0..IDLE_CONNECTIONS {
        speech.open(&mut sockets, running.address)?;
    }
    let full = settled_kib(running, &mut sockets)?;
    Ok((full - empty) / IDLE_CONNECTIONS as f64)
}

/// The server's memory once it has stopped moving.
fn settled_kib(running: &Running, sockets: &mut Sockets) -> Result<f64> {
    let began = Instant::now();
    let mut last = f64::INFINITY;
    loop {
        let look = Instant::now();
        while look.elapsed() < SETTLE_INTERVAL {
            sockets.poll(SETTLE_INTERVAL.saturating_sub(look.elapsed()), |_, _| {})?;
        }
        let now = procfs::resident_kib(running.pid())? as f64;
        if (now - last).abs() <= now * SETTLED_SHARE || began.elapsed() > SETTLE_MAX {
            return Ok(now);
        }
        last = now;
    }
}

/// Madang's data, on a disk, gone when this is dropped.
struct DataFolder<'a>(&'a Plan);

impl<'a> DataFolder<'a> {
    fn make(plan: &'a Plan) -> Result<Self> {
        let folder = &plan.places.data;
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let kind = disk::file_system_of(folder).unwrap_or_default();
        let guard = Self(plan);
        ensure!(
            !disk::is_memory(&kind),
            "{} is on {kind}, where nothing is durable: name a folder on a disk with --data-dir",
            folder.display()
        );
        Ok(guard)
    }
}

impl Drop for DataFolder<'_> {
    fn drop(&mut self) {
        let folder = &self.0.places.data;
        let _ = fs::remove_dir_all(folder.join("madang"));
        // Only if nothing else is in it: the folder may have been named by hand.
        let _ = fs::remove_dir(folder);
    }
}
