//! Nodes over a NATS server.

use std::net::SocketAddr;

use super::nats::Nats;
use super::{Server, Setup, in_time, request};

/// A node on this NATS server.
pub(crate) fn node(nats: &Nats) -> Setup {
    node_by(nats, address_of(nats))
}

/// A node that finds the NATS server at another address.
pub(crate) fn node_by(nats: &Nats, address: SocketAddr) -> Setup {
    let config = nats.config();
    Setup::new().with(&[
        "--nats",
        &format!("nats://{address}"),
        "--nats-replicas",
        &config.replicas.to_string(),
    ])
}

/// Where a single NATS server is.
pub(crate) fn address_of(nats: &Nats) -> SocketAddr {
    let config = nats.config();
    config.servers[0].trim_start_matches("nats://").parse().unwrap()
}

/// What `/readyz` says: the status, and the words.
pub(crate) async fn readyz(server: &Server) -> (u16, String) {
    let answer = request(server.address(), "GET", "/readyz", &[], b"").await;
    (answer.status, answer.text().trim_end().to_owned())
}

/// Waits until `/readyz` says something that begins so, with this status.
pub(crate) async fn until_readyz(server: &Server, status: u16, words: &str) {
    let mut last = None;
    let said = async {
        loop {
            let said = readyz(server).await;
            if said.0 == status && said.1.starts_with(words) {
                return;
            }
            last = Some(said);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let is_said = tokio::time::timeout(super::PATIENCE, said).await.is_ok();
    assert!(is_said, "/readyz says {last:?} and not {words:?}");
}

/// Starts a node and waits until it serves.
pub(crate) async fn ready(setup: Setup) -> Server {
    let server = setup.start().await;
    in_time("a node to be ready", until_readyz(&server, 200, "ready")).await;
    server
}
