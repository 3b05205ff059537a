//! Figures that belong to delivery, without faults: what a delivered message weighs on each transport, and how soon the
//! first one is there when the network is back.
//!
//! One reader for each transport, running the app's own machine, each behind a proxy of its own that counts bytes and
//! can be taken out; one poster who speaks with the server itself.

#![allow(clippy::print_stdout, reason = "a measurement says how it goes")]

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use client::model::{Transport, Transports};
use client::testing::Random;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::browser::{self, Habits, Phase, Progress, Reached};
use crate::checker::Room;
use crate::proxy::{FaultPlan, Outage, Proxy};
use crate::server::{self, Server};
use crate::wire::Network;

/// The transports, in the order of the table.
const KINDS: [(Transport, &str); 4] = [
    (Transport::WebSocket, "WebSocket"),
    (Transport::Stream, "event stream"),
    (Transport::LongPoll, "long polling"),
    (Transport::Poll, "polling"),
];
/// How a message of the measurement looks: 40 characters, 96 bytes.
const TEXT: &str = "안녕하세요, 오늘 저녁 일곱 시에 그 앞에서 만나요. 늦으면 연락할게요.";
/// Messages and the pause between two of them, for the weight at two rates.
const RATES: [(u32, Duration); 2] = [
    (20, Duration::from_millis(1_000)),
    (200, Duration::from_millis(50)),
];
/// Outages of each kind that are measured.
const OUTAGES: usize = 10;
/// How long an outage lasts.
const OUTAGE: Duration = Duration::from_secs(3);
/// How long a message may take to arrive at all.
const ARRIVAL_MAX: Duration = Duration::from_secs(90);
/// How exactly an arrival is seen.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What was measured, by transport in the order of the table.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The length of the text that was sent, in bytes.
    text_bytes: usize,
    /// For each rate, bytes per delivered message, both ways, headers included.
    bytes: Vec<[f64; KINDS.len()]>,
    /// For each kind of outage, the time from the network's return to the first message shown: half of the outages took
    /// less.
    back: Vec<(&'static str, [Duration; KINDS.len()])>,
}

/// A reader behind its proxy.
struct Reader {
    proxy: Proxy,
    progress: Arc<Progress>,
    phase: watch::Sender<Phase>,
}

/// Measures.
///
/// # Errors
/// When something does not start, or a message does not arrive within 90 s.
pub async fn measure(binary: PathBuf, folder: PathBuf) -> anyhow::Result<Figures> {
    let mut random = Random::for_purpose(0, 0);
    let flags = vec!["--post-rate".to_owned(), "0".to_owned()];
    let mut server = Server::start(
        server::Setup {
            binary,
            folder,
            flags,
            log: server::LOG,
        },
        &mut random,
    )
    .await?;
    let (events, _events) = mpsc::channel(1);
    let poster = Network::new(server.address(), events);
    poster
        .fetch(client::wire::endpoints::ME, None)
        .await
        .context("the server makes no identity")?;

    let mut people = JoinSet::new();
    let mut readers = Vec::new();
    for (kind, name) in KINDS {
        let reader = Reader::start(&server, kind, name, &mut people).await?;
        readers.push(reader);
    }
    let mut post = Poster {
        network: poster,
        seq: 0,
    };
    post.say().await?;
    arrivals(&readers, post.seq).await?;

    let mut bytes = Vec::new();
    for (count, pause) in RATES {
        println!("{count} messages, one every {} ms …", pause.as_millis());
        let before: Vec<u64> = readers.iter().map(|reader| reader.proxy.bytes()).collect();
        for _ in 0..count {
            post.say().await?;
            tokio::time::sleep(pause).await;
        }
        arrivals(&readers, post.seq).await?;
        let weight = |index: usize| (readers[index].proxy.bytes() - before[index]) as f64 / f64::from(count);
        bytes.push(std::array::from_fn(weight));
    }
    let mut back = Vec::new();
    for (outage, tells, name) in OUTAGE_KINDS {
        println!("{OUTAGES} outages: {name} …");
        back.push((name, medians(&readers, &mut post, outage, tells).await?));
    }
    for reader in &readers {
        reader.phase.send_replace(Phase::Ended);
    }
    people.join_all().await;
    server.stop().await?;
    Ok(Figures {
        text_bytes: TEXT.len(),
        bytes,
        back,
    })
}

