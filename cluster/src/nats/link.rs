//! Whether NATS is there.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::limits::SERVER_LEFT_MS;

/// How a node stands with NATS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// How often a server has let this node in: where it has changed, NATS was away meanwhile, and anything may have happened
    /// there.
    pub connections: u64,
    is_connected: bool,
    is_published: bool,
    is_received: bool,
}

/// What a node asks of NATS besides to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// To take messages for the log.
    Publish,
    /// To deliver the log.
    Receive,
}

impl Link {
    /// Whether nothing can be said: NATS is away, or does not do what it is there for.
    #[must_use]
    pub const fn is_apart(&self) -> bool {
        !(self.is_connected && self.is_published && self.is_received)
    }

    /// Whether a server has let this node in and was there when last looked at.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.is_connected
    }
}

/// The one [`Link`] of a connection.
#[derive(Debug)]
pub(crate) struct LinkState {
    link: watch::Sender<Link>,
    /// Since when the server that lets this node in has not done what it is there for; or since another was tried for it.
    missed: Mutex<Option<Instant>>,
}

impl LinkState {
    pub(crate) fn new() -> Self {
        Self {
            link: watch::Sender::new(Link {
                connections: 0,
                is_connected: false,
                is_published: true,
                is_received: true,
            }),
            missed: Mutex::new(None),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Link> {
        self.link.subscribe()
    }

    pub(super) fn now(&self) -> Link {
        *self.link.borrow()
    }

    pub(crate) fn set_connected(&self, is_connected: bool, connections: u64) {
        self.change(|link| {
            link.is_connected = is_connected;
            link.connections = connections;
        });
    }

    pub(super) fn set_served(&self, service: Service, is_served: bool) {
        self.change(|link| match service {
            Service::Publish => link.is_published = is_served,
            Service::Receive => link.is_received = is_served,
        });
        let now = self.now();
        let mut missed = self.missed();
        if now.is_published && now.is_received {
            *missed = None;
        } else {
            missed.get_or_insert_with(Instant::now);
        }
    }

    /// Whether something has been missed for so long that another server may be better, which is then said to be tried.
    pub(super) fn is_to_be_left(&self) -> bool {
        let mut missed = self.missed();
        let is_long = missed.is_some_and(|since| since.elapsed() >= Duration::from_millis(SERVER_LEFT_MS));
        if is_long {
            *missed = Some(Instant::now());
        }
        is_long
    }

    /// A panic cannot leave a time half-changed.
    fn missed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Link)) {
        self.link.send_if_modified(|link| {
            let before = *link;
            change(link);
            if before.is_apart() != link.is_apart() {
                if link.is_apart() {
                    tracing::warn!("NATS is away: nothing can be said on this node until it is back");
                } else {
                    tracing::info!("NATS is there");
                }
            }
            *link != before
        });
    }
}
