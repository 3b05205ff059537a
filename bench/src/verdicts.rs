//! The bounds, and whether they hold.

use crate::campaign::{CUTS, DURABLE_POSTERS, Findings, LOADS, MadangAlone, Server};
use crate::cluster::{self, Cluster, FEW_POSTERS, MANY_POSTERS};
use crate::histogram::median;
use crate::load::Outcome;
use crate::people::{CROWDS, LARGE_CROWD};
use crate::reconnect::CLIENTS;
use crate::report::load_name;
use crate::subject::Subject;
use crate::table::{self, figure, thousands};

/// Madang's processor time per delivery, as a multiple of Bun's, may be at most this at each load.
const CPU_RATIO_MAX: [f64; 3] = [1.0, 0.6, 1.0];
/// So may the delay that 99 % of deliveries do not exceed, at those loads that people make.
const P99_RATIO_MAX: f64 = 1.5;
/// The part of the posts that were asked for which Madang has to take: a load is a load only if it is borne.
const TAKEN_MIN: f64 = 0.95;
/// Loads that people make: the first ones.
const PEOPLES_LOADS: usize = 2;
/// What a delivery may cost among people who read, as a multiple of what it costs among those who only listen.
const READING_RATIO_MAX: f64 = 1.3;
/// Kilobytes of Madang's resident memory that a plain connection may take, idle.
const IDLE_KB_MAX: f64 = 4.5;
/// The same of a full one after traffic.
const AFTER_TRAFFIC_KB_MAX: f64 = 6.0;
/// Processor time of a plain handshake, and of a full one with a join, as multiples of Bun's.
const HANDSHAKE_RATIO_MAX: f64 = 2.0;
const FULL_HANDSHAKE_RATIO_MAX: f64 = 4.0;
/// How long all may take to come back, in seconds.
const COMEBACK_SECONDS_MAX: f64 = 10.0;
/// Durable posts a second there must be, by the number of posters.
const DURABLE_MIN: [Option<f64>; 3] = [None, Some(15_000.0), Some(20_000.0)];
/// Posts a second that three nodes have to take from many.
const NODES_POSTS_MIN: f64 = 10_000.0;
/// From a post to its acknowledgement of a few on three nodes, and from that until the other nodes have delivered it: the most
/// milliseconds that half of them may take.
const NODES_ACK_P50_MS_MAX: f64 = 15.0;
const ELSEWHERE_P50_MS_MAX: f64 = 10.0;
/// How long 99 % of a killed node's clients may take to have caught up on others, in seconds.
const MOVED_P99_SECONDS_MAX: f64 = 15.0;
/// How long nothing may be acknowledged after the leading NATS server was killed, in seconds.
const INTERRUPTION_SECONDS_MAX: f64 = 10.0;

/// A bound and whether it holds.
pub(crate) struct Verdict {
    pub(crate) holds: bool,
    pub(crate) sentence: String,
}

/// Whether all deliveries came, and whether each bound holds, of what was measured.
pub(crate) fn verdicts(findings: &Findings) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = findings
        .servers
        .iter()
        .filter(|server| server.outcomes.iter().any(|outcomes| !outcomes.is_empty()))
        .map(complete)
        .collect();
    let find = |subject| findings.servers.iter().find(|server| server.subject == subject);
    let Some(madang) = find(Subject::Madang) else {
        return verdicts;
    };
    if let Some(bun) = find(Subject::Bun) {
        verdicts.extend(beside_bun(madang, bun, &findings.madang));
    }
    verdicts.extend(alone(madang, &findings.madang));
    verdicts
}

fn beside_bun(madang: &Server, bun: &Server, alone: &MadangAlone) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let of = |server: &Server, number: usize, value: fn(&Outcome) -> f64| {
        median(server.outcomes[number].iter().map(value))
    };
    for (number, (rate, connections, _)) in LOADS.into_iter().enumerate() {
        let load = load_name(rate, connections);
        let cpu = |server| of(server, number, |outcome| outcome.cpu_micros_per_delivery);
        let what = format!("CPU per delivery at {load}");
        verdicts.extend(ratio(&what, cpu(madang), cpu(bun), "Bun", CPU_RATIO_MAX[number]));
        let taken = of(madang, number, |outcome| outcome.posts_per_second);
        verdicts.extend(taken.map(|taken| Verdict {
            holds: taken >= f64::from(rate) * TAKEN_MIN,
            sentence: format!("posts taken at {load}: {} a second", figure(taken)),
        }));
        if number < PEOPLES_LOADS {
            let p99 = |server| of(server, number, |outcome| outcome.p99_ms);
            let what = format!("p99 latency at {load}");
            verdicts.extend(ratio(&what, p99(madang), p99(bun), "Bun", P99_RATIO_MAX));
        }
    }
    let handshake = |server: &Server| median(server.handshake_micros.iter().copied());
    verdicts.extend(ratio(
        "CPU per handshake",
        handshake(madang),
        handshake(bun),
        "Bun",
        HANDSHAKE_RATIO_MAX,
    ));
    verdicts.extend(ratio(
        "CPU per full handshake with join",
        median(alone.full_handshake_micros.iter().copied()),
        handshake(bun),
        "Bun",
        FULL_HANDSHAKE_RATIO_MAX,
    ));
    verdicts
}

