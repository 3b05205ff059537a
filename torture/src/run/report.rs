//! What a run prints: a line every few seconds, and its verdict.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::model::Transport;
use tokio::time::Instant;

use crate::browser::Progress;
use crate::checker::{self, Violation, ViolationKind};
use crate::proxy::{Counts, Fault};

/// Violations shown in full.
const SHOWN_MAX: usize = 60;

/// The transport in words.
pub(crate) const fn name_of(kind: Transport) -> &'static str {
    match kind {
        Transport::WebSocket => "WebSocket",
        Transport::Stream => "SSE",
        Transport::LongPoll => "long poll",
        Transport::Poll => "poll",
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Summary {
    /// The counts, in one line.
    line: String,
    /// What the proxy did.
    faults: String,
    /// What else is worth knowing.
    notes: String,
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// The end of the server's log.
    log: Vec<String>,
}

/// What is known of a run while it goes on.
pub(crate) struct Facts<'a> {
    /// How often what was killed, in words.
    pub(crate) killed: String,
    pub(crate) proxy: &'a Counts,
    pub(crate) progress: &'a [Arc<Progress>],
    pub(crate) began: Instant,
}

impl Facts<'_> {
    /// The counts so far, in one line.
    pub(crate) fn line(&self) -> String {
        let written = self.sum(|client| &client.written);
        let changed = self.sum(|client| &client.changed);
        let acked = self.sum(|client| &client.acked);
        let seconds = self.began.elapsed().as_secs_f64();
        format!(
            "{seconds:5.0} s: {}, {} cuts, {} of them between commit and ack; {written} written, {changed} changed, {acked} \
             acknowledged ({:.0}/s), at most {} waiting",
            self.killed,
            self.proxy.cuts(),
            self.proxy.of(Fault::BeforeAck),
            acked as f64 / seconds,
            self.progress
                .iter()
                .map(|client| client.waiting.load(Ordering::Relaxed))
                .max()
                .unwrap_or(0),
        )
    }

    pub(crate) fn summary(
        &self,
        database: &checker::Database,
        violations: Vec<Violation>,
        settled_after: Option<Duration>,
        log: Vec<String>,
    ) -> Summary {
        let count = |kind| {
            violations
                .iter()
                .filter(|violation| violation.kind == kind)
                .count()
        };
        let incomplete: std::collections::BTreeSet<&str> = violations
            .iter()
            .filter(|violation| violation.kind == ViolationKind::Incomplete)
            .map(|violation| violation.location.as_str())
            .collect();
        let rows: usize = database.rooms.values().map(Vec::len).sum();
        let events = database.rooms.values().flatten();
        let line = format!(
            "{}, {} cuts, {} of them between commit and ack, {} acknowledged messages and changes: {} lost, {} doubled, \
             {} out of order, {} wrong bodies, {} stale, {} not deleted, {} incomplete clients",
            self.killed,
            self.proxy.cuts(),
            self.proxy.of(Fault::BeforeAck),
            self.sum(|client| &client.acked),
            count(ViolationKind::Lost) + count(ViolationKind::FalseAck),
            count(ViolationKind::Doubled),
            count(ViolationKind::OutOfOrder) + count(ViolationKind::Gap),
            count(ViolationKind::WrongBody),
            count(ViolationKind::Stale),
            count(ViolationKind::Undeleted),
            incomplete.len(),
        );
        let settled = match settled_after {
            Some(after) => format!(
                "everybody had everything {:.1} s after the last fault",
                after.as_secs_f64()
            ),
            None => "not everybody came to have everything".to_owned(),
        };
        let notes = format!(
            "{rows} events, {} of them edits, deletions and reactions; {} commands went out, repeats included, {} were \
             held off, {} refused for good; {} page loads, {} changes of the leading tab, {} resyncs; \
             {settled}",
            events.filter(|event| event.action.target().is_some()).count(),
            self.sum(|client| &client.sent),
            self.sum(|client| &client.held_off),
            self.sum(|client| &client.refused),
            self.sum(|client| &client.reloads),
            self.sum(|client| &client.leads),
            self.sum(|client| &client.resyncs),
        );
        Summary {
            line,
            faults: self.proxy.to_string(),
            notes,
            violations,
            log,
        }
    }

    fn sum(&self, of: impl Fn(&Progress) -> &AtomicU64) -> u64 {
        self.progress
            .iter()
            .map(|client| of(client).load(Ordering::Relaxed))
            .sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.violations.is_empty() {
            writeln!(f, "\nThe end of the server's log:")?;
            for line in self.log.iter().rev().take(30).rev() {
                writeln!(f, "  {line}")?;
            }
            writeln!(f, "\nViolations:")?;
            for violation in self.violations.iter().take(SHOWN_MAX) {
                writeln!(f, "  {violation}")?;
            }
            let mut kinds: BTreeMap<ViolationKind, usize> = BTreeMap::new();
            for violation in &self.violations {
                *kinds.entry(violation.kind).or_default() += 1;
            }
            for (kind, count) in kinds {
                writeln!(f, "{count} {}", kind.name())?;
            }
        }
        writeln!(f, "\n{}\n{}\n{}", self.faults, self.notes, self.line)?;
        let verdict = if self.violations.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        write!(f, "torture: {verdict}")
    }
}
