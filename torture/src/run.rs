//! One run: a server that is killed again and again, a proxy that breaks connections, browsers that chat, and the
//! checker at the end.

#![allow(clippy::print_stdout, reason = "a run says how it goes")]

pub(crate) mod heads;
pub(crate) mod people;
pub(crate) mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::browser::{Phase, Progress};
use crate::checker::{self, Violation, ViolationKind};
use crate::database;
use crate::proxy::{FaultRates, Proxy};
use crate::server::{self, Server};
use client::testing::Random;

use people::People;
use report::Facts;
pub use report::Summary;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `madang` binary.
    pub binary: PathBuf,
    /// Where its data and its log go.
    pub folder: PathBuf,
    /// How long it lasts, the quiet end included.
    pub length: Duration,
    /// What everything that is left to chance is drawn from.
    pub seed: u64,
    /// Browsers that use one transport each, in equal shares.
    pub clients: usize,
    /// Browsers beside them that may use all transports.
    pub roaming: usize,
    /// Whether the server limits how much a person posts.
    pub limited: bool,
}

/// Messages that are written in a second by everybody together, in the wild part of a run without limits.
const POSTS_PER_SECOND: f64 = 230.0;
/// How long a server lives in the mean, counted from its start.
const LIFE_MEAN: Duration = Duration::from_millis(1_900);
/// The same while it limits posting. It forgets who posted how much when it is killed: it has to live long enough for
/// the limits to be met with.
const LIFE_MEAN_LIMITED: Duration = Duration::from_secs(8);
/// How long the quiet part may be at most: a client's longest wait before it tries again is 15 s.
const QUIET_MAX: Duration = Duration::from_secs(60);
/// How often the run says how it goes.
const REPORT_EVERY: Duration = Duration::from_secs(10);

// What the numbers that are drawn are for.
const FOR_SERVER: u64 = 1 << 40;
const FOR_KILLS: u64 = 2 << 40;

/// Everything that runs.
struct Run {
    options: Options,
    proxy: Proxy,
    kills: AtomicU64,
    progress: Vec<Arc<Progress>>,
    began: Instant,
}

/// Runs to the end; returns the verdict.
///
/// # Errors
/// When it could not even be begun.
pub async fn run(options: Options) -> anyhow::Result<Summary> {
    let mut random = Random::for_purpose(options.seed, FOR_SERVER);
    let server = Server::start(server_setup(&options), &mut random).await?;
    let proxy = Proxy::start(server.address(), options.seed, fault_rates())
        .await
        .context("starting the proxy")?;
    let (phase, phases) = watch::channel(Phase::Active);
    let people = People {
        clients: options.clients,
        roaming: options.roaming,
        posts_per_second: POSTS_PER_SECOND,
        hop: false,
    };
    let (progress, people) = people.begin(options.seed, proxy.address(), &phases);
    let run = Run {
        options,
        proxy,
        kills: AtomicU64::new(0),
        progress,
        began: Instant::now(),
    };
    run.go_to_the_end(server, &phase, people).await
}

impl Run {
    async fn go_to_the_end(
        self,
        mut server: Server,
        phase: &watch::Sender<Phase>,
        people: JoinSet<checker::Client>,
    ) -> anyhow::Result<Summary> {
        let wild = self.options.length - (self.options.length / 10).min(QUIET_MAX);
        let mut crashes = Vec::new();
        let reporting = async {
            loop {
                tokio::time::sleep(REPORT_EVERY).await;
                println!("{}", self.facts().line());
            }
        };
        tokio::pin!(reporting);
        let over = tokio::select! {
            () = reporting.as_mut() => Ok(()),
            ended = self.kill_and_restart(&mut server, wild) => ended,
        };
        if let Err(error) = over {
            crashes.push(Violation::new(
                ViolationKind::Crash,
                "server",
                format!("{error:#}"),
            ));
        }
        self.proxy.stop_faults();
        phase.send_replace(Phase::Settling);
        println!("{} quiet now", self.facts().line());
        let nodes = [server.address()];
        let settled_after = tokio::select! {
            () = reporting.as_mut() => None,
            settled = heads::settled(&nodes, &self.progress, QUIET_MAX) => settled,
        };
        phase.send_replace(Phase::Ended);
        let mut clients = people.join_all().await;
        clients.sort_by(|one, other| one.name.cmp(&other.name));
        if let Err(error) = server.stop().await {
            crashes.push(Violation::new(
                ViolationKind::Crash,
                "server",
                format!("{error:#}"),
            ));
        }
        for panic in server.panics() {
            crashes.push(Violation::new(ViolationKind::Crash, "server", panic));
        }
        let database = database::read(&server.data_dir())?;
        let mut violations = checker::check(&clients, &database);
        violations.extend(crashes);
        Ok(self
            .facts()
            .summary(&database, violations, settled_after, server.log_tail()))
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            killed: format!("{} kills", self.kills.load(Ordering::Relaxed)),
            proxy: self.proxy.counts(),
            progress: &self.progress,
            began: self.began,
        }
    }

    /// Kills the server and starts it again until the time is over. Now and then it is killed while it starts.
    async fn kill_and_restart(&self, server: &mut Server, length: Duration) -> anyhow::Result<()> {
        let mut random = Random::for_purpose(self.options.seed, FOR_KILLS);
        let end = self.began + length;
        let mean = if self.options.limited {
            LIFE_MEAN_LIMITED
        } else {
            LIFE_MEAN
        };
        loop {
            let life = if random.chance(8) {
                random.ms(0, 60)
            } else {
                random.exponential(mean)
            };
            let kill_at = Instant::now() + life.min(mean * 3);
            if kill_at >= end {
                break;
            }
            tokio::time::sleep_until(kill_at).await;
            server.kill().await?;
            self.kills.fetch_add(1, Ordering::Relaxed);
            if random.chance(20) {
                // For a while nobody is there.
                tokio::time::sleep(random.ms(10, 400)).await;
            }
            server.launch()?;
            if random.chance(90) {
                server.wait_until_listening().await?;
            }
        }
        tokio::time::sleep_until(end).await;
        server.wait_until_listening().await
    }
}

fn server_setup(options: &Options) -> server::Setup {
    let rate = if options.limited {
        &[][..]
    } else {
        &["--post-rate", "0"]
    };
    server::Setup {
        binary: options.binary.clone(),
        folder: options.folder.clone(),
        flags: rate.iter().map(|&flag| flag.to_owned()).collect(),
        log: server::LOG,
    }
}

fn fault_rates() -> FaultRates {
    FaultRates {
        life: Duration::from_millis(1_100),
        acks_cut_percent: 25,
        upgrades_refused_percent: 4,
    }
}
