//! The control reader: asks the server itself, past the proxy, or every node of it, how far each room goes, and waits until
//! every client has shown all of it.

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
pub(crate) async fn settled(
    servers: &[SocketAddr],
    clients: &[Arc<Progress>],
    longest: Duration,
) -> Option<Duration> {
    let (events, _events) = mpsc::channel(1);
    let controls: Vec<_> = servers
        .iter()
        .map(|server| Network::new(*server, events.clone()))
        .collect();
    let began = Instant::now();
    while began.elapsed() < longest {
        let mut all = true;
        for client in clients {
            for control in &controls {
                all = all && is_settled(control, client).await;
            }
        }
        if all {
            return Some(began.elapsed());
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

async fn is_settled(control: &Network, progress: &Progress) -> bool {
    if progress.waiting.load(Ordering::Relaxed) > 0 {
        return false;
    }
    for reached in &progress.reached {
        let latest = client::wire::endpoints::history(&reached.room, client::model::Part::Latest, 0);
        let page = control.fetch(&latest, None).await;
        let Some(page) = page.as_deref().and_then(HistoryPage::read) else {
            return false;
        };
        let last = page.messages.last().map_or(0, |last| last.seq);
        let is_all_shown = last == reached.complete.load(Ordering::Relaxed);
        if !is_all_shown || page.seq != reached.known_to.load(Ordering::Relaxed) {
            return false;
        }
    }
    true
}
