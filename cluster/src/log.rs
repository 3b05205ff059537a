//! The way out of the cluster's log: from the receiver, which waits for NATS, to the thread that applies, which must not.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chat::{Log, LogMessage, LogNext};
use tokio::sync::Notify;

use crate::limits::{RECEIVED_BYTES_MAX, RECEIVED_MESSAGES_MAX};

/// Both ends of it. What was received waits here: [`RECEIVED_MESSAGES_MAX`] messages or [`RECEIVED_BYTES_MAX`] bytes, then the
/// receiver waits.
pub(crate) fn channel() -> (Received, ReceivedLog) {
    let shared = Arc::new(Shared::default());
    (Received(Arc::clone(&shared)), ReceivedLog(shared))
}

#[derive(Debug, Default)]
struct Shared {
    inside: Mutex<Inside>,
    has_come: Condvar,
    has_gone: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    /// With the bytes of its payload.
    messages: VecDeque<(LogMessage, usize)>,
    bytes: usize,
    /// The receiver is gone: what is here is all there is.
    is_ended: bool,
    /// What is here and what comes is not to be applied any more.
    is_discarded: bool,
    /// Whoever applies is gone: nothing is taken any more.
    is_closed: bool,
}

impl Shared {
    /// A panic cannot leave it half-changed in a way that matters: what was received and not applied is received again by the
    /// next run.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The receiver's end. Dropped, it is the end of the log.
#[derive(Debug)]
pub(crate) struct Received(Arc<Shared>);

impl Received {
    /// Waits until there is room for a message. `false`: nobody will take one any more. Cancel-safe.
    pub(crate) async fn has_room(&self) -> bool {
        loop {
            {
                let inside = self.0.lock();
                if inside.is_closed {
                    return false;
                }
                if inside.messages.len() < RECEIVED_MESSAGES_MAX && inside.bytes < RECEIVED_BYTES_MAX {
                    return true;
                }
            }
            self.0.has_gone.notified().await;
        }
    }

    /// Hands a message on, of a payload of so many bytes. For one that has waited for room.
    pub(crate) fn push(&self, message: LogMessage, bytes: usize) {
        let mut inside = self.0.lock();
        if inside.is_discarded {
            return;
        }
        inside.bytes += bytes;
        inside.messages.push_back((message, bytes));
        drop(inside);
        self.0.has_come.notify_one();
    }
}

/// Ends what is applied, beside the receiver.
#[derive(Debug)]
pub(crate) struct Discarding(Arc<Shared>);

impl Discarding {
    /// Nothing more is applied but what was taken to be already; replies are answered as unknown.
    pub(crate) fn discard(&self) {
        let mut inside = self.0.lock();
        inside.is_discarded = true;
        inside.bytes = 0;
        let left = std::mem::take(&mut inside.messages);
        drop(inside);
        // Answered without the lock: what an answer does is not known here.
        drop(left);
        self.0.has_gone.notify_one();
    }
}

impl Received {
    pub(crate) fn discarding(&self) -> Discarding {
        Discarding(Arc::clone(&self.0))
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        self.0.lock().is_ended = true;
        self.0.has_come.notify_one();
    }
}

/// The log of a chat that follows it.
#[derive(Debug)]
pub struct ReceivedLog(Arc<Shared>);

impl Log for ReceivedLog {
    fn next(&mut self, deadline: Instant) -> LogNext {
        let mut inside = self.0.lock();
        loop {
            if let Some((message, bytes)) = inside.messages.pop_front() {
                inside.bytes -= bytes;
                drop(inside);
                self.0.has_gone.notify_one();
                return LogNext::Message(message);
            }
            if inside.is_ended {
                return LogNext::End;
            }
            let wait = deadline.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return LogNext::Nothing;
            }
            let waited = self.0.has_come.wait_timeout(inside, wait);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for ReceivedLog {
    fn drop(&mut self) {
        let mut inside = self.0.lock();
        inside.is_closed = true;
        let left = std::mem::take(&mut inside.messages);
        drop(inside);
        // Replies that are dropped answer that nothing is known.
        drop(left);
        self.0.has_gone.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::LogPoint;
    use std::time::Duration;

    fn message(position: u64) -> LogMessage {
        LogMessage {
            point: LogPoint {
                position,
                hash: [0; 32],
            },
            origin: None,
            commands: Vec::new(),
        }
    }

    fn next(log: &mut ReceivedLog) -> Option<u64> {
        match log.next(Instant::now() + Duration::from_secs(10)) {
            LogNext::Message(message) => Some(message.point.position),
            LogNext::Nothing => panic!("nothing came"),
            LogNext::End => None,
        }
    }

    #[tokio::test]
    async fn what_was_received_comes_in_order_and_then_the_end() {
        let (received, mut log) = channel();
        let thread = std::thread::spawn(move || std::iter::from_fn(|| next(&mut log)).collect::<Vec<_>>());
        for position in 1..=1_000 {
            assert!(received.has_room().await);
            received.push(message(position), 1);
        }
        drop(received);
        assert_eq!(thread.join().unwrap(), (1..=1_000).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_receiver_waits_while_there_are_too_many_messages_or_too_many_bytes() {
        for (messages, bytes) in [(RECEIVED_MESSAGES_MAX, 0), (1, RECEIVED_BYTES_MAX)] {
            let (received, mut log) = channel();
            for position in 0..messages as u64 {
                assert!(received.has_room().await);
                received.push(message(position), bytes);
            }
            let mut waiting = Box::pin(received.has_room());
            assert!(futures_util::poll!(&mut waiting).is_pending());
            assert_eq!(next(&mut log), Some(0));
            assert!(waiting.await);
        }
    }

    #[tokio::test]
    async fn what_is_discarded_is_not_applied_and_nor_is_what_comes_after_it() {
        let (received, mut log) = channel();
        for position in 0..RECEIVED_MESSAGES_MAX as u64 {
            received.push(message(position), 1);
        }
        let mut waiting = Box::pin(received.has_room());
        assert!(futures_util::poll!(&mut waiting).is_pending());
        received.discarding().discard();
        assert!(waiting.await, "whoever waits for room goes on");
        received.push(message(1_000), 1);
        assert!(matches!(log.next(Instant::now()), LogNext::Nothing));
        drop(received);
        assert_eq!(next(&mut log), None);
    }

    #[tokio::test]
    async fn the_receiver_hears_that_nobody_applies_any_more() {
        let (received, log) = channel();
        drop(log);
        assert!(!received.has_room().await);
    }

    #[test]
    fn a_wait_ends_at_its_deadline() {
        let (_received, mut log) = channel();
        assert!(matches!(log.next(Instant::now()), LogNext::Nothing));
    }
}
