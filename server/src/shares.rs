//! Who may have how many heavy answers made at a time: pages, history and lists, which are read by few readers.
//!
//! Whoever asks for more waits in a line of their own, so that others have no more before them than that many. An identity
//! costs nothing, so there is a share for each address too; behind a proxy everybody has the same, and waits in one line, as all
//! would without it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use protocol::{ErrorCode, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error_page;
use crate::limits::{ADDRESS_ANSWERS_AT_ONCE, IDENTITY_ANSWERS_AT_ONCE, SHARE_WAIT_SECONDS_MAX};
use crate::state::AppState;
use crate::transport;

/// Where a connection comes from: an extension of each of its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Who has a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asker {
    Identity(UserId),
    Address(IpAddr),
}

impl Asker {
    /// One customer has a whole /64 of IPv6 addresses (RFC 6177).
    fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address,
        })
    }

    const fn answers_at_once(self) -> usize {
        match self {
            Self::Identity(_) => IDENTITY_ANSWERS_AT_ONCE,
            Self::Address(_) => ADDRESS_ANSWERS_AT_ONCE,
        }
    }
}

/// The shares of those who are having something made or wait for it. Nobody else is here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(Arc<Mutex<HashMap<Asker, Share>>>);

#[derive(Debug)]
struct Share {
    /// How many have a part of it or wait for one.
    parts: usize,
    permits: Arc<Semaphore>,
}

/// A place in somebody's line, and then a part of their share.
struct Part {
    shares: Shares,
    asker: Asker,
    permits: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Shares {
    fn line_up(&self, asker: Asker) -> Part {
        let mut by_asker = self.lock();
        let share = by_asker.entry(asker).or_insert_with(|| Share {
            parts: 0,
            permits: Arc::new(Semaphore::new(asker.answers_at_once())),
        });
        share.parts += 1;
        Part {
            shares: self.clone(),
            asker,
            permits: Arc::clone(&share.permits),
            permit: None,
        }
    }

    /// A panic while it is held leaves a map that is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<Asker, Share>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part {
    async fn taken(mut self) -> Self {
        // It is never closed.
        self.permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        self
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut by_asker = self.shares.lock();
        if let Some(share) = by_asker.get_mut(&self.asker) {
            share.parts -= 1;
            if share.parts == 0 {
                by_asker.remove(&self.asker);
            }
        }
        if by_asker.len() < by_asker.capacity() / 4 {
            // A crowd that came and went must not leave its places behind.
            let room_to_grow = by_asker.len() * 2;
            by_asker.shrink_to(room_to_grow);
        }
    }
}

/// The middleware of what is heavy: it is made when whoever asks has room for it in their share. Changes wait for nothing here.
pub(crate) async fn hold(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || transport::asks_for_upgrade(&request) {
        return next.run(request).await;
    }
    let identity = state.identities.of(request.headers()).map(Asker::Identity);
    let address = request.extensions().get::<Peer>().map(|peer| Asker::at(peer.0));
    let taking = async {
        let mut parts = Vec::with_capacity(2);
        // The identity's first: what waits in that line takes nothing of the address's share.
        for asker in identity.into_iter().chain(address) {
            parts.push(state.shares.line_up(asker).taken().await);
        }
        parts
    };
    match timeout(Duration::from_secs(SHARE_WAIT_SECONDS_MAX), taking).await {
        Ok(_parts) => next.run(request).await,
        Err(_) => error_page::refuse(&state, request.headers(), ErrorCode::Busy),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn take(shares: &Shares, asker: Asker) -> Option<Part> {
        shares.line_up(asker).taken().now_or_never()
    }

    #[tokio::test]
    async fn whoever_asks_for_much_waits_in_a_line_of_their_own() {
        let shares = Shares::default();
        let one = Asker::Identity(chat::ids::user_id());
        let other = Asker::Identity(chat::ids::user_id());
        let mut taken: Vec<_> = (0..IDENTITY_ANSWERS_AT_ONCE)
            .map(|_| take(&shares, one).unwrap())
            .collect();
        assert!(take(&shares, one).is_none());
        let waiting = tokio::spawn(shares.line_up(one).taken());
        assert!(take(&shares, other).is_some());
        taken.pop();
        let last = waiting.await.unwrap();
        assert!(take(&shares, one).is_none());
        drop((taken, last));
        assert!(
            shares.lock().is_empty(),
            "nobody is remembered who asks for nothing"
        );
    }

    #[test]
    fn the_addresses_of_one_customer_share() {
        let at = |text: &str| Asker::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
