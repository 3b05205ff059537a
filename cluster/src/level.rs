//! Looks how far the log is while a client waits for what this node does not have: either it comes, or it is no part of this
//! history, as after a cluster was begun anew with an older copy of its database.

use std::sync::Arc;
use std::time::Duration;

use chat::Chat;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::limits::LEVEL_LOOK_MS;
use crate::nats::link::Link;
use crate::nats::log_stream::LogStream;
use crate::receiver::Progress;

/// Tells the chat when it has what the log's leader says there is. Until it is dropped.
pub(crate) async fn look(
    chat: Arc<Chat>,
    log: LogStream,
    link: watch::Receiver<Link>,
    progress: watch::Receiver<Progress>,
) {
    let mut awaited = chat.is_awaited();
    let mut applied = chat.applied();
    let pause = Duration::from_millis(LEVEL_LOOK_MS);
    while awaited.wait_for(|is_awaited| *is_awaited).await.is_ok() {
        let asked = Instant::now();
        if let Ok(extent) = log.extent().await
            && is_believed(extent.last, *link.borrow(), *progress.borrow())
        {
            let reached = applied.wait_for(|point| point.position >= extent.last);
            if matches!(timeout(pause, reached).await, Ok(Ok(_))) {
                chat.is_level(asked);
            }
        }
        sleep(pause).await;
    }
}

/// Whether the log may end there. A leader that was cut off, or just elected, may not know yet what was in the log before.
fn is_believed(end: u64, link: Link, progress: Progress) -> bool {
    !link.is_apart() && progress.end.is_none_or(|seen| end >= seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nats::link::LinkState;

    #[test]
    fn a_log_that_ends_before_what_was_seen_of_it_is_no_measure_of_what_there_is() {
        let progress = |end| Progress {
            received: chat::LogPoint::default(),
            end,
            is_followed: true,
            stopped: None,
        };
        let link = LinkState::new();
        let now = || *link.watch().borrow();
        assert!(!is_believed(9, now(), progress(Some(9))), "NATS is away");
        link.set_connected(true, 1);
        assert!(is_believed(9, now(), progress(Some(9))));
        assert!(is_believed(9, now(), progress(None)));
        assert!(!is_believed(8, now(), progress(Some(9))));
    }
}
