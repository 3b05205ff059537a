//! One run: everything fails, each in its turn, while people write; then nothing does, and all is compared.

#![allow(clippy::print_stdout, reason = "a run says how it goes")]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use client::testing::Random;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::end;
use super::faults::{Fault, Plan, Step};
use super::journal::Journal;
use super::nats::Nats;
use super::node::Nodes;
use super::programs::{Options, Programs};
use crate::browser::{Phase, Progress};
use crate::checker::{self, Violation, ViolationKind};
use crate::proxy::{FaultPlan, FaultRates, Proxy};
use crate::run::people::People;
use crate::run::report::Facts;

/// What everybody together does in a second: a third of what a server alone is given, for the same disk holds three NATS servers
/// and three nodes.
pub(super) const POSTS_PER_SECOND: f64 = 80.0;
/// How long the quiet part may be at most.
const QUIET_MAX: Duration = Duration::from_secs(120);
/// How much of the run nothing fails at least.
const QUIET_MIN: Duration = Duration::from_secs(15);
/// How long the nodes may take to stand at the same position once nobody says anything.
const SAME_MAX: Duration = Duration::from_secs(60);
/// How often the run says how it goes.
pub(super) const REPORT_EVERY: Duration = Duration::from_secs(10);
/// Lines of each node's log that are shown when something was wrong.
pub(super) const LOG_LINES: usize = 12;
// What the numbers that are drawn are for.
const FOR_NATS: u64 = 7 << 40;
const FOR_NODES: u64 = 8 << 40;

/// What came of a run.
#[derive(Debug)]
pub struct Summary {
    /// As of a server alone.
    pub of_clients: crate::run::Summary,
    /// What failed, a line for each kind; empty where nothing did.
    pub faults: String,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Summary {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.of_clients.violations.is_empty()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.faults.is_empty() {
            writeln!(f, "\n{}", self.faults)?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        write!(f, "{}", self.of_clients)
    }
}

/// Runs to the end; returns the verdict.
///
/// # Errors
/// When it could not even be begun.
pub async fn run(options: &Options) -> anyhow::Result<Summary> {
    let seed = options.seed;
    let rates = FaultRates {
        life: Duration::from_millis(2_500),
        acks_cut_percent: 25,
        upgrades_refused_percent: 4,
    };
    let plan = move |number| FaultPlan::draw(&mut Random::for_purpose(seed, number), &rates);
    let programs = Programs::start(options, plan).await?;
    let (phase, phases) = watch::channel(Phase::Active);
    let people = People {
        clients: options.clients,
        roaming: options.roaming,
        posts_per_second: POSTS_PER_SECOND,
        hop: true,
    };
    let (progress, people) = people.begin(seed, programs.proxy.address(), &phases);
    let run = Run {
        seed,
        wild: options.length
            - (options.length / 10)
                .clamp(QUIET_MIN, QUIET_MAX)
                .min(options.length / 2),
        progress,
        began: Instant::now(),
    };
    run.go_to_the_end(programs, &phase, people).await
}

struct Run {
    seed: u64,
    /// How long things fail.
    wild: Duration,
    progress: Vec<Arc<Progress>>,
    began: Instant,
}

impl Run {
    async fn go_to_the_end(
        self,
        mut programs: Programs,
        phase: &watch::Sender<Phase>,
        people: JoinSet<checker::Client>,
    ) -> anyhow::Result<Summary> {
        let Programs {
            nodes,
            nats,
            proxy,
            journal,
            left_out,
        } = &mut programs;
        let mut wrong = Vec::new();
        let reporting = async {
            loop {
                tokio::time::sleep(REPORT_EVERY).await;
                println!("{}", self.facts(journal, proxy).line());
            }
        };
        tokio::pin!(reporting);
        tokio::select! {
            () = reporting.as_mut() => {}
            (of_nats, of_nodes) = async { tokio::join!(self.fail_nats(nats, journal), self.fail_nodes(nodes, journal)) } => {
                wrong.extend(of_nats);
                wrong.extend(of_nodes);
            }
        }
        proxy.stop_faults();
        phase.send_replace(Phase::Settling);
        journal.say("quiet now");
        println!("{} quiet now", self.facts(journal, proxy).line());
        let quiet = async {
            let is_healthy = nats.all_healthy_within(QUIET_MAX).await;
            let ready = nodes.all_ready().await;
            let settled = end::settled(nodes, &self.progress, QUIET_MAX).await;
            (is_healthy, ready, settled)
        };
        let settled_after = tokio::select! {
            () = reporting.as_mut() => None,
            (is_healthy, ready, settled) = quiet => {
                if !is_healthy {
                    wrong.push(crash("NATS", "not every server came to have everything".to_owned()));
                }
                wrong.extend(ready.err().map(|error| crash("nodes", format!("{error:#}"))));
                settled
            }
        };
        phase.send_replace(Phase::Ended);
        let mut clients = people.join_all().await;
        clients.sort_by(|one, other| one.name.cmp(&other.name));
        let position = end::same_position(nodes, SAME_MAX).await;
        if position.is_none() {
            let what = format!(
                "they do not all stand at the same position within {} s",
                SAME_MAX.as_secs()
            );
            wrong.push(Violation::new(ViolationKind::Incomplete, "nodes", what));
        }
        wrong.extend(
            nodes
                .stop()
                .await
                .err()
                .map(|error| crash("nodes", format!("{error:#}"))),
        );
        wrong.extend(nodes.panics().into_iter().map(|panic| crash("nodes", panic)));
        wrong.extend(end::sent_to_the_beginning(&self.progress));
        let (mut violations, database) = end::compare(nodes, &clients)?;
        violations.extend(wrong);
        if journal.of(Fault::NodeCorrupted) == 0 {
            left_out.push("The run was too short for a node's database to be changed.".to_owned());
        }
        let mut notes = std::mem::take(left_out);
        notes.extend(position.map(|position| format!("every node stands at message {position} of the log")));
        let log = nodes.log_tail(LOG_LINES);
        let of_clients = self
            .facts(journal, proxy)
            .summary(&database, violations, settled_after, log);
        Ok(Summary {
            of_clients,
            faults: journal.table(),
            notes,
        })
    }

