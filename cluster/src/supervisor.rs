//! How a node is, as it follows from everything that bears on it.

use std::path::PathBuf;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::differing;
use crate::log_client::Following;
use crate::nats::link::Link;
use crate::status::{Status, Stopped};

/// Looks after a node that is ready, until it leaves.
pub(crate) struct Supervisor {
    /// The data folder.
    pub(crate) folder: PathBuf,
    pub(crate) link: watch::Receiver<Link>,
    pub(crate) following: Following,
    /// Says that this node has other history than the others.
    pub(crate) differs: mpsc::Receiver<Stopped>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) leave: CancellationToken,
    /// What goes on beside, until the node leaves.
    pub(crate) tasks: JoinSet<()>,
}

impl Supervisor {
    /// Ends by itself where what it looks after does, and nobody looks after the node then: how it is is told no more. Returns what
    /// goes on yet.
    pub(crate) async fn run(mut self) -> JoinSet<()> {
        let mut followed = self.following.progress();
        loop {
            let stopped = followed.borrow_and_update().stopped;
            let is_apart = self.link.borrow_and_update().is_apart();
            match stopped {
                Some(stopped) => self.stop(stopped).await,
                None if is_apart => self.turn(Status::Apart),
                None => self.turn(Status::Ready),
            }
            tokio::select! {
                () = self.leave.cancelled() => break,
                Some(stopped) = self.differs.recv() => self.stop(stopped).await,
                () = self.following.broken() => {
                    tracing::error!("what publishes or receives the log has ended");
                    break;
                }
                Some(_) = self.tasks.join_next() => {
                    tracing::error!("what hears the other nodes, or makes snapshots, has ended");
                    break;
                }
                Ok(()) = followed.changed() => {}
                Ok(()) = self.link.changed() => {}
                // Nothing more will come, but that this node leaves.
                else => {
                    self.leave.cancelled().await;
                    break;
                }
            }
        }
        self.following.stop().await;
        self.tasks
    }

    /// Whoever has stopped stays so.
    fn turn(&self, next: Status) {
        self.status.send_if_modified(|status| {
            let changes = *status != next && !matches!(status, Status::Stopped(_));
            if changes {
                *status = next;
            }
            changes
        });
    }

    /// Lets nothing more in, applies nothing more, and sees to it that the next start does not either.
    async fn stop(&self, stopped: Stopped) {
        if matches!(*self.status.borrow(), Status::Stopped(_)) {
            return;
        }
        self.following.halt(stopped);
        self.turn(Status::Stopped(stopped));
        let folder = self.folder.clone();
        let noting = tokio::task::spawn_blocking(move || differing::write(&folder, &stopped));
        if let Err(error) = noting.await {
            tracing::error!(%error, "why this node has stopped could not be noted");
        }
    }
}
