//! Following the log, and handing it on to be applied.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::{LogCommand, LogHash, LogMessage, LogOrigin, LogPoint};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::consumer::{Consumer, Delivery};
use crate::core::envelope::Envelope;
use crate::core::follower::{Delivered, Follower, Inspection, Next};
use crate::error::Error;
use crate::limits::{CONSUMER_LATE_MS, LOG_GET_MS, LOG_LOOK_MS, LOG_REQUEST_MS, SERVICE_MISSED_MS, STALE_MS};
use crate::log::Received;
use crate::nats::connection::Connection;
use crate::nats::link::{Link, Service};
use crate::nats::log_stream::LogStream;
use crate::publisher::Outgoing;
use crate::{NodeId, Stopped};

/// How far a node has received the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last message that was received: it is applied, or will be next.
    pub received: LogPoint,
    /// The last position the log was seen to have; `None` until it was looked at.
    pub end: Option<u64>,
    /// Whether it was seen that the log goes on from where this node stands.
    pub is_followed: bool,
    /// Why nothing more will be received.
    pub stopped: Option<Stopped>,
}

/// What a receiver stands between.
pub(crate) struct Ends {
    pub(crate) node: NodeId,
    pub(crate) connection: Connection,
    pub(crate) log: LogStream,
    pub(crate) outgoing: Arc<Outgoing>,
    pub(crate) received: Received,
    pub(crate) progress: watch::Sender<Progress>,
    /// For what others find out about this node.
    pub(crate) halt: watch::Receiver<Option<Stopped>>,
}

/// The task that follows.
pub(crate) struct Receiver {
    ends: Ends,
    follower: Follower,
    link: watch::Receiver<Link>,
    /// Of the connection that is followed over.
    connections: Option<u64>,
    consumer: Option<Consumer>,
    consumers_made: u64,
    began: Instant,
    /// Since when nothing could be followed: neither has anything been delivered, nor was this node seen to have everything.
    failing_since_ms: Option<u64>,
    /// Asking how far the log is, time and again.
    looking: JoinSet<Result<u64, Error>>,
    stale: Stale,
}

/// Whether the log goes on without this node.
#[derive(Debug, Default)]
struct Stale {
    /// How far this node was when it was last looked.
    received: u64,
    since_ms: Option<u64>,
}

impl Stale {
    /// Notes how far this node and the log are; whether it has stood still behind it for [`STALE_MS`].
    fn note(&mut self, received: u64, end: u64, now_ms: u64) -> bool {
        let moved = std::mem::replace(&mut self.received, received) != received;
        if moved || received >= end {
            self.since_ms = None;
            return false;
        }
        let since = *self.since_ms.get_or_insert(now_ms);
        let is_stale = now_ms >= since + STALE_MS;
        if is_stale {
            self.since_ms = None;
        }
        is_stale
    }
}

impl Receiver {
    /// From this point on, with the hash before its last message if that is known.
    pub(crate) fn new(ends: Ends, point: LogPoint, before: Option<LogHash>) -> Self {
        Self {
            link: ends.connection.link(),
            ends,
            follower: Follower::new(point, before),
            connections: None,
            consumer: None,
            consumers_made: 0,
            began: Instant::now(),
            failing_since_ms: None,
            looking: JoinSet::new(),
            stale: Stale::default(),
        }
    }

