//! Publishing what this node was asked, until the log has it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::{Message, StatusCode, Subject, Subscriber};
use chat::order::{Queue, Waiting};
use chat::{LogPoint, Reply};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::sync::{Notify, watch};

use crate::NodeId;
use crate::core::envelope::Envelope;
use crate::core::packer::{Overdue, Packer, Publication, Taken};
use crate::limits::{
    NATS_WRITE_MS, PUBLISH_AT_ONCE_COMMANDS, PUBLISH_LINGER_MS, PUBLISH_WAIT_MS, REPLY_WAIT_MS,
    SERVICE_MISSED_MS,
};
use crate::names::Names;
use crate::nats::connection::Connection;
use crate::nats::link::{Link, Service};

const REPLY_WAIT: Duration = Duration::from_millis(REPLY_WAIT_MS);

/// What is on its way into the log: the publisher sends it, and the receiver takes the replies when it comes back.
#[derive(Debug)]
pub(crate) struct Outgoing {
    node: NodeId,
    queue: Arc<Queue>,
    packer: Mutex<Packer<Reply>>,
    /// A message came out of the log, so that there may be room for another.
    has_room: Notify,
    began: Instant,
}

impl Outgoing {
    pub(crate) fn new(node: NodeId, queue: Arc<Queue>) -> Self {
        Self {
            node,
            queue,
            packer: Mutex::new(Packer::new(node)),
            has_room: Notify::new(),
            began: Instant::now(),
        }
    }

    /// The log has been received up to this point, where it had this message. Returns the replies to its commands, if they are
    /// waited for here.
    pub(crate) fn delivered(&self, point: LogPoint, envelope: Option<&Envelope>) -> Vec<Option<Reply>> {
        let now = self.now_ms();
        let replies = self.packer().delivered(point.position, envelope, now);
        self.has_room.notify_one();
        replies
    }

    /// Nothing more is let in.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// The log is not followed any more: nothing more is let in or published, and what is waited for is answered as unknown.
    pub(crate) fn give_up(&self) {
        self.queue.close();
        let waiting = self.queue.take(usize::MAX, usize::MAX, |_| false);
        let packer = std::mem::replace(&mut *self.packer(), Packer::new(self.node));
        // Answered without the lock: what an answer does is not known here.
        drop((waiting, packer));
        self.has_room.notify_one();
    }

