//! SIGTERM, as service managers send it.

use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn requested() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be listened to; use Ctrl-C");
            std::future::pending::<()>().await;
        }
    }
}
