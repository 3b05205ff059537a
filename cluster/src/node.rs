//! A node: a chat that is fed by the cluster's log, and what keeps it honest.

use std::sync::Arc;

use chat::{Chat, DataFolder};
use tokio::sync::watch;

use crate::config::Config;
use crate::error::Error;
use crate::names::Names;
use crate::status::Status;

/// A node that has joined its cluster. Dropped, it ends without saying goodbye: the others find it silent.
#[derive(Debug)]
pub struct Node {
    status: watch::Receiver<Status>,
    signing_key: [u8; 32],
}

impl Node {
    /// Joins the cluster and returns when this node has everything the cluster had when it began, so that it can serve. Until
    /// then `progress` is told now and then, in a few words, how far it is: for [`Status::Joining`]. NATS is waited for as
    /// long as it is away.
    ///
    /// The chat is closed by the caller, after [`Node::stop`].
    ///
    /// # Errors
    /// What keeps the node from joining, in a sentence that says what to do.
    pub async fn start(
        config: Config,
        folder: DataFolder,
        progress: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<(Arc<Chat>, Self), Error> {
        let names = Names::of(&config.stream).ok_or_else(|| Error::StreamName(config.stream.clone()))?;
        progress(format!("looking for the cluster {}", names.stream()));
        drop(folder);
        Err(Error::NotBuilt)
    }

    /// How it is now, and how it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// What the cluster's cookies are signed with: the same on every node.
    #[must_use]
    pub const fn signing_key(&self) -> [u8; 32] {
        self.signing_key
    }

    /// Leaves the cluster: nothing more is let in, what was let in is published or answered, and the other nodes are told, so
    /// that who is with this node is gone at once.
    pub async fn stop(self) {}
}