/// The kinds of outage, whether the browser says that it is on a network again, and their names.
const OUTAGE_KINDS: [(Outage, bool, &str); 3] = [
    (Outage::Reset, true, "reset, `online` said"),
    (Outage::Reset, false, "reset, nothing said"),
    (Outage::Silence, true, "silent, `online` said"),
];

impl Reader {
    async fn start(
        server: &Server,
        kind: Transport,
        name: &str,
        people: &mut JoinSet<crate::checker::Client>,
    ) -> anyhow::Result<Self> {
        let proxy = Proxy::start_with(server.address(), |_| FaultPlan::clean()).await?;
        let room = Room::from("lobby");
        let setup = browser::Setup {
            name: name.to_owned(),
            address: proxy.address(),
            rooms: vec![Room::clone(&room)],
            transports: Transports::only(kind),
            hops: false,
            habits: Habits {
                pause: Duration::from_secs(3_600),
            },
        };
        let progress = Arc::new(Progress {
            reached: vec![Reached::nothing_of(room)],
            ..Progress::default()
        });
        let (phase, phases) = watch::channel(Phase::Settling);
        let random = Random::for_purpose(0, u64::from(kind.number()));
        people.spawn(browser::run(setup, random, phases, Arc::clone(&progress)));
        Ok(Self {
            proxy,
            progress,
            phase,
        })
    }

    fn has(&self, seq: u64) -> bool {
        self.progress.reached[0].complete.load(Ordering::Relaxed) >= seq
    }
}

/// Somebody who posts, past every proxy.
struct Poster {
    network: Network,
    seq: u64,
}

impl Poster {
    async fn say(&mut self) -> anyhow::Result<()> {
        let body = serde_json::json!({ "message": TEXT }).to_string();
        let answer = self
            .network
            .fetch("/api/v1/rooms/lobby/messages", Some(body))
            .await
            .context("a post was not taken")?;
        let ack: serde_json::Value = serde_json::from_str(&answer)?;
        self.seq = ack["seq"].as_u64().context("an ack without a seq")?;
        Ok(())
    }
}

/// Waits until every reader shows everything up to `seq`; how long each took.
async fn arrivals(readers: &[Reader], seq: u64) -> anyhow::Result<[Duration; KINDS.len()]> {
    let began = Instant::now();
    let mut took = [None; KINDS.len()];
    while took.iter().any(Option::is_none) {
        anyhow::ensure!(
            began.elapsed() < ARRIVAL_MAX,
            "message {seq} did not arrive everywhere: {took:?}"
        );
        for (reader, took) in readers.iter().zip(&mut took) {
            if took.is_none() && reader.has(seq) {
                *took = Some(began.elapsed());
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(took.map(Option::unwrap_or_default))
}

async fn medians(
    readers: &[Reader],
    post: &mut Poster,
    outage: Outage,
    tells: bool,
) -> anyhow::Result<[Duration; KINDS.len()]> {
    let mut taken: [Vec<Duration>; KINDS.len()] = Default::default();
    for _ in 0..OUTAGES {
        for reader in readers {
            reader.proxy.begin_outage(outage);
        }
        post.say().await?;
        tokio::time::sleep(OUTAGE).await;
        for reader in readers {
            reader.proxy.end_outage();
            if tells {
                reader.phase.send_replace(Phase::Online);
            }
        }
        let took = arrivals(readers, post.seq).await?;
        for (taken, took) in taken.iter_mut().zip(took) {
            taken.push(took);
        }
    }
    Ok(taken.map(|mut taken| {
        taken.sort();
        taken[taken.len() / 2]
    }))
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        write!(f, "{:<44}", "")?;
        for (_, name) in KINDS {
            write!(f, "{name:>14}")?;
        }
        for ((count, pause), bytes) in RATES.iter().zip(&self.bytes) {
            let rate = 1_000 / pause.as_millis();
            write!(
                f,
                "\n{:<44}",
                format!(
                    "bytes a message of {}, {rate}/s, {count} of them",
                    self.text_bytes
                )
            )?;
            for bytes in bytes {
                write!(f, "{bytes:>14.0}")?;
            }
        }
        for (name, back) in &self.back {
            write!(
                f,
                "\n{:<44}",
                format!("back after {} s, ms: {name}", OUTAGE.as_secs())
            )?;
            for back in back {
                write!(f, "{:>14}", back.as_millis())?;
            }
        }
        Ok(())
    }
}
