//! Logging, to stderr.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::limits::LOG_BURST_LINES;

/// Starts logging with this filter; one that cannot be read is said so and `info` is used.
pub fn init(filter: &str) {
    let parsed = filter.parse::<Targets>();
    let targets = parsed
        .as_ref()
        .map_or_else(|_| Targets::new().with_default(LevelFilter::INFO), Clone::clone);
    let format = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Only the first start in a process counts.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(format)
        .try_init();
    if parsed.is_err() {
        tracing::warn!(filter, "this log filter cannot be read; logging at info");
    }
}

/// How many lines a kind of message may write that anybody can provoke: a burst, then one a second.
///
/// Without it, a stranger who sends rubbish fills the disk.
#[derive(Debug, Default)]
pub(crate) struct LineQuota {
    state: Mutex<Quota>,
}

#[derive(Debug, Default)]
struct Quota {
    /// The second since the first line in which the next line beyond the burst is free.
    arrival: u64,
    left_out: u64,
    since: Option<Instant>,
}

impl LineQuota {
    /// Whether to write this line, and if so, how many were left out before it.
    pub(crate) fn take(&self) -> Option<u64> {
        let mut quota = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = quota.since.get_or_insert_with(Instant::now).elapsed().as_secs();
        let arrival = quota.arrival.max(now) + 1;
        if arrival - now > LOG_BURST_LINES {
            quota.left_out += 1;
            return None;
        }
        quota.arrival = arrival;
        Some(std::mem::take(&mut quota.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_can_provoke_writes_a_burst_of_lines_and_then_counts() {
        let quota = LineQuota::default();
        let written = (0..10_000).filter(|_| quota.take().is_some()).count();
        let written = u64::try_from(written).unwrap();
        assert!(
            (LOG_BURST_LINES..LOG_BURST_LINES + 60).contains(&written),
            "{written}"
        );
        assert!(quota.state.lock().unwrap().left_out > 9_000);
    }
}