    /// The replies that were waited for too long.
    fn overdue(&self, packer: &mut Packer<Reply>, now_ms: u64) -> Vec<Reply> {
        let Overdue { mut replies, authors } = packer.overdue(now_ms);
        // What was let go has not been published, nor has this. While nothing is delivered, nothing more is taken.
        let behind = self.queue.take_of(&authors);
        let overdue = Instant::now().checked_sub(REPLY_WAIT);
        let overdue = overdue.map(|before| self.queue.take_overdue(before));
        let waiting = behind.into_iter().chain(overdue.into_iter().flatten());
        replies.extend(waiting.map(|waiting| waiting.reply));
        replies
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn ms_of(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began).as_millis();
        // Rounded up: at that time it is so.
        u64::try_from(since).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn at(&self, ms: u64) -> tokio::time::Instant {
        (self.began + Duration::from_millis(ms)).into()
    }

    /// A panic cannot leave it half-changed in a way that matters: replies answer when they are dropped.
    fn packer(&self) -> MutexGuard<'_, Packer<Reply>> {
        self.packer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that publishes. Ends when the queue is closed and all that was in it has come out of the log.
pub(crate) struct Publisher {
    outgoing: Arc<Outgoing>,
    connection: Connection,
    link: watch::Receiver<Link>,
    /// The newest that every node reads, and in which this one writes; `None`: nothing is written.
    format: watch::Receiver<Option<u32>>,
    /// Of the connection that was published over last.
    connections: Option<u64>,
    subject: Subject,
    /// Where acknowledgements come, each to the number and the attempt that it is for.
    inbox: String,
    /// Since when nothing that was published has been acknowledged.
    failing_since_ms: Option<u64>,
    /// When something was last taken to be published.
    taken_ms: u64,
    /// When what waits is taken, where it is left waiting for now.
    lingers_until_ms: Option<u64>,
}

impl Publisher {
    pub(crate) fn new(
        outgoing: Arc<Outgoing>,
        connection: Connection,
        names: &Names,
        format: watch::Receiver<Option<u32>>,
    ) -> Self {
        Self {
            outgoing,
            format,
            link: connection.link(),
            connections: None,
            subject: names.log_subject().into(),
            inbox: connection.client().new_inbox(),
            connection,
            failing_since_ms: None,
            taken_ms: 0,
            lingers_until_ms: None,
        }
    }

    pub(crate) async fn run(mut self) {
        let client = self.connection.client().clone();
        // It fails only where the client has ended.
        let Ok(mut acks) = client.subscribe(format!("{}.*.*", self.inbox)).await else {
            return;
        };
        loop {
            for publication in self.turn() {
                self.publish(publication).await;
            }
            let next = {
                let packer = self.outgoing.packer();
                if self.outgoing.queue.is_closed() && packer.is_idle() && self.outgoing.queue.waiting() == 0 {
                    return;
                }
                let first = self.outgoing.queue.oldest();
                let overdue = first.map(|since| self.outgoing.ms_of(since + REPLY_WAIT));
                let next = packer.next_ms().into_iter();
                next.chain(overdue).chain(self.lingers_until_ms).min()
            };
            if !self.wait(&mut acks, next).await {
                return;
            }
        }
    }

    /// Takes what there is room for, and returns what is to be published now.
    fn turn(&mut self) -> Vec<Publication> {
        let link = *self.link.borrow_and_update();
        let outgoing = Arc::clone(&self.outgoing);
        let now = outgoing.now_ms();
        let connections = link.is_connected().then_some(link.connections);
        let is_another = connections != self.connections;
        let mut packer = outgoing.packer();
        if is_another {
            self.connections = connections;
            match connections {
                Some(_) => packer.connected(now),
                None => packer.disconnected(),
            }
        }
        let mut unanswered = outgoing.overdue(&mut packer, now);
        if link.is_apart() {
            // It has not been published and will not be soon; whoever asked repeats it.
            let waiting = outgoing.queue.take(usize::MAX, usize::MAX, |_| false);
            unanswered.extend(waiting.into_iter().map(|waiting| waiting.reply));
        }
        // A message costs every server a write to its disk: while one is on its way, a little more is waited for.
        let waiting = outgoing.queue.waiting();
        let lingers = !packer.is_idle() && waiting < PUBLISH_AT_ONCE_COMMANDS;
        let may_take_ms = if lingers {
            self.taken_ms + PUBLISH_LINGER_MS
        } else {
            now
        };
        let format = *self.format.borrow_and_update();
        if let Some(format) = format {
            packer.write_in(format);
        }
        if may_take_ms <= now && format.is_some() {
            unanswered.extend(packer.take(now, |room| {
                self.taken_ms = now;
                let waiting = outgoing
                    .queue
                    .take(room.commands, room.bytes, |strand| room.is_held(&strand));
                let taken = |waiting: Waiting| Taken {
                    since_ms: outgoing.ms_of(waiting.since),
                    command: waiting.command,
                    reply: waiting.reply,
                };
                waiting.into_iter().map(taken).collect()
            }));
        }
        self.lingers_until_ms = (may_take_ms > now && waiting > 0).then_some(may_take_ms);
        let due = packer.due(now);
        let is_idle = packer.is_idle();
        drop(packer);
        // Answered without the lock: what an answer does is not known here.
        drop(unanswered);
        if is_idle {
            self.note_success();
        } else if !is_another && due.iter().any(|publication| publication.was_unanswered) {
            // What failed has been noted when it did.
            self.note_failure(now.saturating_sub(PUBLISH_WAIT_MS));
        }
        due
    }

    async fn publish(&mut self, publication: Publication) {
        let Publication {
            number,
            attempt,
            payload,
            ..
        } = publication;
        let reply = format!("{}.{number}.{attempt}", self.inbox);
        let client = self.connection.client();
        let publishing = client.publish_with_reply(self.subject.clone(), reply, payload);
        let limit = Duration::from_millis(NATS_WRITE_MS);
        let published = tokio::time::timeout(limit, publishing).await;
        if !published.is_ok_and(|published| published.is_ok()) {
            let now = self.outgoing.now_ms();
            self.outgoing.packer().failed(number, attempt, now);
            self.note_failure(now);
        }
    }

    /// Waits for anything to do. `false`: the client has ended.
    async fn wait(&mut self, acks: &mut Subscriber, next_ms: Option<u64>) -> bool {
        let outgoing = Arc::clone(&self.outgoing);
        let deadline = next_ms.map(|ms| outgoing.at(ms));
        let sleep = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ack = acks.next() => match ack {
                Some(ack) => self.acknowledged(&ack),
                None => return false,
            },
            changed = self.link.changed() => return changed.is_ok(),
            changed = self.format.changed() => return changed.is_ok(),
            () = outgoing.queue.has_come() => {}
            () = outgoing.has_room.notified() => {}
            () = sleep => {}
        }
        true
    }

    fn acknowledged(&mut self, message: &Message) {
        let mut tokens = message.subject.rsplit('.');
        let attempt = tokens.next().and_then(|attempt| attempt.parse().ok());
        let number = tokens.next().and_then(|number| number.parse().ok());
        let (Some(attempt), Some(number)) = (attempt, number) else {
            return;
        };
        let now = self.outgoing.now_ms();
        let no_one = message.status == Some(StatusCode::NO_RESPONDERS);
        let answer = if no_one {
            None
        } else {
            serde_json::from_slice::<Answer>(&message.payload).ok()
        };
        let refused = match answer {
            Some(Answer {
                seq: Some(position),
                error: None,
            }) => {
                self.outgoing.packer().acked(number, position, now);
                self.note_success();
                return;
            }
            Some(Answer {
                error: Some(error), ..
            }) if error.err_code == TOO_LARGE => {
                tracing::error!("NATS takes no message of this size: {}", error.description);
                self.outgoing.packer().refused(number)
            }
            Some(Answer {
                error: Some(error), ..
            }) => {
                tracing::warn!("NATS did not take a message: {}", error.description);
                Vec::new()
            }
            // While nobody leads the stream there is nobody who would answer.
            _ => Vec::new(),
        };
        drop(refused);
        self.outgoing.packer().failed(number, attempt, now);
        self.note_failure(now);
    }

    fn note_success(&mut self) {
        self.failing_since_ms = None;
        self.connection.set_served(Service::Publish, true);
    }

    /// After a while nothing more is let in; what was is published on, and tells when it goes again.
    fn note_failure(&mut self, since_ms: u64) {
        let since = *self.failing_since_ms.get_or_insert(since_ms);
        if self.outgoing.now_ms() >= since + SERVICE_MISSED_MS {
            self.connection.set_served(Service::Publish, false);
            self.connection.doubt();
        }
    }
}

/// What a stream answers to a publication.
#[derive(Deserialize)]
struct Answer {
    seq: Option<u64>,
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// The server's number for a message that is larger than the stream takes.
const TOO_LARGE: u64 = 10054;
