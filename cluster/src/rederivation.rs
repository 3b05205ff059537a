//! Whether what a node has applied is what the log has: for two nodes that differ, where nobody else says which is right.

use std::time::Duration;

use chat::{Chat, LogPoint};

use crate::core::comparison::reread_from;
use crate::error::Error;
use crate::limits::{REDERIVED_RETRY_MS, REDERIVED_TRIES};
use crate::nats::log_stream::LogStream;

/// Reads the log again after `agreed`, or after the first position from which on that can be done, and says whether it leads
/// to this node's own hash at `position`; `None` where it cannot be read.
pub(crate) async fn follows_from_the_log(
    chat: &Chat,
    log: &LogStream,
    agreed: u64,
    position: u64,
) -> Option<bool> {
    for _ in 0..REDERIVED_TRIES {
        match derive(chat, log, agreed, position).await {
            Ok(derived) => return derived,
            Err(error) => tracing::warn!(%error, "the log could not be read again; it is tried once more"),
        }
        tokio::time::sleep(Duration::from_millis(REDERIVED_RETRY_MS)).await;
    }
    None
}

async fn derive(chat: &Chat, log: &LogStream, agreed: u64, position: u64) -> Result<Option<bool>, Error> {
    let first = log.extent().await?.first;
    let oldest = chat.first_log_hash().await?;
    let from = reread_from(agreed, first, oldest, position);
    if from > position {
        return Ok(None);
    }
    let (Some(hash), Some(own)) = (chat.log_hash(from).await?, chat.log_hash(position).await?) else {
        return Ok(None);
    };
    let mut point = LogPoint { position: from, hash };
    while point.position < position {
        let Some(payload) = log.message(point.position + 1).await? else {
            return Ok(None);
        };
        point = point.then(&payload);
    }
    Ok((point.position == position).then_some(point.hash == own))
}
