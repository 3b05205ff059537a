//! Following the log, and handing it on to be applied.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::{LogCommand, LogHash, LogMessage, LogOrigin, LogPoint};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::consumer::{Consumer, Delivery};
use crate::core::envelope::Envelope;
use crate::core::follower::{Delivered, Follower, Inspection, Next};
use crate::error::Error;
use crate::limits::{LOG_REQUEST_MS, SERVICE_MISSED_MS};
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
    /// Since when nothing could be followed.
    failing_since_ms: Option<u64>,
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
        match looked.unwrap_or_else(|_| {
            Err(Error::Nats {
                what: "say what the log has",
                reason: "it did not answer in time".to_owned(),
            })
        }) {
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
        let creating = Consumer::create(&self.ends.connection, &self.ends.log, name, from);
        let created = tokio::select! {
            created = creating => created,
            () = is_another(&mut self.link, self.connections) => return,
        };
        match created {
            Ok(consumer) => {
                self.consumer = Some(consumer);
                self.failing_since_ms = None;
                self.ends.connection.set_served(Service::Receive, true);
                self.ends
                    .progress
                    .send_modify(|progress| progress.is_followed = true);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Waits for a message, or for anything else that there may be to do. `false`: nobody applies any more.
    async fn wait(&mut self, until_ms: Option<u64>) -> bool {
        let until = until_ms.map(|ms| tokio::time::Instant::from(self.began + Duration::from_millis(ms)));
        tokio::select! {
            delivery = next(self.consumer.as_mut()) => match delivery {
                Ok(delivery) => return self.take(delivery).await,
                Err(error) => self.failed(&error),
            },
            () = is_another(&mut self.link, self.connections) => {}
            () = sleep_until(until) => {}
            stopped = halted(&mut self.ends.halt) => self.follower.stop(stopped),
        }
        true
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
        let is_there = room.await;
        if let Some(consumer) = &mut self.consumer {
            consumer.rested();
        }
        is_there
    }

    fn failed(&mut self, error: &Error) {
        let now = self.now_ms();
        tracing::info!("{error}; asking again");
        self.consumer = None;
        self.follower.failed(now);
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
fn commands(envelope: Option<Envelope>, replies: Vec<chat::Reply>) -> Vec<LogCommand> {
    let commands = envelope.map(|envelope| envelope.commands).unwrap_or_default();
    let mut replies = replies.into_iter();
    let command = |command: chat::Command| LogCommand {
        digest: command.action.digest(),
        command,
        reply: replies.next(),
    };
    commands.into_iter().map(command).collect()
}
