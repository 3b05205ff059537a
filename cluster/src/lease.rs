//! Who does what only one node may do at a time.
//!
//! Whoever has the lease writes it anew now and then. Another one takes it once it has not changed for [`LEASE_MS`] by its own
//! clock, so no two clocks need agree; whoever could not renew it for half of that stops by itself.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::limits::LEASE_MS;
use crate::names::NodeId;
use crate::settings::{Setting, Settings};

/// One node's view of a lease.
#[derive(Debug)]
pub struct Lease {
    settings: Settings,
    key: &'static str,
    node: NodeId,
    /// What somebody else was last seen to have written, and since when it has been there.
    seen: Option<(u64, Instant)>,
    held: Option<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    revision: u64,
    renewed: Instant,
}

/// What is under the key.
#[derive(Serialize, Deserialize)]
struct Written {
    /// Nobody, where it was given back.
    node: Option<NodeId>,
}

impl Lease {
    pub const fn new(settings: Settings, key: &'static str, node: NodeId) -> Self {
        Self {
            settings,
            key,
            node,
            seen: None,
            held: None,
        }
    }

    /// Whether this node has it now. Has to be asked again every few seconds by whoever wants it.
    pub async fn take(&mut self) -> Result<bool, Error> {
        if self.held.is_some() {
            return self.renew().await;
        }
        let revision = match self.settings.read(self.key).await? {
            None => 0,
            Some(setting) if is_free(&setting) => setting.revision,
            Some(setting) => {
                let now = Instant::now();
                let since = match self.seen {
                    Some((revision, since)) if revision == setting.revision => since,
                    _ => now,
                };
                self.seen = Some((setting.revision, since));
                if now.duration_since(since) < Duration::from_millis(LEASE_MS) {
                    return Ok(false);
                }
                setting.revision
            }
        };
        self.write(Some(self.node), revision).await
    }

    /// Whether this node has it still; to be called by whoever has it more often than it ends.
    pub async fn renew(&mut self) -> Result<bool, Error> {
        let Some(held) = self.held else {
            return Ok(false);
        };
        let renewed = self.write(Some(self.node), held.revision).await;
        if renewed.is_err() && held.renewed.elapsed() < Duration::from_millis(LEASE_MS / 2) {
            // Nobody has taken it yet, and NATS may be back in a moment. What was written without being told so is found to
            // be another revision, and the lease lost: to do it all again later harms nobody.
            self.held = Some(held);
            return Ok(true);
        }
        renewed
    }

    /// Gives it back.
    pub async fn give_back(&mut self) {
        if let Some(held) = self.held.take()
            && let Err(error) = self.write(None, held.revision).await
        {
            tracing::debug!(%error, "a lease could not be given back; it ends by itself");
        }
        self.held = None;
    }

    async fn write(&mut self, node: Option<NodeId>, revision: u64) -> Result<bool, Error> {
        self.held = None;
        self.seen = None;
        let value = Bytes::from(serde_json::to_vec(&Written { node })?);
        let renewed = Instant::now();
        let written = self.settings.write(self.key, value, revision).await?;
        self.held = written.map(|revision| Held { revision, renewed });
        Ok(written.is_some())
    }
}

fn is_free(setting: &Setting) -> bool {
    matches!(serde_json::from_slice(&setting.value), Ok(Written { node: None }))
}
