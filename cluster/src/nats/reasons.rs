//! What the client says of the connection, as it stands in the log.

use std::sync::{Mutex, PoisonError};

use async_nats::Event;

use super::patience::Seldom;

/// Why NATS is away, as the client has it: by itself it says so with each try.
#[derive(Default)]
pub(super) struct Reasons(Mutex<Seldom>);

impl Reasons {
    /// Of everything that the client tells.
    pub(super) fn note(&self, event: &Event) {
        let mut seldom = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Connected => *seldom = Seldom::default(),
            Event::ServerError(_) | Event::ClientError(_) | Event::SlowConsumer(_) => {
                let reason = event.to_string();
                if seldom.is_due(&reason) {
                    tracing::warn!("the connection to NATS: {reason}; {}", advice(event));
                }
            }
            _ => tracing::debug!(%event, "NATS"),
        }
    }
}

/// What to do about something that the client tells.
fn advice(event: &Event) -> &'static str {
    let text = event.to_string().to_lowercase();
    if text.contains("authori") || text.contains("authentication") {
        "see that NATS accepts this node's user and password, credentials or certificate"
    } else if text.contains("permissions") {
        "see what NATS allows this node's user (docs/cluster.md)"
    } else {
        "it is tried again by itself; see that the NATS servers run and can be reached"
    }
}
