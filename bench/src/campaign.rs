//! The whole measurement: every server in turn, run by run, so that what drifts drifts for all of them.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::cluster::{self, Cluster};
use crate::disk::{self, Fsync};
use crate::durable::{self, Durable};
use crate::habits::Habits;
use crate::load::{Edge, Load, Outcome};
use crate::people::{CROWDS, Crowd, LARGE_CROWD};
use crate::reconnect::{self, Comeback, Cut};
use crate::speech::Speech;
use crate::subject::{Places, Subject};
use crate::{handshakes, machine, memory, procfs};

/// The loads of the budget: posts a second, connections, and how many of these post.
pub(crate) const LOADS: [(u32, usize, usize); 3] = [(20, 2_000, 20), (200, 1_000, 100), (20_000, 32, 32)];
/// Posters of the durable posts.
pub(crate) const DURABLE_POSTERS: [usize; 3] = [1, 64, 256];
/// What happens to those who come back.
pub(crate) const CUTS: [Cut; 2] = [Cut::Network, Cut::Server];
/// Open files for the largest load, with room for everything else.
const OPEN_FILES: u64 = 6_144;

/// A part of the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Posts to everybody, at three loads.
    FanOut,
    /// Full clients who read, type, come and go; Madang alone.
    People,
    /// Memory for each connection, idle and after traffic.
    Memory,
    /// Processor time for each new connection.
    Handshakes,
    /// Posts a second that are on the disk; Madang alone.
    Durable,
    /// 5,000 clients that come back at once; Madang alone.
    Reconnect,
    /// Three nodes on three NATS servers, beside a single server; needs nats-server.
    Cluster,
}

/// What is to be measured, and how long.
pub(crate) struct Plan {
    pub(crate) places: Places,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) parts: Vec<Part>,
    pub(crate) runs: usize,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    /// How long the durable posts are counted.
    pub(crate) durable_window: Duration,
    /// How long people are watched, who say little.
    pub(crate) people_window: Duration,
    /// The same of the largest crowd, once.
    pub(crate) large_crowd_window: Duration,
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
    pub(crate) madang: MadangAlone,
    /// How long the peers were told to make their frames.
    pub(crate) frame_bytes: usize,
}

/// What was measured of one server, run by run.
pub(crate) struct Server {
    pub(crate) subject: Subject,
    /// In the order of [`LOADS`].
    pub(crate) outcomes: [Vec<Outcome>; 3],
    pub(crate) idle_kib: Vec<f64>,
    pub(crate) handshake_micros: Vec<f64>,
}

/// What its peers have nothing beside, run by run.
#[derive(Default)]
pub(crate) struct MadangAlone {
    /// In the order of [`DURABLE_POSTERS`].
    pub(crate) durables: Vec<[Durable; 3]>,
    /// In the order of [`CROWDS`].
    pub(crate) crowds: [Vec<Outcome>; 3],
    pub(crate) large_crowd: Vec<Outcome>,
    pub(crate) after_traffic_kib: Vec<f64>,
    pub(crate) full_handshake_micros: Vec<f64>,
    /// In the order of [`CUTS`].
    pub(crate) comebacks: [Vec<Comeback>; 2],
    pub(crate) clusters: Vec<Cluster>,
}

impl Plan {
    /// Measures everything; `say` hears one line per step.
    ///
    /// # Errors
    /// When a server is missing, does not start or breaks a connection.
    pub(crate) fn run(&self, say: impl Fn(&str)) -> Result<Findings> {
        machine::raise_open_files(OPEN_FILES)?;
        machine::pin(&self.places.cores.load)?;
        let _data = DataFolder::make(self)?;
        let frame_bytes = self.frame_bytes()?;
        let server = |&subject| Server {
            subject,
            outcomes: Default::default(),
            idle_kib: Vec::new(),
            handshake_micros: Vec::new(),
        };
        let mut findings = Findings {
            servers: self.subjects.iter().map(server).collect(),
            fsyncs: Vec::new(),
            madang: MadangAlone::default(),
            frame_bytes,
        };
        for run in 1..=self.runs {
            let say = |step: &str| say(&format!("run {run} of {}: {step}", self.runs));
            findings.fsyncs.push(disk::probe(&self.places.data)?);
            for server in &mut findings.servers {
                self.measure(server, frame_bytes, &say)
                    .with_context(|| format!("measuring {}", server.subject.name()))?;
            }
            if self.subjects.contains(&Subject::Madang) {
                self.measure_madang(&mut findings.madang, run == 1, &say)?;
            }
        }
        Ok(findings)
    }

