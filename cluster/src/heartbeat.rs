//! What nodes say of themselves once a second on core NATS, and what each makes of what the others say.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Subscriber};
use bytes::Bytes;
use chat::{Chat, LogHash, LogPoint};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use crate::core::comparison::{Claim, Comparison, Verdict};
use crate::core::formats::{Formats, shared};
use crate::ephemeral::EphemeralPump;
use crate::error::Error;
use crate::hex;
use crate::limits::{HEARTBEAT_BYTES_MAX, HEARTBEAT_MS, NODE_NAME_CHARS_MAX};
use crate::names::{FolderId, Names, NodeId};
use crate::nats::link::Link;
use crate::nats::log_stream::LogStream;
use crate::own_hashes::{self, Found, OwnHashes};
use crate::peers::{Peer, Peers};
use crate::rederivation::follows_from_the_log;
use crate::status::{Status, Stopped};

/// What a node says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heartbeat {
    node: NodeId,
    folder: FolderId,
    name: String,
    formats: Formats,
    position: u64,
    #[serde(with = "hex")]
    hash: LogHash,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum State {
    Joining,
    Ready,
    Stopped,
    /// Its last word.
    Leaving,
    /// Of a newer version than this one.
    #[serde(other)]
    Other,
}

/// Who says it, and where.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) client: Client,
    pub(crate) names: Names,
    pub(crate) node: NodeId,
    pub(crate) folder: FolderId,
    pub(crate) name: String,
}

impl Speaker {
    /// Says how this node is. What does not get through is said again a second later.
    async fn say(&self, point: LogPoint, state: State) {
        let heartbeat = Heartbeat {
            node: self.node,
            folder: self.folder,
            name: self.name.chars().take(NODE_NAME_CHARS_MAX).collect(),
            formats: Formats::OURS,
            position: point.position,
            hash: point.hash,
            state,
        };
        let Ok(payload) = serde_json::to_vec(&heartbeat) else {
            return;
        };
        let published = self
            .client
            .publish(self.names.heartbeat_subject(), Bytes::from(payload));
        // Where NATS is away the client keeps only so much, and waiting for it would end the comparing too.
        let _ = tokio::time::timeout(Duration::from_millis(HEARTBEAT_MS), published).await;
    }

    /// Says that this node leaves, so that it is gone at once.
    pub(crate) async fn say_goodbye(&self, point: LogPoint) {
        self.say(point, State::Leaving).await;
        let flushed = self.client.flush();
        let _ = tokio::time::timeout(Duration::from_millis(HEARTBEAT_MS), flushed).await;
    }
}

/// One node's speaking and listening.
pub(crate) struct Heartbeats {
    speaker: Speaker,
    chat: Arc<Chat>,
    log: LogStream,
    status: watch::Receiver<Status>,
    link: watch::Receiver<Link>,
    others: Subscriber,
    comparison: Comparison,
    own_hashes: OwnHashes,
    /// What those that are there said last: those that the comparison knows.
    known: HashMap<NodeId, Heartbeat>,
    peers: watch::Sender<Peers>,
    stopped: mpsc::Sender<Stopped>,
    /// Who is with the others.
    pump: EphemeralPump,
    began: Instant,
    format: watch::Sender<Option<u32>>,
    is_settled: watch::Sender<bool>,
    /// Of the log, where nobody knows which of two nodes is right.
    rereading: Option<Rereading>,
}

/// What the log is read again up to this position for. Dropped, it is not.
struct Rereading {
    position: u64,
    task: AbortOnDropHandle<Option<bool>>,
}

/// Where what was found out goes.
pub(crate) struct Findings {
    pub(crate) peers: watch::Sender<Peers>,
    /// That this node has other history than the others.
    pub(crate) stopped: mpsc::Sender<Stopped>,
    /// The newest format that this node and those it hears read.
    pub(crate) format: watch::Sender<Option<u32>>,
    /// Whether it is not open who is wrong: see [`Comparison::is_settled`].
    pub(crate) is_settled: watch::Sender<bool>,
}

