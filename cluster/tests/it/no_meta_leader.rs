//! Nodes whose NATS servers have nobody who makes consumers: the log itself is led all the same.

use chat::ids;
use cluster::Config;
use protocol::RoomName;

use crate::support::nats::Nats;
use crate::support::node::{Node, accept, post};

/// The servers that keep the log, its leader first.
async fn keepers(nats: &Nats) -> Vec<usize> {
    let stream = nats.jetstream().await.get_stream("MADANG").await.unwrap();
    let cluster = stream.cached_info().cluster.clone().unwrap();
    let others = cluster.replicas.into_iter().map(|replica| replica.name);
    let names = cluster.leader.into_iter().chain(others);
    names.map(|name| name[1..].parse().unwrap()).collect()
}

fn server(node: &Node) -> usize {
    let name = node.connection.client().server_info().server_name;
    name[1..].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_server_dies_goes_on_where_no_consumer_can_be_made() {
    let mut nats = Nats::start(5);
    let config = Config {
        replicas: 3,
        ..nats.config()
    };
    let lobby = RoomName::lobby();
    let author = ids::user_id();
    let first = Node::start(&config).await;
    accept(&first.chat, &post(author, &lobby, "first")).await;
    drop(first.stop().await);
    let keepers = keepers(&nats).await;
    assert_eq!(keepers.len(), 3);
    for other in (0..5).filter(|server| !keepers.contains(server)) {
        nats.kill(other);
    }
    // Three of five can yet choose who makes consumers, and two of three who leads the log.
    let node = loop {
        let node = Node::start(&config).await;
        accept(&node.chat, &post(author, &lobby, "second")).await;
        let leader = nats.leader("MADANG").await;
        if server(&node) != leader {
            break node;
        }
        drop(node.stop().await);
    };
    let before = node.texts(&lobby).await.len();
    nats.kill(server(&node));
    for text in ["third", "fourth"] {
        accept(&node.chat, &post(author, &lobby, text)).await;
    }
    assert_eq!(node.texts(&lobby).await.len(), before + 2);
}