fn alone(madang: &Server, alone: &MadangAlone) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let cpu = |outcomes: &[Outcome]| median(outcomes.iter().map(|outcome| outcome.cpu_micros_per_delivery));
    let [listening, reading, ..] = &alone.crowds;
    verdicts.extend(ratio(
        &format!("CPU per delivery to {}", CROWDS[1].name),
        cpu(reading),
        cpu(listening),
        "that of those who listen",
        READING_RATIO_MAX,
    ));
    verdicts.extend(
        median(alone.large_crowd.iter().map(refusals)).map(|refused| Verdict {
            holds: refused == 0.0,
            sentence: format!("{}: {refused} refused; bound 0", LARGE_CROWD.name),
        }),
    );
    for (crowd, outcomes) in CROWDS.iter().zip(&alone.crowds) {
        verdicts.extend(all_came(crowd.name, outcomes));
    }
    verdicts.extend(all_came(LARGE_CROWD.name, &alone.large_crowd));
    for (what, kib, most) in [
        ("an idle connection", &madang.idle_kib, IDLE_KB_MAX),
        (
            "a full connection after traffic",
            &alone.after_traffic_kib,
            AFTER_TRAFFIC_KB_MAX,
        ),
    ] {
        verdicts.extend(median(kib.iter().copied()).map(|kib| {
            let kb = kib * 1.024;
            Verdict {
                holds: kb <= most,
                sentence: format!("{what}: {} kB; bound {most} kB", figure(kb)),
            }
        }));
    }
    for (number, (posters, least)) in DURABLE_POSTERS.into_iter().zip(DURABLE_MIN).enumerate() {
        let posts = median(alone.durables.iter().map(|run| run[number].posts_per_second));
        verdicts.extend(least.zip(posts).map(|(least, posts)| Verdict {
            holds: posts >= least,
            sentence: format!(
                "durable posts of {posters} posters: {} a second; bound {}",
                figure(posts),
                figure(least)
            ),
        }));
    }
    for (cut, comebacks) in CUTS.into_iter().zip(&alone.comebacks) {
        verdicts.extend(median(comebacks.iter().map(|comeback| comeback.seconds)).map(|seconds| {
            let refused: u64 = comebacks.iter().map(|comeback| comeback.refused).sum();
            let are_all_back = comebacks.iter().all(|comeback| comeback.caught_up == CLIENTS);
            Verdict {
                holds: are_all_back && refused == 0 && seconds <= COMEBACK_SECONDS_MAX,
                sentence: format!(
                    "{} back after {}: {} s, {refused} refused, {}; bound {COMEBACK_SECONDS_MAX} s, 0, all",
                    thousands(CLIENTS as u64),
                    cut.name(),
                    figure(seconds),
                    if are_all_back { "all caught up" } else { "not all" }
                ),
            }
        }));
    }
    verdicts.extend(of_cluster(&alone.clusters));
    verdicts
}