    fn facts<'a>(&'a self, journal: &Journal, proxy: &'a Proxy) -> Facts<'a> {
        Facts {
            killed: format!("{} faults of nodes and NATS", journal.total()),
            proxy: proxy.counts(),
            progress: &self.progress,
            began: self.began,
        }
    }

    /// Lets NATS fail as the plan has it until the time is over; what went wrong that should not have.
    async fn fail_nats(&self, nats: &mut Nats, journal: &Journal) -> Vec<Violation> {
        let mut random = Random::for_purpose(self.seed, FOR_NATS);
        let mut plan = Plan::of_nats(self.seed, self.wild, nats.has_disks());
        let mut wrong = Vec::new();
        while let Some(step) = self.next(&mut plan).await {
            if let Err(error) = nats.carry_out(&step, &mut random, journal).await {
                journal.say(&format!("WRONG: {error:#}"));
                wrong.push(crash("NATS", format!("{error:#}")));
                wrong.extend(
                    nats.revive()
                        .err()
                        .map(|error| crash("NATS", format!("{error:#}"))),
                );
            }
        }
        wrong
    }

    /// Lets nodes fail as the plan has it until the time is over; what went wrong that should not have.
    async fn fail_nodes(&self, nodes: &mut Nodes, journal: &Journal) -> Vec<Violation> {
        let mut random = Random::for_purpose(self.seed, FOR_NODES);
        let mut plan = Plan::of_nodes(self.seed, self.wild);
        let mut wrong = Vec::new();
        while let Some(step) = self.next(&mut plan).await {
            if let Err(error) = nodes.carry_out(&step, &mut random, journal).await {
                journal.say(&format!("WRONG: {error:#}"));
                wrong.push(crash("nodes", format!("{error:#}")));
                let revived = nodes.revive(step.of).await;
                wrong.extend(revived.err().map(|error| crash("nodes", format!("{error:#}"))));
            }
        }
        wrong
    }

    /// The next step of a plan, when its time has come; nothing when the time is over.
    async fn next(&self, plan: &mut Plan) -> Option<Step> {
        let step = plan.next(self.began.elapsed());
        let end = self.began + self.wild;
        let begin = Instant::now() + step.pause;
        tokio::time::sleep_until(begin.min(end)).await;
        (begin < end).then_some(step)
    }
}

pub(super) fn crash(location: &str, what: String) -> Violation {
    Violation::new(ViolationKind::Crash, location, what)
}
