//! From what was measured to what is said about it.

use crate::campaign::{DURABLE_POSTERS, Findings, IDLE_CONNECTIONS, LOADS, Server};
use crate::disk::Fsync;
use crate::histogram::median;
use crate::load::Outcome;
use crate::subject::Subject;
use crate::table::{self, Row, figure, thousands};

/// Madang's processor time per delivery, as a multiple of Bun's, may be at most this at each load.
const CPU_RATIO_MAX: f64 = 2.0;
/// An idle connection may take at most this much of Madang's resident memory, in KiB.
const IDLE_KIB_MAX: f64 = 10.0;
/// Above this share of its core the generator may be what is measured.
const OWN_SHARE_MAX: f64 = 0.95;

/// A bound and whether it holds.
pub(crate) struct Verdict {
    pub(crate) holds: bool,
    pub(crate) sentence: String,
}

/// The table: medians over the runs, each beside its ratio to the first server's.
pub(crate) fn table(findings: &Findings) -> String {
    let names: Vec<&str> = findings
        .servers
        .iter()
        .map(|server| server.subject.name())
        .collect();
    let mut rows = Vec::new();
    for (number, (rate, connections, _)) in LOADS.into_iter().enumerate() {
        let group = load_name(rate, connections);
        for (what, ratio, value) in LINES {
            let of = |server: &Server| median(server.outcomes[number].iter().map(value));
            let values = findings.servers.iter().map(of).collect();
            rows.push(Row {
                group: group.clone(),
                what,
                values,
                ratio,
            });
        }
        for (what, value) in FLUSH_LINES {
            let of = |server: &Server| median(server.outcomes[number].iter().filter_map(value));
            rows.push(madang_row(findings, &group, what, of));
        }
    }
    let idle = |server: &Server| median(server.idle_kib.iter().copied());
    rows.push(Row {
        group: format!("idle, {}", thousands(IDLE_CONNECTIONS as u64)),
        what: "resident KiB per connection",
        values: findings.servers.iter().map(idle).collect(),
        ratio: true,
    });
    rows.extend(durable_rows(findings));
    table::render(&names, &rows)
}

type Line<T> = fn(&Outcome) -> T;

/// The lines of a load: what, whether a ratio means anything, and where it is.
const LINES: [(&str, bool, Line<f64>); 7] = [
    ("server CPU per delivery, µs", true, |outcome| {
        outcome.cpu_micros_per_delivery
    }),
    ("latency p50, ms", true, |outcome| outcome.p50_ms),
    ("latency p99, ms", true, |outcome| outcome.p99_ms),
    ("posts made, /s", false, |outcome| outcome.posts_per_second),
    ("frame, bytes", false, |outcome| outcome.frame_bytes),
    ("server's core, %", false, |outcome| outcome.server_share * 100.0),
    ("load's core, %", false, |outcome| outcome.own_share * 100.0),
];

/// What fsync cost there; for the server that stores only.
const FLUSH_LINES: [(&str, Line<Option<f64>>); 3] = [
    ("flushes of the disk, /s", |outcome| outcome.flushes_per_second),
    ("ms per flush", |outcome| outcome.ms_per_flush),
    ("posts per flush", |outcome| {
        outcome
            .flushes_per_second
            .filter(|&flushes| flushes > 0.0)
            .map(|flushes| outcome.posts_per_second / flushes)
    }),
];

fn madang_row(
    findings: &Findings,
    group: &str,
    what: &'static str,
    of: impl Fn(&Server) -> Option<f64>,
) -> Row {
    let value = |server: &Server| of(server).filter(|_| server.subject == Subject::Madang);
    Row {
        group: group.to_owned(),
        what,
        values: findings.servers.iter().map(value).collect(),
        ratio: false,
    }
}

fn durable_rows(findings: &Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, posters) in DURABLE_POSTERS.into_iter().enumerate() {
        let group = if posters == 1 {
            "1 poster".to_owned()
        } else {
            format!("{posters} posters")
        };
        let runs = || findings.durables.iter().map(|run| run[number]);
        for (what, value) in [
            (
                "durable posts, /s",
                median(runs().map(|durable| durable.posts_per_second)),
            ),
            (
                "post to ack p50, ms",
                median(runs().map(|durable| durable.p50_ms)),
            ),
            (
                "post to ack p99, ms",
                median(runs().map(|durable| durable.p99_ms)),
            ),
        ] {
            rows.push(madang_row(findings, &group, what, |_| value));
        }
    }
    let fsync = |value: fn(&Fsync) -> f64| median(findings.fsyncs.iter().map(value));
    for (what, value) in [
        ("fdatasync of 4 KiB p50, ms", fsync(|fsync| fsync.p50_ms)),
        ("fdatasync of 4 KiB p99, ms", fsync(|fsync| fsync.p99_ms)),
    ] {
        rows.push(madang_row(findings, "the disk alone", what, |_| value));
    }
    rows
}

