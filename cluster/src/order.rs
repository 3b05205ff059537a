//! The way into the cluster's log.

use std::sync::Arc;

use chat::order::{Order, Queue};
use chat::{Command, Refusal, Reply};
use tokio::sync::watch;

use crate::nats::link::Link;

/// The order of a chat that follows a log: what is offered waits, authors taking turns, for the publisher to publish it. Its
/// reply comes with the log's delivery.
#[derive(Debug)]
pub struct LogOrder {
    queue: Arc<Queue>,
    link: watch::Receiver<Link>,
}

impl LogOrder {
    pub(crate) const fn new(queue: Arc<Queue>, link: watch::Receiver<Link>) -> Self {
        Self { queue, link }
    }
}

impl Order for LogOrder {
    /// # Errors
    /// Those of [`Queue::push`], and [`Refusal::Unavailable`] while NATS is away.
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        if self.link.borrow().is_apart() {
            reply.send(Err(Refusal::Unavailable));
            return Err(Refusal::Unavailable);
        }
        self.queue.push(command, reply)
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.queue.crowd()
    }

    fn close(&self) {
        self.queue.close();
    }
}
