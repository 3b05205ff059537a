//! What a connection costs the server's memory, while it only listens and after it has heard much.
//!
//! The bound is that of the build that is tested; `cargo xtask bench` holds those of a release.

use crate::support::{FullClient, PlainClient, Server, Setup, Visitor, client_id};

/// Connections that come before it is measured: what the first ones cost the others do not.
const FIRST: usize = 400;
const CONNECTIONS: usize = 800;
/// What each may cost, in bytes.
const EACH_BYTES_MAX: u64 = 4 * 1024;
/// Messages that everybody hears.
const MESSAGES: usize = 100;

async fn listeners(server: &Server, count: usize) -> Vec<PlainClient> {
    let mut listeners = Vec::new();
    for _ in 0..count {
        listeners.push(PlainClient::open(server).await);
    }
    listeners
}

async fn joined(server: &Server, count: usize) -> Vec<FullClient> {
    let mut joined = Vec::new();
    for _ in 0..count {
        let visitor = Visitor::known(server).await;
        let mut client = FullClient::open_as(server, &visitor).await;
        client.join("lobby").await;
        joined.push(client);
    }
    joined
}

fn assert_each_costs_little(before: u64, after: u64) {
    let each = after.saturating_sub(before) / CONNECTIONS as u64;
    assert!(each <= EACH_BYTES_MAX, "each connection costs {each} bytes");
}

#[tokio::test]
async fn a_connection_that_only_listens_costs_little() {
    let server = Setup::in_memory().start().await;
    let first = listeners(&server, FIRST).await;
    let before = server.memory_bytes();
    let others = listeners(&server, CONNECTIONS).await;
    assert_each_costs_little(before, server.memory_bytes());
    drop((first, others));
}

#[tokio::test]
async fn a_connection_that_has_heard_many_messages_costs_little() {
    let server = Setup::in_memory().without_rate().start().await;
    let first = joined(&server, FIRST).await;
    let before = server.memory_bytes();
    let mut others = joined(&server, CONNECTIONS).await;
    let mut writer = FullClient::open(&server).await;
    for number in 0..MESSAGES {
        writer.post("lobby", &client_id(), &format!("{number}")).await;
        writer.next_of("ack").await;
    }
    for client in &mut others {
        assert_eq!(client.messages(MESSAGES).await.len(), MESSAGES);
    }
    assert_each_costs_little(before, server.memory_bytes());
    drop((first, others));
}