impl Heartbeats {
    /// Begins to listen.
    ///
    /// # Errors
    /// When NATS does not let this node listen.
    pub(crate) async fn listen(
        speaker: Speaker,
        chat: Arc<Chat>,
        log: LogStream,
        status: watch::Receiver<Status>,
        link: watch::Receiver<Link>,
        findings: Findings,
    ) -> Result<Self, Error> {
        let subject = speaker.names.heartbeat_subject();
        let others = speaker.client.subscribe(subject).await;
        Ok(Self {
            others: others.map_err(|error| Error::nats("let this node hear the others", &error))?,
            comparison: Comparison::new(speaker.node),
            own_hashes: OwnHashes::default(),
            known: HashMap::new(),
            peers: findings.peers,
            stopped: findings.stopped,
            format: findings.format,
            is_settled: findings.is_settled,
            pump: EphemeralPump::start(
                speaker.client.clone(),
                &speaker.names,
                speaker.node,
                Arc::clone(&chat),
            ),
            began: Instant::now(),
            rereading: None,
            speaker,
            chat,
            log,
            status,
            link,
        })
    }

    /// Until it is dropped, or NATS' client ends.
    pub(crate) async fn run(mut self) {
        let mut ticks = interval(Duration::from_millis(HEARTBEAT_MS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut applied = self.chat.applied();
        let mut connections = 0;
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let before = std::mem::replace(&mut connections, self.link.borrow_and_update().connections);
                    if before != connections {
                        self.comparison.connected(self.now_ms());
                    }
                    let point = *applied.borrow_and_update();
                    let state = state(&self.status.borrow());
                    if state == State::Ready {
                        self.comparison.serve();
                    }
                    self.speaker.say(point, state).await;
                    self.judge();
                }
                heard = self.others.next() => match heard {
                    Some(message) => self.hear(&message.payload),
                    None => return,
                },
                found = self.own_hashes.found() => self.compare(&found),
                () = self.pump.ended() => return,
                (position, is_right) = reread(&mut self.rereading) => {
                    self.rereading = None;
                    let now_ms = self.now_ms();
                    self.comparison.settled(position, is_right, now_ms);
                }
            }
            let is_settled = self.comparison.is_settled();
            self.is_settled
                .send_if_modified(|known| std::mem::replace(known, is_settled) != is_settled);
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn hear(&mut self, payload: &[u8]) {
        if payload.len() > HEARTBEAT_BYTES_MAX {
            return;
        }
        let Ok(heartbeat) = serde_json::from_slice::<Heartbeat>(payload) else {
            tracing::debug!("something that is no heartbeat was said where nodes say theirs");
            return;
        };
        if heartbeat.node == self.speaker.node {
            return;
        }
        if heartbeat.state == State::Leaving {
            self.forget(heartbeat.node);
            self.comparison.left(heartbeat.node);
            return;
        }
        let claim = Claim {
            node: heartbeat.node,
            folder: heartbeat.folder,
            position: heartbeat.position,
            hash: heartbeat.hash,
            is_serving: heartbeat.state == State::Ready,
            is_stopped: heartbeat.state == State::Stopped,
        };
        self.pump.heard(heartbeat.node);
        // That it is there is known before the database answers.
        if let Some(forgotten) = self.comparison.is_there(&claim, self.now_ms()) {
            self.forget(forgotten);
        }
        let asked = self.comparison.asks(&claim);
        let reading = own_hashes::read(Arc::clone(&self.chat), claim, asked);
        self.own_hashes.ask(claim.node, reading);
        if self.known.insert(heartbeat.node, heartbeat.clone()).is_none() {
            tracing::info!(node = %heartbeat.node, name = heartbeat.name, "another node is there");
        }
    }

    fn compare(&mut self, found: &Found) {
        let Some(latest) = self.known.get(&found.claim.node) else {
            // It has left meanwhile.
            return;
        };
        let claim = Claim {
            is_serving: latest.state == State::Ready,
            is_stopped: latest.state == State::Stopped,
            ..found.claim
        };
        let applied = self.chat.applied().borrow().position;
        let own = |position| found.hashes.get(&position).copied().flatten();
        if let Some(forgotten) = self.comparison.heard(claim, applied, own, self.now_ms()) {
            self.forget(forgotten);
        }
    }

    /// What follows from what was heard.
    fn judge(&mut self) {
        let now_ms = self.now_ms();
        for node in self.comparison.forget(now_ms) {
            self.forget(node);
        }
        self.note_formats();
        match self.comparison.verdict(now_ms) {
            Verdict::Agrees => {}
            Verdict::Differs { position, .. } => {
                // Said once; whoever listens has stopped already, or is about to.
                let _ = self.stopped.try_send(Stopped::Differs { position });
            }
            Verdict::Tie {
                agreed,
                position,
                other,
            } => {
                tracing::error!(
                    %other,
                    position,
                    "another node has other history than this one and nobody else says which is right: the log is read again"
                );
                let (chat, log) = (Arc::clone(&self.chat), self.log.clone());
                // Beside the heartbeats: it takes longer than a node may be silent.
                let reading =
                    tokio::spawn(async move { follows_from_the_log(&chat, &log, agreed, position).await });
                self.rereading = Some(Rereading {
                    position,
                    task: AbortOnDropHandle::new(reading),
                });
            }
        }
        self.tell_peers(now_ms);
    }

    /// What not every node reads is let in no more; where they read nothing in common, that is said.
    fn note_formats(&self) {
        let format = agreed(self.known.values());
        let is_new = self
            .format
            .send_if_modified(|known| std::mem::replace(known, format) != format);
        if is_new && format.is_none() {
            tracing::error!(
                "there is a node whose version reads other formats of the log than this one: until one of them is gone, this node \
                 takes nothing; start all nodes with versions that follow one another"
            );
        }
    }

    fn forget(&mut self, node: NodeId) {
        if let Some(heartbeat) = self.known.remove(&node) {
            tracing::info!(%node, name = heartbeat.name, "a node is gone");
            self.pump.gone(node);
        }
    }

    fn tell_peers(&self, now_ms: u64) {
        let others = self.known.values().map(|heartbeat| Peer {
            node: heartbeat.node,
            name: heartbeat.name.clone(),
            formats: heartbeat.formats,
            is_ready: heartbeat.state == State::Ready,
        });
        let others: Vec<_> = others.collect();
        let confirmed = self.comparison.confirmed(now_ms);
        self.peers.send_replace(Peers { confirmed, others });
    }
}

/// The newest format that this node and the others read. One that has stopped reads nothing, whatever its version: it must not
/// keep the others from saying anything until somebody has looked after it.
fn agreed<'a>(others: impl Iterator<Item = &'a Heartbeat>) -> Option<u32> {
    let reading = others.filter(|heartbeat| heartbeat.state != State::Stopped);
    shared(Formats::OURS, reading.map(|heartbeat| heartbeat.formats))
}

