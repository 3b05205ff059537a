//! This node's own hashes where others say theirs, read beside the heartbeats: the database may be busy for longer than a node may
//! be silent.

use std::collections::{HashMap, VecDeque};

use chat::{Chat, LogHash};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::task::AbortOnDropHandle;

use crate::core::comparison::Claim;
use crate::limits::NODES_MAX;
use crate::names::NodeId;

/// What is to be compared.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) claim: Claim,
    /// Of the positions that were asked for; `None` where it is not kept, or not reached.
    pub(crate) hashes: HashMap<u64, Option<LogHash>>,
}

type Reading = BoxFuture<'static, Option<Found>>;

/// One claim at a time is looked up; of each other node the latest waits.
#[derive(Default)]
pub(crate) struct OwnHashes {
    waiting: VecDeque<(NodeId, Reading)>,
    reading: Option<AbortOnDropHandle<Option<Found>>>,
}

impl OwnHashes {
    /// Has this read for a node. It is read after what was asked for before, and in the place of what waits for the same node.
    pub(crate) fn ask(
        &mut self,
        node: NodeId,
        reading: impl Future<Output = Option<Found>> + Send + 'static,
    ) {
        let reading = reading.boxed();
        match self.waiting.iter().position(|(known, _)| *known == node) {
            Some(place) => self.waiting[place].1 = reading,
            // It is asked again.
            None if self.waiting.len() >= NODES_MAX => {}
            None => self.waiting.push_back((node, reading)),
        }
        self.begin();
    }

    /// Waits for what was asked for. Cancel-safe.
    pub(crate) async fn found(&mut self) -> Found {
        loop {
            let Some(reading) = &mut self.reading else {
                return std::future::pending().await;
            };
            let read = reading.await;
            self.reading = None;
            self.begin();
            if let Ok(Some(found)) = read {
                return found;
            }
        }
    }

    fn begin(&mut self) {
        if self.reading.is_none()
            && let Some((_, reading)) = self.waiting.pop_front()
        {
            self.reading = Some(AbortOnDropHandle::new(tokio::spawn(reading)));
        }
    }
}

/// Reads the hashes at these positions. `None` where the database does not answer: the next claim is compared.
pub(crate) async fn read(
    chat: std::sync::Arc<Chat>,
    claim: Claim,
    positions: impl Iterator<Item = u64>,
) -> Option<Found> {
    let mut hashes = HashMap::new();
    for position in positions {
        match chat.log_hash(position).await {
            Ok(hash) => hashes.insert(position, hash),
            Err(error) => {
                tracing::debug!(%error, "a hash could not be read; it is compared with the next heartbeat");
                return None;
            }
        };
    }
    Some(Found { claim, hashes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::FolderId;
    use tokio::sync::oneshot;

    fn found(node: u64, position: u64) -> Found {
        Found {
            claim: Claim {
                node: NodeId::new(node),
                folder: FolderId::new(node),
                position,
                hash: [0; 32],
                is_serving: true,
                is_stopped: false,
            },
            hashes: HashMap::new(),
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_database_that_does_not_answer_and_the_latest_of_each_is_read_then() {
        let mut hashes = OwnHashes::default();
        let (answer, answered) = oneshot::channel::<()>();
        hashes.ask(NodeId::new(1), async move {
            answered.await.ok()?;
            Some(found(1, 1))
        });
        for position in 2..=5 {
            for node in 2..=3 {
                hashes.ask(NodeId::new(node), async move { Some(found(node, position)) });
            }
        }
        assert!(hashes.found().now_or_never().is_none());
        drop(answer);
        for node in 2..=3 {
            let Found { claim, .. } = hashes.found().await;
            assert_eq!((claim.node, claim.position), (NodeId::new(node), 5));
        }
        assert!(hashes.found().now_or_never().is_none());
    }
}
