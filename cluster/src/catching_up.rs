//! Applying what there is of the log before anybody is served.

use std::sync::Arc;
use std::time::Duration;

use chat::{Chat, Health};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::error::Error;
use crate::limits::{CAUGHT_UP_MESSAGES, COMPARED_BEFORE_READY_MS, JOINING_LOOK_MS, WAITING_AGAIN_MS};
use crate::log_client::Following;
use crate::nats::link::Link;
use crate::nats::log_stream::LogStream;
use crate::nats::patience::Waiting;
use crate::status::Stopped;

/// A node that is not ready.
pub(crate) struct CatchingUp<'a> {
    pub(crate) chat: &'a Arc<Chat>,
    pub(crate) log: &'a LogStream,
    pub(crate) following: &'a Following,
    /// Says that this node has other history than the others.
    pub(crate) differs: mpsc::Receiver<Stopped>,
    pub(crate) comparing: Comparing,
    pub(crate) progress: &'a (dyn Fn(String) + Send + Sync),
}

/// What it takes for a node to have been compared.
#[derive(Clone, Debug)]
pub(crate) struct Comparing {
    pub(crate) link: watch::Receiver<Link>,
    /// Whether it is not open who is wrong.
    pub(crate) is_settled: watch::Receiver<bool>,
}

impl Comparing {
    /// Waits until the others could say for so long, on one connection, that this node differs, and it was not
    /// open meanwhile who is wrong.
    async fn compared(mut self, pause: Duration) {
        loop {
            let Ok(link) = self
                .link
                .wait_for(|link| !link.is_apart())
                .await
                .map(|link| *link)
            else {
                // It ends with everything, and is found out about beside it.
                return std::future::pending().await;
            };
            let _ = self.is_settled.wait_for(|is_settled| *is_settled).await;
            tokio::select! {
                () = sleep(pause) => return,
                _ = self.link.wait_for(|now| now.is_apart() || now.connections != link.connections) => {}
                _ = self.is_settled.wait_for(|is_settled| !is_settled) => {}
            }
        }
    }
}

impl CatchingUp<'_> {
    /// Until the chat has what the log has, and the other nodes have had time to say that it is the same that they have.
    ///
    /// # Errors
    /// [`Error::Stopped`], and what the database cannot live with.
    pub(crate) async fn run(&mut self) -> Result<(), Error> {
        let from = self.applied();
        (self.progress)("looking at the log".to_owned());
        let mut followed = self.following.progress();
        let followed = async {
            // An error where it ends before that, and is found out about beside it.
            if followed.wait_for(|progress| progress.is_followed).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        self.meanwhile(or_warn(
            "NATS does not deliver the log to this node; see that most of the NATS servers run and reach one another",
            followed,
        ))
        .await?;
        let mut end = self.end().await?;
        while self.applied() + CAUGHT_UP_MESSAGES < end {
            self.reach(from, end).await?;
            end = self.end().await?;
        }
        // The last few, which may be all there are.
        self.reach(from, end).await?;
        (self.progress)("comparing with the other nodes".to_owned());
        // From here on: of what was applied meanwhile, the others have heard nothing yet.
        let pause = Duration::from_millis(COMPARED_BEFORE_READY_MS);
        let compared = self.comparing.clone().compared(pause);
        let words = "this node compares itself with the others and comes to no end: NATS is away, or it is not settled who is wrong";
        self.meanwhile(or_warn(words, compared)).await
    }

    fn applied(&self) -> u64 {
        self.chat.applied().borrow().position
    }

    /// The log's last position, waited for while NATS is away.
    async fn end(&mut self) -> Result<u64, Error> {
        let mut waiting = Waiting::new(self.progress);
        loop {
            match self.log.extent().await {
                Ok(extent) => return Ok(extent.last),
                Err(error) => {
                    waiting.tell(&error);
                    self.meanwhile(sleep(Duration::from_millis(JOINING_LOOK_MS)))
                        .await?;
                }
            }
        }
    }

    async fn reach(&mut self, from: u64, end: u64) -> Result<(), Error> {
        let mut applied = self.chat.applied();
        loop {
            let position = applied.borrow_and_update().position;
            if position >= end {
                return Ok(());
            }
            let percent = position.saturating_sub(from) * 100 / end.saturating_sub(from).max(1);
            if *self.chat.health().borrow() == Health::ReadOnly {
                (self.progress)(format!(
                    "the disk is full: make room, and it goes on ({percent} % of the log)"
                ));
            } else {
                (self.progress)(format!("applying the log: {percent} %"));
            }
            let look = sleep(Duration::from_millis(JOINING_LOOK_MS));
            let reached = async {
                tokio::select! {
                    () = look => {}
                    // The chat is open as long as this.
                    _ = applied.wait_for(|point| point.position >= end) => {}
                }
            };
            self.meanwhile(reached).await?;
        }
    }

    /// Does this, unless something comes up that ends it all.
    async fn meanwhile(&mut self, what: impl Future<Output = ()>) -> Result<(), Error> {
        let mut health = self.chat.health();
        let mut followed = self.following.progress();
        tokio::select! {
            () = what => Ok(()),
            Some(stopped) = self.differs.recv() => Err(Error::Stopped(stopped)),
            Ok(progress) = followed.wait_for(|progress| progress.stopped.is_some()) => {
                Err(progress.stopped.map_or(Error::Chat(chat::Error::Closed), Error::Stopped))
            }
            Ok(_) = health.wait_for(|health| matches!(health, Health::Failed | Health::Closed)) => {
                Err(Error::DatabaseFailed)
            }
        }
    }
}

/// Waits for it, and has these words in the log each minute until then.
async fn or_warn(words: &'static str, what: impl Future<Output = ()>) {
    let again = async {
        loop {
            sleep(Duration::from_millis(WAITING_AGAIN_MS)).await;
            tracing::warn!("{words}");
        }
    };
    tokio::select! {
        () = what => {}
        () = again => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nats::link::LinkState;

    #[tokio::test]
    async fn a_node_is_not_compared_while_nats_is_away_or_it_is_open_who_is_wrong() {
        let link = LinkState::new();
        let is_settled = watch::Sender::new(false);
        let comparing = Comparing {
            link: link.watch(),
            is_settled: is_settled.subscribe(),
        };
        let mut compared = Box::pin(comparing.compared(Duration::ZERO));
        assert!(futures_util::poll!(&mut compared).is_pending());
        is_settled.send_replace(true);
        assert!(futures_util::poll!(&mut compared).is_pending(), "NATS is away");
        is_settled.send_replace(false);
        link.set_connected(true, 1);
        assert!(
            futures_util::poll!(&mut compared).is_pending(),
            "the log is read again"
        );
        is_settled.send_replace(true);
        compared.await;
    }
}
