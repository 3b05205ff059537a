//! What the tests share: a real server process, and people who use it over real sockets.

pub(crate) mod cluster;
pub(crate) mod event_stream;
mod full;
mod http;
#[path = "../../../../cluster/tests/it/support/nats.rs"]
#[allow(dead_code, reason = "the cluster's own tests need more of it")]
pub(crate) mod nats;
mod plain;
mod server;
mod socket;
mod valve;
mod visitor;

use std::future::Future;
use std::time::Duration;

use serde_json::Value;

pub(crate) use full::{FullClient, post_frame};
pub(crate) use http::{Response, exchange, request, try_exchange};
pub(crate) use plain::PlainClient;
pub(crate) use server::{Server, Setup};
pub(crate) use socket::{Received, Socket, raw_frame};
pub(crate) use valve::Valve;
pub(crate) use visitor::Visitor;

/// How long a condition may take before a test gives up on it. Nothing is asserted about time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for `condition`, for which `what` is the name in the failure.
pub(crate) async fn in_time<T>(what: &str, condition: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, condition).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for: {what}"),
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    in_time(what, holds).await;
}

/// Whether a frame is ephemeral: it comes when it comes, beside all else that is told.
pub(crate) fn is_ephemeral(frame: &Value) -> bool {
    let kind = frame["type"].as_str();
    kind.is_some_and(|kind| ["presence", "typing", "read", "left", "name", "rooms"].contains(&kind))
}

/// A new `clientId`.
pub(crate) fn client_id() -> String {
    chat::ids::client_id().to_string()
}
