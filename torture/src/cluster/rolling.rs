//! Nodes are restarted one after another while people write, as an upgrade does it.

#![allow(clippy::print_stdout, reason = "a run says how it goes")]

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::end;
use super::programs::{Options, Programs};
use super::run::{LOG_LINES, POSTS_PER_SECOND, REPORT_EVERY, Summary, crash};
use crate::browser::Phase;
use crate::checker::{Violation, ViolationKind};
use crate::proxy::FaultPlan;
use crate::run::people::People;
use crate::run::report::Facts;

/// How long the quiet part may be at most.
const QUIET_MAX: Duration = Duration::from_secs(60);

/// Restarts nodes so many times; returns the verdict.
///
/// # Errors
/// When it could not even be begun.
pub async fn run(options: &Options, restarts: u64) -> anyhow::Result<Summary> {
    let mut programs = Programs::start(options, |_| FaultPlan::clean()).await?;
    let Programs {
        nodes,
        nats: _,
        proxy,
        journal: _,
        left_out: _,
    } = &mut programs;
    let (phase, phases) = watch::channel(Phase::Active);
    let people = People {
        clients: options.clients,
        roaming: options.roaming,
        posts_per_second: POSTS_PER_SECOND,
        hop: true,
    };
    let (progress, people) = people.begin(options.seed, proxy.address(), &phases);
    let began = Instant::now();
    let facts = |done: u64| Facts {
        killed: format!("{done} of {restarts} restarts"),
        proxy: proxy.counts(),
        progress: &progress,
        began,
    };
    let mut wrong = Vec::new();
    let mut longest = Duration::ZERO;
    let mut reported = Instant::now();
    for done in 0..restarts {
        let restarting = Instant::now();
        let which = usize::try_from(done).unwrap_or_default();
        if let Err(error) = nodes.restart(which).await {
            wrong.push(crash("nodes", format!("{error:#}")));
            break;
        }
        longest = longest.max(restarting.elapsed());
        if reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            println!("{}", facts(done + 1).line());
        }
    }
    let took = began.elapsed();
    phase.send_replace(Phase::Settling);
    let settled_after = end::settled(nodes, &progress, QUIET_MAX).await;
    phase.send_replace(Phase::Ended);
    let clients = people.join_all().await;
    if end::same_position(nodes, QUIET_MAX).await.is_none() {
        let what = "they do not all stand at the same position".to_owned();
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
    wrong.extend(end::sent_to_the_beginning(&progress));
    let (mut violations, database) = end::compare(nodes, &clients)?;
    violations.extend(wrong);
    let notes = vec![format!(
        "{restarts} restarts took {:.1} s, {:.1} s each in the mean and {:.1} s at most, from SIGTERM until it served again",
        took.as_secs_f64(),
        took.as_secs_f64() / restarts.max(1) as f64,
        longest.as_secs_f64(),
    )];
    Ok(Summary {
        of_clients: facts(restarts).summary(&database, violations, settled_after, nodes.log_tail(LOG_LINES)),
        faults: String::new(),
        notes,
    })
}