    /// About how long it takes.
    pub(crate) fn estimate(&self) -> Duration {
        let of = |part, time: Duration| if self.has(part) { time } else { Duration::ZERO };
        let second = Duration::from_secs(1);
        let load = self.warm_up + self.window + second * 2;
        let each = of(Part::FanOut, load * LOADS.len() as u32)
            + of(Part::Memory, second * 3)
            + of(Part::Handshakes, second * 2);
        let crowd = self.warm_up + self.people_window + second * 4;
        let durable = self.durable_window + second * 2;
        let alone = of(Part::People, crowd * CROWDS.len() as u32)
            + of(Part::Memory, second * 8)
            + of(Part::Handshakes, second * 3)
            + of(Part::Durable, durable * DURABLE_POSTERS.len() as u32)
            + of(Part::Reconnect, second * 10 * CUTS.len() as u32)
            + of(Part::Cluster, durable * 3 + second * 40);
        let once = of(Part::People, self.large_crowd_window + second * 8);
        (each * self.subjects.len() as u32 + alone) * self.runs as u32 + once
    }

    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
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
            habits: Habits::default(),
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
        let name = server.subject.name();
        if self.has(Part::Memory) {
            say(&format!("{name}, idle connections"));
            let running = server.subject.start(&self.places, frame_bytes)?;
            let idle = memory::idle_kib(&running, &self.speech(server.subject));
            server.idle_kib.push(
                idle.with_context(|| running.last_words())
                    .context("idle connections")?,
            );
        }
        if self.has(Part::Handshakes) {
            say(&format!("{name}, handshakes"));
            let running = server.subject.start(&self.places, frame_bytes)?;
            let micros = handshakes::plain_micros(&running);
            server.handshake_micros.push(
                micros
                    .with_context(|| running.last_words())
                    .context("handshakes")?,
            );
        }
        if self.has(Part::FanOut) {
            for ((rate, connections, posters), outcomes) in LOADS.into_iter().zip(&mut server.outcomes) {
                let what = format!("{rate} posts a second to {connections} connections");
                say(&format!("{name}, {what}"));
                let load = Load {
                    connections,
                    posters,
                    rate,
                    warm_up: self.warm_up,
                    window: self.window,
                    habits: Habits::default(),
                };
                let speech = self.speech(server.subject);
                outcomes.push(
                    self.bear(server.subject, frame_bytes, &load, speech, say)
                        .context(what)?,
                );
            }
        }
        Ok(())
    }

    fn measure_madang(&self, alone: &mut MadangAlone, is_first: bool, say: &impl Fn(&str)) -> Result<()> {
        if self.has(Part::People) {
            for (crowd, outcomes) in CROWDS.iter().zip(&mut alone.crowds) {
                outcomes.push(self.crowd(crowd, self.people_window, say)?);
            }
            if is_first {
                alone
                    .large_crowd
                    .push(self.crowd(&LARGE_CROWD, self.large_crowd_window, say)?);
            }
        }
        if self.has(Part::Memory) {
            say("Madang, full clients after traffic");
            let running = Subject::Madang.start(&self.places, 0)?;
            let kib = memory::after_traffic_kib(&running).with_context(|| running.last_words())?;
            alone.after_traffic_kib.push(kib);
        }
        if self.has(Part::Handshakes) {
            say("Madang, full handshakes");
            let running = Subject::Madang.start(&self.places, 0)?;
            let micros = handshakes::full_micros(&running).with_context(|| running.last_words())?;
            alone.full_handshake_micros.push(micros);
        }
        if self.has(Part::Durable) {
            say("Madang, durable posts");
            alone
                .durables
                .push(self.durable().context("measuring durable posts")?);
        }
        if self.has(Part::Reconnect) {
            for (cut, comebacks) in CUTS.into_iter().zip(&mut alone.comebacks) {
                say(&format!("Madang, everybody comes back after {}", cut.name()));
                let running = Subject::Madang.start(&self.places, 0)?;
                let comeback = reconnect::run(&self.places, running, cut);
                comebacks.push(comeback.with_context(|| format!("coming back after {}", cut.name()))?);
            }
        }
        if self.has(Part::Cluster) {
            let measured = cluster::run(&self.places, self.warm_up, self.durable_window, say);
            alone.clusters.push(measured.context("measuring a cluster")?);
        }
        Ok(())
    }

    fn crowd(&self, crowd: &Crowd, window: Duration, say: &impl Fn(&str)) -> Result<Outcome> {
        say(&format!("Madang, {}", crowd.name));
        let load = crowd.load(self.warm_up, window);
        self.bear(Subject::Madang, 0, &load, Speech::full(), say)
            .context(crowd.name)
    }

    /// Starts a server and lets it bear a load.
    fn bear(
        &self,
        subject: Subject,
        frame_bytes: usize,
        load: &Load,
        speech: Speech,
        say: &impl Fn(&str),
    ) -> Result<Outcome> {
        let running = subject.start(&self.places, frame_bytes)?;
        let counters = machine::disk_counters_of(&self.places.data);
        let edge = || {
            Ok(Edge {
                server_cpu: procfs::cpu_seconds(running.pid())?,
                own_cpu: procfs::cpu_seconds(std::process::id())?,
                flushes: counters.as_deref().and_then(procfs::flushes),
            })
        };
        let outcome = load
            .run(running.address, speech, edge)
            .with_context(|| running.last_words())?;
        if outcome.delivered != outcome.expected {
            say(&format!("not every delivery came; {}", running.last_words()));
        }
        Ok(outcome)
    }

    fn speech(&self, subject: Subject) -> Speech {
        if self.full && subject == Subject::Madang {
            Speech::full()
        } else {
            Speech::Plain
        }
    }

    fn durable(&self) -> Result<[Durable; 3]> {
        let one = |posters| {
            let running = Subject::Madang.start(&self.places, 0)?;
            durable::run(
                running.address,
                posters,
                Duration::from_secs(1),
                self.durable_window,
            )
        };
        let [first, second, third] = DURABLE_POSTERS;
        Ok([one(first)?, one(second)?, one(third)?])
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
        let _ = fs::remove_dir_all(cluster::folder(&self.0.places));
        // Only if nothing else is in it: the folder may have been named by hand.
        let _ = fs::remove_dir(folder);
    }
}