/// What a reader must know to judge the table, one sentence a line.
pub(crate) fn notes(findings: &Findings) -> Vec<String> {
    let mut notes = vec![
        "Madang has committed every message to disk before it sends it to anyone; the peers store nothing."
            .to_owned(),
        format!(
            "The peers pad their frames to {} bytes. Latency is from posting to delivery, over all connections.",
            findings.frame_bytes
        ),
        "Flushes are the kernel's count for the whole disk while the load ran; what else writes to it is in them."
            .to_owned(),
    ];
    for server in &findings.servers {
        for (outcomes, (rate, connections, _)) in server.outcomes.iter().zip(LOADS) {
            let name = format!("{} at {}", server.subject.name(), load_name(rate, connections));
            let withheld: u64 = outcomes.iter().map(|outcome| outcome.withheld).sum();
            if withheld > 0 {
                notes.push(format!(
                    "{name} could not keep up: {} posts were withheld while a quarter of a second of them was on its \
                     way; see the posts made.",
                    thousands(withheld)
                ));
            }
            let refused: u64 = outcomes.iter().map(|outcome| outcome.refused).sum();
            if refused > 0 {
                notes.push(format!(
                    "{name} refused {} posts, and said so.",
                    thousands(refused)
                ));
            }
            if outcomes.iter().any(|outcome| outcome.own_share > OWN_SHARE_MAX) {
                notes.push(format!(
                    "{name}: the generator itself was near its limit; its latencies mean little."
                ));
            }
        }
    }
    notes
}

/// Whether all deliveries came, and whether each bound of the budget holds.
pub(crate) fn verdicts(findings: &Findings) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = findings.servers.iter().map(complete).collect();
    let find = |subject| findings.servers.iter().find(|server| server.subject == subject);
    let Some(madang) = find(Subject::Madang) else {
        return verdicts;
    };
    if let Some(bun) = find(Subject::Bun) {
        for (number, (rate, connections, _)) in LOADS.into_iter().enumerate() {
            let cpu = |server: &Server| {
                median(
                    server.outcomes[number]
                        .iter()
                        .map(|outcome| outcome.cpu_micros_per_delivery),
                )
            };
            verdicts.push(cpu_verdict(&load_name(rate, connections), cpu(madang), cpu(bun)));
        }
    }
    let idle = median(madang.idle_kib.iter().copied()).unwrap_or(f64::NAN);
    verdicts.push(Verdict {
        holds: idle <= IDLE_KIB_MAX,
        sentence: format!(
            "an idle connection: {} KiB; bound {IDLE_KIB_MAX} KiB",
            figure(idle)
        ),
    });
    verdicts
}

fn cpu_verdict(load: &str, madang: Option<f64>, bun: Option<f64>) -> Verdict {
    let ratio = table::ratio(madang, bun);
    let shown = ratio.map_or("not measured".to_owned(), |ratio| format!("{ratio:.2}× Bun"));
    Verdict {
        holds: ratio.is_some_and(|ratio| ratio <= CPU_RATIO_MAX),
        sentence: format!("CPU per delivery at {load}: {shown}; bound {CPU_RATIO_MAX}×"),
    }
}

fn complete(server: &Server) -> Verdict {
    let name = server.subject.name();
    let mut faults = Vec::new();
    for (outcomes, (rate, connections, _)) in server.outcomes.iter().zip(LOADS) {
        let wrong = || {
            outcomes
                .iter()
                .filter(|outcome| outcome.delivered != outcome.expected)
        };
        let (load, runs) = (load_name(rate, connections), wrong().count());
        let delivered = thousands(wrong().map(|outcome| outcome.delivered).sum());
        let expected = thousands(wrong().map(|outcome| outcome.expected).sum());
        if runs > 0 {
            faults.push(format!(
                "at {load}, {delivered} deliveries came where {expected} were expected"
            ));
        }
    }
    let expected = server
        .outcomes
        .iter()
        .flatten()
        .map(|outcome| outcome.expected)
        .sum();
    let sentence = match faults.as_slice() {
        [] => format!("{name}: all {} deliveries came", thousands(expected)),
        faults => format!("{name}: {}", faults.join("; ")),
    };
    Verdict {
        holds: faults.is_empty() && expected > 0,
        sentence,
    }
}

fn load_name(rate: u32, connections: usize) -> String {
    format!(
        "{}/s → {}",
        thousands(u64::from(rate)),
        thousands(connections as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_twice_bun_and_twice_bun_still_holds() {
        assert!(cpu_verdict("x", Some(8.0), Some(4.0)).holds);
        assert!(!cpu_verdict("x", Some(8.1), Some(4.0)).holds);
        assert!(
            !cpu_verdict("x", None, Some(4.0)).holds,
            "what was not measured does not hold"
        );
        assert_eq!(
            cpu_verdict("x", Some(6.0), Some(4.0)).sentence,
            "CPU per delivery at x: 1.50× Bun; bound 2×"
        );
    }

    #[test]
    fn one_missing_delivery_is_said_even_if_another_run_had_one_too_many() {
        let outcome = |expected, delivered| Outcome {
            posts_per_second: 1.0,
            cpu_micros_per_delivery: 1.0,
            p50_ms: 1.0,
            p99_ms: 1.0,
            server_share: 0.1,
            own_share: 0.1,
            frame_bytes: 250.0,
            flushes_per_second: None,
            ms_per_flush: None,
            expected,
            delivered,
            withheld: 0,
            refused: 0,
        };
        let server = |outcomes| Server {
            subject: Subject::Bun,
            outcomes,
            idle_kib: Vec::new(),
        };
        assert!(complete(&server([vec![outcome(5, 5)], vec![], vec![]])).holds);
        assert!(!complete(&server([vec![outcome(5, 4)], vec![outcome(5, 6)], vec![]])).holds);
        assert!(
            !complete(&server([vec![], vec![], vec![]])).holds,
            "nothing measured"
        );
    }
}
