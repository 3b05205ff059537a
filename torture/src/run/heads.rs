//! The control reader: asks the server itself, past the proxy, how far each room goes, and waits until every client
//! has shown all of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use client::model::HistoryPage;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::browser::Progress;
use crate::wire::Network;

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Waits until everybody has sent and shown everything, no longer than `longest`; how long that took, or nothing when
/// somebody did not come to it. The checker then reports who.
pub(super) async fn settled(
    server: SocketAddr,
    clients: &[Arc<Progress>],
    longest: Duration,
) -> Option<Duration> {
    let (events, _events) = mpsc::channel(1);
    let control = Network::new(server, events);
    let began = Instant::now();
    while began.elapsed() < longest {
        let mut all = true;
        for client in clients {
            all &= is_settled(&control, client).await;
            if !all {
                break;
            }
        }
        if all {
            return Some(began.elapsed());
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

async fn is_settled(control: &Network, client: &Progress) -> bool {
    if client.waiting.load(Ordering::Relaxed) > 0 {
        return false;
    }
    for (room, complete) in &client.complete {
        let page = control
            .fetch(
                &client::wire::endpoints::history(room, client::model::Part::Latest),
                None,
            )
            .await;
        let head = page.as_deref().and_then(HistoryPage::read).map(|page| page.seq);
        if head != Some(complete.load(Ordering::Relaxed)) {
            return false;
        }
    }
    true
}
