//! Looks how far the log is while a client waits for what this node does not have: either it comes, or it is no part of this
//! history, as after a cluster was begun anew with an older copy of its database.

use std::sync::Arc;
use std::time::Duration;

use chat::Chat;
use tokio::time::{Instant, sleep, timeout};

use crate::limits::LEVEL_LOOK_MS;
use crate::nats::log_stream::LogStream;

/// Tells the chat when it has what the log's leader says there is. Until it is dropped.
pub(crate) async fn look(chat: Arc<Chat>, log: LogStream) {
    let mut awaited = chat.is_awaited();
    let mut applied = chat.applied();
    let pause = Duration::from_millis(LEVEL_LOOK_MS);
    while awaited.wait_for(|is_awaited| *is_awaited).await.is_ok() {
        let asked = Instant::now();
        if let Ok(extent) = log.extent().await {
            let reached = applied.wait_for(|point| point.position >= extent.last);
            if matches!(timeout(pause, reached).await, Ok(Ok(_))) {
                chat.is_level(asked);
            }
        }
        sleep(pause).await;
    }
}
