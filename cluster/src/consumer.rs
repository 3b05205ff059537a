//! A consumer of the log that is given up at the first doubt.
//!
//! The client's own ordered consumer makes itself anew when something is missing, and may take long to find that out. This one
//! does nothing by itself: it says when NATS was silent for too long, and whoever follows the log makes another one.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::{BatchConfig, Config};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_nats::{HeaderMap, Message, StatusCode, Subject, Subscriber, jetstream};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::error::Error;
use crate::limits::{
    CONSUMER_HEARTBEAT_MS, CONSUMER_KEPT_MS, CONSUMER_SILENT_MS, LOG_REQUEST_MS, PULL_BYTES, PULL_EXPIRES_MS,
    PULL_MESSAGES,
};
use crate::nats::connection::Connection;
use crate::nats::log_stream::LogStream;

/// Delivers the log from a position on. Kept by one server, in memory; when it is dropped it is deleted there.
pub(crate) struct Consumer {
    log: LogStream,
    consumer: PullConsumer,
    subscriber: Subscriber,
    inbox: Subject,
    /// What was asked for and has not come.
    asked: Asked,
    heard: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    messages: usize,
    bytes: usize,
}

/// A message of the log as it was delivered.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) position: u64,
    pub(crate) payload: Bytes,
}

impl Consumer {
    /// From this position on. `name` is none that any other has.
    ///
    /// # Errors
    /// When JetStream does not make one within [`LOG_REQUEST_MS`].
    pub(crate) async fn create(
        connection: &Connection,
        log: &LogStream,
        name: String,
        from: u64,
    ) -> Result<Self, Error> {
        let client = connection.client();
        let inbox = Subject::from(client.new_inbox());
        // Before anything can come.
        let subscriber = client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| failed(&error))?;
        let creating = log.stream().create_consumer(Config {
            name: Some(name),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_millis(CONSUMER_KEPT_MS),
            num_replicas: 1,
            memory_storage: true,
            ..Default::default()
        });
        let consumer = tokio::time::timeout(Duration::from_millis(LOG_REQUEST_MS), creating)
            .await
            .map_err(|_| failed(&"it did not answer in time"))?
            .map_err(|error| failed(&error))?;
        let mut consumer = Self {
            log: log.clone(),
            consumer,
            subscriber,
            inbox,
            asked: Asked::default(),
            heard: Instant::now(),
        };
        consumer.ask().await?;
        Ok(consumer)
    }

    /// The next message that comes. Cancel-safe.
    ///
    /// # Errors
    /// When there is any doubt that there will be another one: this consumer is then over.
    pub(crate) async fn next(&mut self) -> Result<Delivery, Error> {
        loop {
            self.ask().await?;
            let deadline = self.heard + Duration::from_millis(CONSUMER_SILENT_MS);
            let message = tokio::time::timeout_at(deadline, self.subscriber.next())
                .await
                .map_err(|_| failed(&"it has been silent for too long"))?
                .ok_or_else(|| failed(&"the connection has ended"))?;
            self.heard = Instant::now();
            match message.status {
                None => return self.delivered(message),
                Some(StatusCode::IDLE_HEARTBEAT) => {}
                Some(StatusCode::TIMEOUT | StatusCode::REQUEST_TERMINATED) => self.ended(&message)?,
                Some(status) => return Err(failed(&status)),
            }
        }
    }

    /// Nothing was taken from it for a while: that it was not heard of is not its fault.
    pub(crate) fn rested(&mut self) {
        self.heard = Instant::now();
    }

    /// Asks for more where half of what was asked for has come.
    async fn ask(&mut self) -> Result<(), Error> {
        if self.asked.messages > PULL_MESSAGES / 2 && self.asked.bytes > PULL_BYTES / 2 {
            return Ok(());
        }
        let batch = BatchConfig {
            batch: PULL_MESSAGES,
            max_bytes: PULL_BYTES,
            expires: Some(Duration::from_millis(PULL_EXPIRES_MS)),
            idle_heartbeat: Duration::from_millis(CONSUMER_HEARTBEAT_MS),
            ..Default::default()
        };
        self.consumer
            .request_batch(batch, self.inbox.clone())
            .await
            .map_err(|error| failed(&error))?;
        self.asked.messages += PULL_MESSAGES;
        self.asked.bytes += PULL_BYTES;
        Ok(())
    }

    fn delivered(&mut self, message: Message) -> Result<Delivery, Error> {
        self.asked.messages = self.asked.messages.saturating_sub(1);
        self.asked.bytes = self.asked.bytes.saturating_sub(message.length);
        let message = jetstream::Message {
            message,
            context: self.log.context(),
        };
        let position = message.info().map_err(|error| failed(&error))?.stream_sequence;
        Ok(Delivery {
            position,
            payload: message.message.payload,
        })
    }

    /// A question has ended before all that it asked for had come: it does so after a while, or when the next message is too
    /// large for it. Anything else that ends it is the end of the consumer.
    fn ended(&mut self, message: &Message) -> Result<(), Error> {
        let left = |name: &str| number(message.headers.as_ref(), name);
        let (Some(messages), Some(bytes)) = (left("Nats-Pending-Messages"), left("Nats-Pending-Bytes"))
        else {
            return Err(failed(&message.description.as_deref().unwrap_or("it has ended")));
        };
        self.asked.messages = self.asked.messages.saturating_sub(messages);
        self.asked.bytes = self.asked.bytes.saturating_sub(bytes);
        Ok(())
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // Outside of a runtime, it is deleted when nobody has asked it for a while.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let log = self.log.clone();
        let name = self.consumer.cached_info().name.clone();
        // Whether it was there still makes no difference.
        runtime.spawn(async move { drop(log.stream().delete_consumer(&name).await) });
    }
}

fn failed(reason: &impl ToString) -> Error {
    Error::Nats {
        what: "deliver the log",
        reason: reason.to_string(),
    }
}

fn number(headers: Option<&HeaderMap>, name: &str) -> Option<usize> {
    headers?.get(name)?.as_str().parse().ok()
}
