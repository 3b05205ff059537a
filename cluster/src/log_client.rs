//! What a chat follows the cluster's log by.

use std::sync::Arc;
use std::time::Duration;

use chat::order::Queue;
use chat::{LogHash, LogPoint};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::core::envelope::NEWEST_FORMAT;
use crate::limits::LOG_CLOSING_MS;
use crate::log::{self, Discarding, Received, ReceivedLog};
use crate::names::Names;
use crate::nats::connection::Connection;
use crate::nats::log_stream::LogStream;
use crate::order::LogOrder;
use crate::publisher::{Outgoing, Publisher};
use crate::receiver::{Ends, Progress, Receiver};
use crate::{NodeId, Stopped};

/// The ends of the log that a chat is opened with, before anything comes out of them.
///
/// ```text
/// Chat::open_log ─▶ LogClient::new ─▶ (LogOrder, ReceivedLog)
///       └────────────────────────────▶ LogClient::start
/// ```
pub struct LogClient {
    node: NodeId,
    connection: Connection,
    names: Names,
    log: LogStream,
    queue: Arc<Queue>,
    received: Received,
    point: LogPoint,
    format: watch::Sender<Option<u32>>,
}

impl LogClient {
    /// For a chat that has applied the log up to `point`.
    #[must_use]
    pub fn new(
        node: NodeId,
        connection: &Connection,
        names: &Names,
        log: &LogStream,
        point: LogPoint,
    ) -> (Self, LogOrder, ReceivedLog) {
        let queue = Arc::new(Queue::default());
        let format = watch::Sender::new(Some(NEWEST_FORMAT));
        let order = LogOrder::new(Arc::clone(&queue), connection.link(), format.subscribe());
        let (received, log_end) = log::channel();
        let client = Self {
            node,
            connection: connection.clone(),
            names: names.clone(),
            log: log.clone(),
            queue,
            received,
            point,
            format,
        };
        (client, order, log_end)
    }

    /// Begins to publish and to follow. `before` is the hash before the last message that was applied, if it was kept: it
    /// is what that message is known by.
    #[must_use]
    pub fn start(self, before: Option<LogHash>) -> Following {
        let Self {
            node,
            connection,
            names,
            log,
            queue,
            received,
            point,
            format,
        } = self;
        let progress = watch::Sender::new(Progress {
            received: point,
            end: None,
            is_followed: false,
            stopped: None,
        });
        let halt = watch::Sender::new(None);
        let end = CancellationToken::new();
        let outgoing = Arc::new(Outgoing::new(node, Arc::clone(&queue)));
        let mut publishing = JoinSet::new();
        let publisher = Publisher::new(
            Arc::clone(&outgoing),
            connection.clone(),
            &names,
            format.subscribe(),
        );
        publishing.spawn(publisher.run());
        let watched = progress.subscribe();
        let (discarding, given_up) = (received.discarding(), Arc::clone(&outgoing));
        let ends = Ends {
            node,
            connection,
            log,
            outgoing,
            received,
            progress,
            halt: halt.subscribe(),
        };
        let mut receiving = JoinSet::new();
        receiving.spawn(Receiver::new(ends, point, before).run(end.clone()));
        Following {
            outgoing: given_up,
            format,
            discarding,
            progress: watched,
            halt,
            end,
            publishing,
            receiving,
        }
    }
}

/// A log that is followed. Dropped, nothing more is published or received.
#[derive(Debug)]
pub struct Following {
    outgoing: Arc<Outgoing>,
    format: watch::Sender<Option<u32>>,
    discarding: Discarding,
    progress: watch::Receiver<Progress>,
    halt: watch::Sender<Option<Stopped>>,
    end: CancellationToken,
    publishing: JoinSet<()>,
    receiving: JoinSet<()>,
}

impl Following {
    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// To be told the newest format that every node reads, `None` where there is none: nothing else is let in.
    #[must_use]
    pub fn format(&self) -> watch::Sender<Option<u32>> {
        self.format.clone()
    }

    /// Nothing more is received, for this reason, and nothing more is let in, published or applied: what this node is asked is
    /// answered as unknown.
    pub fn halt(&self, stopped: Stopped) {
        self.halt.send_replace(Some(stopped));
        self.outgoing.give_up();
        self.discarding.discard();
    }

    /// Waits until what publishes or receives has ended though nobody told it to. Cancel-safe.
    pub(crate) async fn broken(&mut self) {
        tokio::select! {
            Some(_) = self.publishing.join_next() => {}
            Some(_) = self.receiving.join_next() => {}
            else => {}
        }
        if self.outgoing.is_closed() {
            std::future::pending().await
        }
    }

    /// Lets nothing more in, waits some while for what was let in to come out of the log, and ends the log: the chat then
    /// applies what was received, and closes.
    pub async fn stop(mut self) {
        self.outgoing.close();
        let limit = Duration::from_millis(LOG_CLOSING_MS);
        // What is left is answered as unknown.
        let _ = tokio::time::timeout(limit, self.publishing.join_next()).await;
        self.publishing.shutdown().await;
        self.outgoing.give_up();
        self.end.cancel();
        self.receiving.join_next().await;
    }
}
