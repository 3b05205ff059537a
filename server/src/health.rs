//! `/healthz`: the process runs. `/readyz`: it serves. A full disk is no reason to send people elsewhere: they can
//! read here, and the next message is what finds out that there is room again. Nor is a cluster's log that cannot be reached: as a
//! rule no node reaches it then, and a proxy that took all of them out would leave nobody anything to read.

use axum::extract::State;
use axum::http::StatusCode;
use chat::Health;

use crate::state::AppState;

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

pub(crate) async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    let health = *state.chat.health().borrow();
    match health {
        _ if state.shutdown.has_begun() => (StatusCode::SERVICE_UNAVAILABLE, "going away\n"),
        Health::Running if state.is_apart() => {
            (StatusCode::OK, "ready, apart from NATS: nothing can be posted\n")
        }
        Health::Running => (StatusCode::OK, "ready\n"),
        Health::ReadOnly => (StatusCode::OK, "ready, read-only: the disk is full\n"),
        Health::Failed | Health::Closed => (StatusCode::SERVICE_UNAVAILABLE, "failed\n"),
    }
}
