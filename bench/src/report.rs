//! From what was measured to what is said about it.

use crate::campaign::{CUTS, DURABLE_POSTERS, Findings, LOADS, Server};
use crate::cluster::{self, Cluster, FEW_POSTERS, MANY_POSTERS, Posting};
use crate::disk::Fsync;
use crate::handshakes::HANDSHAKES;
use crate::histogram::median;
use crate::load::Outcome;
use crate::memory::{CONNECTIONS, MESSAGES};
use crate::people::{CROWDS, LARGE_CROWD};
use crate::reconnect::{CLIENTS, Comeback};
use crate::subject::Subject;
use crate::table::{self, Row, thousands};

/// Above this share of its core the generator may be what is measured.
const OWN_SHARE_MAX: f64 = 0.95;

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
    rows.extend(people_rows(findings));
    rows.extend(connection_rows(findings));
    rows.extend(durable_rows(findings));
    rows.extend(comeback_rows(findings));
    rows.extend(cluster_rows(findings));
    table::render(&names, &rows)
}

/// Of crowds that are alike but for what they do.
fn people_rows(findings: &Findings) -> Vec<Row> {
    let alone = &findings.madang;
    let crowds = CROWDS.iter().zip(&alone.crowds);
    let large = [(&LARGE_CROWD, &alone.large_crowd)];
    let mut rows = Vec::new();
    for (crowd, outcomes) in crowds.chain(large) {
        for (what, _, value) in LINES {
            rows.push(madang_row(findings, crowd.name, what, |_| {
                median(outcomes.iter().map(value))
            }));
        }
        rows.push(madang_row(findings, crowd.name, "refused", |_| {
            median(
                outcomes
                    .iter()
                    .map(|outcome| (outcome.refused + outcome.refused_besides) as f64),
            )
        }));
    }
    rows
}

/// What a connection costs: to be let in, and to be there.
fn connection_rows(findings: &Findings) -> Vec<Row> {
    let row = |group: String, what, of: fn(&Server) -> Option<f64>| Row {
        group,
        what,
        values: findings.servers.iter().map(of).collect(),
        ratio: true,
    };
    let idle = format!("idle, {}", thousands(CONNECTIONS as u64));
    let handshakes = format!("{} handshakes", thousands(HANDSHAKES as u64));
    let after_traffic = format!("full, after {MESSAGES} messages");
    let alone = &findings.madang;
    vec![
        row(idle, "resident KiB per connection", |server| {
            median(server.idle_kib.iter().copied())
        }),
        madang_row(findings, &after_traffic, "resident KiB per connection", |_| {
            median(alone.after_traffic_kib.iter().copied())
        }),
        row(handshakes, "server CPU each, µs", |server| {
            median(server.handshake_micros.iter().copied())
        }),
        madang_row(findings, "full, with join", "server CPU each, µs", |_| {
            median(alone.full_handshake_micros.iter().copied())
        }),
    ]
}

/// Of those who come back all at once.
fn comeback_rows(findings: &Findings) -> Vec<Row> {
    type Line = (&'static str, fn(&Comeback) -> f64);
    let lines: [Line; 4] = [
        ("until all have all, s", |comeback| comeback.seconds),
        ("server CPU each, µs", |comeback| comeback.cpu_micros),
        ("refused", |comeback| comeback.refused as f64),
        ("caught up", |comeback| comeback.caught_up as f64),
    ];
    let mut rows = Vec::new();
    for (cut, comebacks) in CUTS.into_iter().zip(&findings.madang.comebacks) {
        let group = format!("{} back, {}", thousands(CLIENTS as u64), cut.name());
        for (what, value) in lines {
            rows.push(madang_row(findings, &group, what, |_| {
                median(comebacks.iter().map(value))
            }));
        }
    }
    rows
}

/// Of three nodes on three NATS servers, and of the single server beside them.
fn cluster_rows(findings: &Findings) -> Vec<Row> {
    type Line<T> = (&'static str, fn(&T) -> Option<f64>);
    type Crowd = (String, fn(&Cluster) -> Posting);
    const POSTING: [Line<Posting>; 8] = [
        ("durable posts, /s", |of| Some(of.posts_per_second)),
        ("post to ack p50, ms", |of| Some(of.ack_p50_ms)),
        ("post to ack p99, ms", |of| Some(of.ack_p99_ms)),
        ("ack to others elsewhere p50, ms", |of| of.elsewhere_p50_ms),
        ("ack to others elsewhere p99, ms", |of| of.elsewhere_p99_ms),
        ("nodes, % of a core", |of| Some(of.cores.nodes * 100.0)),
        ("NATS, % of a core", |of| Some(of.cores.nats * 100.0)),
        ("load, % of a core", |of| Some(of.cores.load * 100.0)),
    ];
    const MOVED: [Line<Cluster>; 4] = [
        ("until one has all p50, s", |of| Some(of.moved.p50)),
        ("until one has all p99, s", |of| Some(of.moved.p99)),
        ("refused, and tried again", |of| Some(of.moved.refused as f64)),
        ("caught up", |of| Some(of.moved.caught_up as f64)),
    ];
    const INTERRUPTION: [Line<Cluster>; 4] = [
        ("until a post is acknowledged, s", |of| {
            Some(of.interruption.first)
        }),
        ("until each poster has one, s", |of| {
            Some(of.interruption.everybody)
        }),
        ("refused, and posted again", |of| {
            Some(of.interruption.refused as f64)
        }),
        ("acknowledged", |of| Some(of.interruption.acknowledged as f64)),
    ];
    let clusters = &findings.madang.clusters;
    let mut rows = Vec::new();
    let mut add = |group: &str, what, values: Vec<f64>| {
        rows.push(madang_row(findings, group, what, |_| {
            median(values.iter().copied())
        }));
    };
    let postings: [Crowd; 3] = [
        (format!("3 nodes, {MANY_POSTERS} posters"), |of| of.many),
        (format!("3 nodes, {FEW_POSTERS} posters"), |of| of.few),
        (format!("1 server, {FEW_POSTERS} posters"), |of| of.single),
    ];
    for (group, posting) in &postings {
        for (what, value) in POSTING {
            let values = clusters.iter().filter_map(|of| value(&posting(of)));
            add(group, what, values.collect());
        }
    }
    let moved = format!("{} move, a node was killed", thousands(cluster::CLIENTS as u64));
    for (group, lines) in [
        (moved.as_str(), MOVED),
        ("the leading NATS server killed", INTERRUPTION),
    ] {
        for (what, value) in lines {
            add(group, what, clusters.iter().filter_map(value).collect());
        }
    }
    rows
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
        let runs = || findings.madang.durables.iter().map(|run| run[number]);
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
        format!("Medians of all runs, but for {}: one run, the first.", LARGE_CROWD.name),
    ];
    if !findings.madang.clusters.is_empty() {
        notes.push(
            "Three nodes, three NATS servers, whose stores are always synced, and the load share the two cores, and one disk takes every \
             post six times. Of the single server beside them, the load shares both cores, too."
                .to_owned(),
        );
    }
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

/// What a load is called.
pub(crate) fn load_name(rate: u32, connections: usize) -> String {
    format!(
        "{}/s → {}",
        thousands(u64::from(rate)),
        thousands(connections as u64)
    )
}