    /// Until `end`, or until nobody applies any more. A stopped one ends nothing for those who apply: they keep what they have.
    pub(crate) async fn run(mut self, end: CancellationToken) {
        tokio::select! {
            () = end.cancelled() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&mut self) {
        loop {
            self.note_link();
            match self.follower.next(self.now_ms()) {
                Next::Inspect => self.inspect().await,
                Next::Consume { from } => self.consume(from).await,
                Next::Wait { until_ms } => {
                    if !self.wait(until_ms).await {
                        return;
                    }
                }
                Next::Stopped(stopped) => {
                    self.consumer = None;
                    self.ends.outgoing.give_up();
                    tracing::error!("{stopped}");
                    self.ends
                        .progress
                        .send_modify(|progress| progress.stopped = Some(stopped));
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    fn note_link(&mut self) {
        let link = *self.link.borrow_and_update();
        let connections = link.is_connected().then_some(link.connections);
        if connections == self.connections {
            return;
        }
        self.connections = connections;
        self.consumer = None;
        match connections {
            Some(_) => self.follower.connected(self.now_ms()),
            None => self.follower.disconnected(),
        }
    }

    async fn inspect(&mut self) {
        let limit = Duration::from_millis(LOG_REQUEST_MS);
        let looking = tokio::time::timeout(limit, look(&self.ends.log, self.follower.position()));
        let looked = tokio::select! {
            looked = looking => looked,
            () = is_another(&mut self.link, self.connections) => return,
        };
        let now = self.now_ms();
        match looked.unwrap_or_else(|_| Err(silent())) {
            Ok(seen) => {
                self.ends
                    .progress
                    .send_modify(|progress| progress.end = progress.end.max(Some(seen.last)));
                let here = seen.here.as_deref();
                let inspection = Inspection {
                    first: seen.first,
                    last: seen.last,
                    here,
                    has_next: seen.has_next,
                };
                self.follower.inspected(inspection, now);
            }
            Err(error) => self.failed(&error),
        }
    }

    async fn consume(&mut self, from: u64) {
        self.consumers_made += 1;
        let name = format!("{}-{}", self.ends.node, self.consumers_made);
        let (connection, log) = (self.ends.connection.clone(), self.ends.log.clone());
        let mut creating = Box::pin(Consumer::create(&connection, &log, name, from));
        let mut pause = CONSUMER_LATE_MS;
        // Until those who make consumers have chosen who leads them, the log's own leader is asked for one message after the other.
        let created = loop {
            let position = self.follower.position() + 1;
            let got = tokio::select! {
                created = &mut creating => break created,
                got = get_later(&log, position, pause) => got,
                () = is_another(&mut self.link, self.connections) => return,
                stopped = halted(&mut self.ends.halt) => {
                    self.follower.stop(stopped);
                    return;
                }
            };
            pause = match got {
                Ok(Some(payload)) => {
                    let goes_on = self.take(Delivery { position, payload }).await;
                    if !goes_on || self.follower.position() != position {
                        return;
                    }
                    0
                }
                Ok(None) => {
                    self.confirmed();
                    LOG_GET_MS
                }
                Err(_) => LOG_GET_MS,
            };
        };
        match created {
            Ok(consumer) => {
                self.consumer = Some(consumer);
                self.ends
                    .progress
                    .send_modify(|progress| progress.is_followed = true);
                // It was looked at a moment ago. Where there is more, that has to come.
                let end = self.ends.progress.borrow().end;
                if end <= Some(self.follower.position()) {
                    self.confirmed();
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Waits for a message, or for anything else that there may be to do. `false`: nobody applies any more.
    async fn wait(&mut self, until_ms: Option<u64>) -> bool {
        if self.looking.is_empty() {
            let log = self.ends.log.clone();
            self.looking.spawn(async move { look_later(&log).await });
        }
        let until = until_ms.map(|ms| tokio::time::Instant::from(self.began + Duration::from_millis(ms)));
        tokio::select! {
            delivery = next(self.consumer.as_mut()) => match delivery {
                Ok(delivery) => return self.take(delivery).await,
                Err(error) => self.failed(&error),
            },
            Some(end) = self.looking.join_next() => self.looked(end.unwrap_or_else(|_| Err(silent()))),
            () = is_another(&mut self.link, self.connections) => {}
            () = sleep_until(until) => {}
            stopped = halted(&mut self.ends.halt) => self.follower.stop(stopped),
        }
        true
    }

    /// It was asked how far the log is, while it is followed.
    fn looked(&mut self, end: Result<u64, Error>) {
        if self.consumer.is_none() {
            // It is being looked at anyway.
            return;
        }
        match end {
            Ok(end) => {
                self.ends
                    .progress
                    .send_modify(|progress| progress.end = progress.end.max(Some(end)));
                let received = self.follower.position();
                let now = self.now_ms();
                if self.stale.note(received, end, now) {
                    self.failing_since_ms.get_or_insert(now.saturating_sub(STALE_MS));
                    self.failed(&Error::Nats {
                        what: "deliver the log",
                        reason: format!("it has messages up to {end}, and after {received} none came"),
                    });
                } else if received >= end {
                    self.confirmed();
                }
            }
            Err(error) => {
                tracing::info!("{error}; asking again");
                self.missed();
            }
        }
    }

    async fn take(&mut self, delivery: Delivery) -> bool {
        let Delivery { position, payload } = delivery;
        let bytes = payload.len();
        let now = self.now_ms();
        match self.follower.delivered(position, &payload, now) {
            Delivered::Apply { point, envelope } => {
                if envelope.is_none() {
                    tracing::warn!(
                        position,
                        "a message in the log is none of a node's; it says nothing"
                    );
                }
                let replies = self.ends.outgoing.delivered(point, envelope.as_ref());
                let origin = envelope.as_ref().map(|envelope| LogOrigin {
                    node: envelope.node.number(),
                    number: envelope.number,
                });
                let message = LogMessage {
                    point,
                    origin,
                    commands: commands(envelope, replies),
                };
                self.ends.received.push(message, bytes);
                self.confirmed();
                self.ends.progress.send_modify(|progress| {
                    progress.received = point;
                    progress.end = progress.end.max(Some(point.position));
                });
                self.make_room().await
            }
            Delivered::Gap { expected } => {
                tracing::info!(
                    expected,
                    position,
                    "something is missing before what came of the log; asking again"
                );
                self.consumer = None;
                self.missed();
                true
            }
            Delivered::Skip | Delivered::Stop(_) => true,
        }
    }

    /// Takes nothing more until there is room for another message.
    async fn make_room(&mut self) -> bool {
        let room = self.ends.received.has_room();
        tokio::pin!(room);
        if let std::task::Poll::Ready(is_there) = futures_util::poll!(&mut room) {
            return is_there;
        }
        let is_there = tokio::select! {
            is_there = room => is_there,
            stopped = halted(&mut self.ends.halt) => {
                self.follower.stop(stopped);
                return true;
            }
        };
        if let Some(consumer) = &mut self.consumer {
            consumer.rested();
        }
        self.stale = Stale::default();
        is_there
    }

    fn failed(&mut self, error: &Error) {
        tracing::info!("{error}; asking again");
        self.consumer = None;
        self.follower.failed(self.now_ms());
        self.missed();
    }

    /// This node has what the log has, or is on its way there.
    fn confirmed(&mut self) {
        self.failing_since_ms = None;
        self.ends.connection.set_served(Service::Receive, true);
    }

    fn missed(&mut self) {
        let now = self.now_ms();
        let since = *self.failing_since_ms.get_or_insert(now);
        if now >= since + SERVICE_MISSED_MS {
            self.ends.connection.set_served(Service::Receive, false);
        }
        self.ends.connection.doubt();
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A message of the log, asked for after a while; `None` where there is none yet.
async fn get_later(log: &LogStream, position: u64, pause_ms: u64) -> Result<Option<bytes::Bytes>, Error> {
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    let getting = tokio::time::timeout(Duration::from_millis(LOG_REQUEST_MS), log.message(position));
    getting.await.unwrap_or_else(|_| Err(silent()))
}

/// The log's last position, asked for after a while.
async fn look_later(log: &LogStream) -> Result<u64, Error> {
    tokio::time::sleep(Duration::from_millis(LOG_LOOK_MS)).await;
    let looking = tokio::time::timeout(Duration::from_millis(LOG_REQUEST_MS), log.extent());
    let extent = looking.await.unwrap_or_else(|_| Err(silent()))?;
    Ok(extent.last)
}

fn silent() -> Error {
    Error::Nats {
        what: "say what the log has",
        reason: "it did not answer in time".to_owned(),
    }
}

/// What the stream is seen to be.
struct Seen {
    first: u64,
    last: u64,
    here: Option<bytes::Bytes>,
    has_next: bool,
}

async fn look(log: &LogStream, position: u64) -> Result<Seen, Error> {
    let extent = log.extent().await?;
    let has = |position: u64| (extent.first..=extent.last).contains(&position);
    let here = if has(position) {
        log.message(position).await?
    } else {
        None
    };
    let has_next = has(position + 1) && log.message(position + 1).await?.is_some();
    Ok(Seen {
        first: extent.first,
        last: extent.last,
        here,
        has_next,
    })
}

async fn next(consumer: Option<&mut Consumer>) -> Result<Delivery, Error> {
    match consumer {
        Some(consumer) => consumer.next().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(until: Option<tokio::time::Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

async fn halted(halt: &mut watch::Receiver<Option<Stopped>>) -> Stopped {
    loop {
        if let Some(stopped) = *halt.borrow_and_update() {
            return stopped;
        }
        if halt.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits until NATS is away, or there again, or was away meanwhile.
async fn is_another(link: &mut watch::Receiver<Link>, connections: Option<u64>) {
    let is_another = |link: &Link| link.is_connected().then_some(link.connections) != connections;
    if link.wait_for(is_another).await.is_err() {
        std::future::pending().await
    }
}

/// With the replies that belong to them, if there are any.
fn commands(envelope: Option<Envelope>, replies: Vec<Option<chat::Reply>>) -> Vec<LogCommand> {
    let commands = envelope.map(|envelope| envelope.commands).unwrap_or_default();
    let mut replies = replies.into_iter();
    let command = |command: chat::Command| LogCommand {
        digest: command.action.digest(),
        command,
        reply: replies.next().flatten(),
    };
    commands.into_iter().map(command).collect()
}