/// What came of reading the log again, and up to where.
async fn reread(rereading: &mut Option<Rereading>) -> (u64, Option<bool>) {
    match rereading {
        Some(Rereading { position, task }) => (*position, task.await.ok().flatten()),
        None => std::future::pending().await,
    }
}

const fn state(status: &Status) -> State {
    match status {
        Status::Joining(_) => State::Joining,
        // Whoever is apart is not heard.
        Status::Ready | Status::Apart => State::Ready,
        Status::Stopped(_) => State::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heartbeat() -> Heartbeat {
        Heartbeat {
            node: NodeId::new(u64::MAX),
            folder: FolderId::new(u64::MAX),
            name: "나무".to_owned(),
            formats: Formats { min: 1, max: 2 },
            position: u64::MAX,
            hash: [7; 32],
            state: State::Ready,
        }
    }

    #[test]
    fn a_heartbeat_is_read_as_it_was_said_and_also_by_older_nodes() {
        let said = serde_json::to_string(&heartbeat()).unwrap();
        assert_eq!(serde_json::from_str::<Heartbeat>(&said).unwrap(), heartbeat());
        let later = said
            .replace("\"ready\"", "\"resting\"")
            .replace("{\"node\"", "{\"mood\":1,\"node\"");
        let read: Heartbeat = serde_json::from_str(&later).unwrap();
        assert_eq!(read.state, State::Other);
    }

    #[test]
    fn a_node_of_other_formats_bars_everything_until_it_has_stopped() {
        let mut other = heartbeat();
        other.formats = Formats {
            min: Formats::OURS.max + 1,
            max: Formats::OURS.max + 1,
        };
        for (state, expected) in [
            (State::Ready, None),
            (State::Joining, None),
            (State::Other, None),
            (State::Stopped, Some(Formats::OURS.max)),
        ] {
            other.state = state;
            assert_eq!(agreed([&other].into_iter()), expected, "{state:?}");
        }
    }

    #[test]
    fn no_heartbeat_is_larger_than_what_is_read_of_one() {
        let mut largest = heartbeat();
        largest.name = "\u{1}".repeat(NODE_NAME_CHARS_MAX);
        assert!(serde_json::to_vec(&largest).unwrap().len() <= HEARTBEAT_BYTES_MAX);
    }
}
