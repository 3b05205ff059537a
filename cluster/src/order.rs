//! The way into the cluster's log.

use std::sync::Arc;

use chat::order::{Order, Queue};
use chat::{Command, Refusal, Reply};
use tokio::sync::watch;

use crate::core::formats::is_usable;
use crate::nats::link::Link;

/// The order of a chat that follows a log: what is offered waits, authors taking turns, for the publisher to publish it. Its
/// reply comes with the log's delivery.
#[derive(Debug)]
pub struct LogOrder {
    queue: Arc<Queue>,
    link: watch::Receiver<Link>,
    /// The newest format that every node reads.
    format: watch::Receiver<Option<u32>>,
}

impl LogOrder {
    pub(crate) const fn new(
        queue: Arc<Queue>,
        link: watch::Receiver<Link>,
        format: watch::Receiver<Option<u32>>,
    ) -> Self {
        Self { queue, link, format }
    }

    /// Whether the log can be reached, and every node reads what would be said.
    fn takes(&self, command: &Command) -> bool {
        let is_read = self
            .format
            .borrow()
            .is_some_and(|format| is_usable(&command.action, format));
        is_read && !self.link.borrow().is_apart()
    }
}

impl Order for LogOrder {
    /// # Errors
    /// Those of [`Queue::push`], and [`Refusal::Unavailable`] while NATS is away, or a node is there that could not read it.
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        if !self.takes(&command) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::post;
    use crate::nats::link::LinkState;
    use std::sync::mpsc;

    #[test]
    fn what_not_every_node_reads_is_not_let_in_until_the_last_older_node_is_gone() {
        let format = watch::Sender::new(Some(1));
        let link = LinkState::new();
        link.set_connected(true, 1);
        let order = LogOrder::new(Arc::default(), link.watch(), format.subscribe());
        let offer = || {
            let (answer, answered) = mpsc::channel();
            let reply = Reply::new(move |outcome| {
                let _ = answer.send(outcome);
            });
            let offered = order.offer(post(1, "hello"), reply);
            (offered, answered.try_recv().ok())
        };
        assert_eq!(offer(), (Ok(()), None));
        format.send_replace(None);
        let refused = Err(Refusal::Unavailable);
        assert_eq!(offer(), (Err(Refusal::Unavailable), Some(refused)));
        format.send_replace(Some(1));
        assert_eq!(offer(), (Ok(()), None));
    }
}