fn of_cluster(clusters: &[Cluster]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let of = |value: fn(&Cluster) -> f64| median(clusters.iter().map(value));
    verdicts.extend(of(|of| of.many.posts_per_second).map(|posts| Verdict {
        holds: posts >= NODES_POSTS_MIN,
        sentence: format!(
            "posts of {MANY_POSTERS} posters on three nodes: {} a second; bound {}",
            figure(posts),
            figure(NODES_POSTS_MIN)
        ),
    }));
    verdicts.extend(of(|of| of.few.ack_p50_ms).map(|ms| Verdict {
        holds: ms <= NODES_ACK_P50_MS_MAX,
        sentence: format!(
            "post to ack p50 of {FEW_POSTERS} posters on three nodes: {} ms; bound {NODES_ACK_P50_MS_MAX} ms",
            figure(ms)
        ),
    }));
    verdicts.extend(
        of(|of| of.few.elsewhere_p50_ms.unwrap_or(f64::NAN)).map(|ms| Verdict {
            holds: ms <= ELSEWHERE_P50_MS_MAX,
            sentence: format!(
                "from the author's ack to others on other nodes, p50: {} ms; bound {ELSEWHERE_P50_MS_MAX} ms",
                figure(ms)
            ),
        }),
    );
    verdicts.extend(of(|of| of.moved.p99).map(|seconds| {
        let are_all_there = clusters.iter().all(|of| of.moved.caught_up == cluster::CLIENTS);
        let out_of_turn: u64 = clusters.iter().map(|of| of.moved.out_of_turn).sum();
        Verdict {
            holds: are_all_there && out_of_turn == 0 && seconds <= MOVED_P99_SECONDS_MAX,
            sentence: format!(
                "{} on other nodes after theirs was killed, p99: {} s, {}, {out_of_turn} events out of turn; bound \
                 {MOVED_P99_SECONDS_MAX} s, all, 0",
                thousands(cluster::CLIENTS as u64),
                figure(seconds),
                if are_all_there {
                    "all caught up"
                } else {
                    "not all caught up"
                }
            ),
        }
    }));
    verdicts.extend(of(|of| of.interruption.first).map(|seconds| {
        let sum = |value: fn(&Cluster) -> u64| clusters.iter().map(value).sum::<u64>();
        let lost = sum(|of| of.interruption.audit.lost);
        let wrong = sum(|of| of.interruption.audit.doubled + of.interruption.audit.misplaced);
        Verdict {
            holds: lost == 0 && wrong == 0 && seconds <= INTERRUPTION_SECONDS_MAX,
            sentence: format!(
                "acknowledging again after the leading NATS server was killed: {} s; of {} acknowledged, {lost} lost and {wrong} \
                 doubled or misplaced on a node; bound {INTERRUPTION_SECONDS_MAX} s, 0, 0",
                figure(seconds),
                thousands(sum(|of| of.interruption.acknowledged))
            ),
        }
    }));
    verdicts
}

fn refusals(outcome: &Outcome) -> f64 {
    (outcome.refused + outcome.refused_besides) as f64
}

/// A verdict on how two figures compare; none when neither was measured.
fn ratio(what: &str, value: Option<f64>, base: Option<f64>, of: &str, most: f64) -> Option<Verdict> {
    value.or(base)?;
    let ratio = table::ratio(value, base);
    let shown = ratio.map_or("not measured".to_owned(), |ratio| format!("{ratio:.2}× {of}"));
    Some(Verdict {
        holds: ratio.is_some_and(|ratio| ratio <= most),
        sentence: format!("{what}: {shown}; bound {most}×"),
    })
}

fn all_came(name: &str, outcomes: &[Outcome]) -> Option<Verdict> {
    let wrong = outcomes
        .iter()
        .find(|outcome| outcome.delivered != outcome.expected);
    (!outcomes.is_empty()).then(|| Verdict {
        holds: wrong.is_none(),
        sentence: match wrong {
            None => format!("{name}: all deliveries came"),
            Some(wrong) => format!(
                "{name}: {} deliveries came where {} were expected",
                thousands(wrong.delivered),
                thousands(wrong.expected)
            ),
        },
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_still_holds_where_it_is_just_reached() {
        let verdict = |value, base| ratio("x", value, base, "Bun", 2.0);
        assert!(verdict(Some(8.0), Some(4.0)).unwrap().holds);
        assert!(!verdict(Some(8.1), Some(4.0)).unwrap().holds);
        assert!(
            !verdict(None, Some(4.0)).unwrap().holds,
            "what was measured of one alone does not hold"
        );
        assert!(verdict(None, None).is_none(), "what was not asked for");
        assert_eq!(
            verdict(Some(6.0), Some(4.0)).unwrap().sentence,
            "x: 1.50× Bun; bound 2×"
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
            refused_besides: 0,
        };
        let server = |outcomes| Server {
            subject: Subject::Bun,
            outcomes,
            idle_kib: Vec::new(),
            handshake_micros: Vec::new(),
        };
        assert!(complete(&server([vec![outcome(5, 5)], vec![], vec![]])).holds);
        assert!(!complete(&server([vec![outcome(5, 4)], vec![outcome(5, 6)], vec![]])).holds);
        assert!(
            !complete(&server([vec![], vec![], vec![]])).holds,
            "nothing measured"
        );
    }
}
