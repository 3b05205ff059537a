//! Nodes whose NATS servers die, stand still and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chat::{Refusal, ids};
use protocol::RoomName;
use tokio::task::JoinSet;

use crate::support::nats::Nats;
use crate::support::node::{Node, accept, in_time, post};
use crate::support::proxy::Proxy;

/// People who post to these nodes, one after the other, until they are told to stop.
struct Posters {
    is_over: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    posters: JoinSet<Vec<String>>,
}

impl Posters {
    fn start(nodes: &[Node], count: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let accepted = Arc::new(AtomicUsize::new(0));
        let mut posters = JoinSet::new();
        for poster in 0..count {
            let chat = nodes[poster % nodes.len()].chat.clone();
            let (is_over, accepted) = (Arc::clone(&is_over), Arc::clone(&accepted));
            posters.spawn(async move {
                let author = ids::user_id();
                let mut texts = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let text = format!("{poster} says {}", texts.len());
                    accept(&chat, &post(author, &RoomName::lobby(), &text)).await;
                    texts.push(text);
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
                texts
            });
        }
        Self {
            is_over,
            accepted,
            posters,
        }
    }

    /// Waits until so many more posts were accepted.
    async fn accepted(&self, more: usize) {
        let enough = self.accepted.load(Ordering::Relaxed) + more;
        let waiting = async {
            while self.accepted.load(Ordering::Relaxed) < enough {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        in_time("more posts to be accepted", waiting).await;
    }

    /// What was accepted, each poster's in order.
    async fn end(self) -> Vec<Vec<String>> {
        self.is_over.store(true, Ordering::Relaxed);
        self.posters.join_all().await
    }
}

/// All nodes have what was accepted, once and in each poster's order, and are alike.
async fn all_have(nodes: &[Node], accepted: &[Vec<String>]) {
    let end = nodes[0].storage.log.extent().await.unwrap().last;
    let point = nodes[0].applied(end).await;
    let texts = nodes[0].texts(&RoomName::lobby()).await;
    for node in nodes {
        assert_eq!(node.applied(end).await, point);
        assert_eq!(node.texts(&RoomName::lobby()).await, texts);
    }
    assert_eq!(texts.len(), accepted.iter().map(Vec::len).sum::<usize>());
    for own in accepted {
        let prefix = own.first().and_then(|text| text.strip_suffix('0')).unwrap();
        let found: Vec<_> = texts.iter().filter(|text| text.starts_with(prefix)).collect();
        assert_eq!(found, own.iter().collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_dies_and_nothing_that_was_acknowledged_is_lost_or_doubled() {
    let mut nats = Nats::start(3);
    let nodes = [
        Node::start(&nats.config()).await,
        Node::start(&nats.config()).await,
    ];
    let posters = Posters::start(&nodes, 6);
    posters.accepted(200).await;
    let leader = nats.leader("MADANG").await;
    nats.kill(leader);
    posters.accepted(200).await;
    nats.restart();
    posters.accepted(200).await;
    let accepted = posters.end().await;
    all_have(&nodes, &accepted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_left_for_another() {
    let nats = Nats::start(3);
    let nodes = [
        Node::start(&nats.config()).await,
        Node::start(&nats.config()).await,
    ];
    let posters = Posters::start(&nodes, 6);
    posters.accepted(100).await;
    let name = nodes[0].connection.client().server_info().server_name;
    let frozen = name.strip_prefix('n').unwrap().parse().unwrap();
    nats.freeze(frozen);
    posters.accepted(100).await;
    let mut link = nodes[0].connection.link();
    in_time("another server", link.wait_for(|link| link.connections > 1))
        .await
        .unwrap();
    posters.accepted(100).await;
    nats.thaw(frozen);
    posters.accepted(100).await;
    let accepted = posters.end().await;
    all_have(&nodes, &accepted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_cut_off_from_the_others_is_left_for_one_that_is_not() {
    let mut nats = Nats::start(3);
    let node = Node::start(&nats.config()).await;
    let lobby = RoomName::lobby();
    accept(&node.chat, &post(ids::user_id(), &lobby, "first")).await;
    // The others let nobody in for now.
    for other in [1, 2] {
        nats.freeze(other);
    }
    nats.cut_off(0);
    let client = node.connection.client();
    let is_there = async {
        while client.server_info().server_name != "n0" || !node.connection.link().borrow().is_connected() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    in_time("the server that is cut off", is_there).await;
    for other in [1, 2] {
        nats.thaw(other);
    }
    // Nobody says anything meanwhile: it is found out about all the same.
    node.is_apart(true).await;
    node.is_apart(false).await;
    assert_ne!(client.server_info().server_name, "n0");
    accept(&node.chat, &post(ids::user_id(), &lobby, "second")).await;
    assert_eq!(node.texts(&lobby).await, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_nothing_can_be_said_and_everything_read_and_all_goes_on_when_it_is_back() {
    let mut nats = Nats::start(1);
    let node = Node::start(&nats.config()).await;
    let author = ids::user_id();
    let lobby = RoomName::lobby();
    for round in 0..2 {
        accept(&node.chat, &post(author, &lobby, "said")).await;
        nats.kill_all();
        node.is_apart(true).await;
        let refused = node.submit(post(author, &lobby, "lost")).await;
        assert_eq!(refused, Err(Refusal::Unavailable));
        assert_eq!(node.texts(&lobby).await.len(), round + 1);
        nats.restart();
        node.is_apart(false).await;
    }
    let accepted = accept(&node.chat, &post(author, &lobby, "said")).await;
    assert_eq!((accepted, node.texts(&lobby).await.len()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_when_nats_died_comes_out_of_the_log_later() {
    let mut nats = Nats::start(1);
    let node = Node::start(&nats.config()).await;
    let lobby = RoomName::lobby();
    accept(&node.chat, &post(ids::user_id(), &lobby, "first")).await;
    // It takes what it is given and answers nothing.
    nats.freeze(0);
    let outcome = node.submit(post(ids::user_id(), &lobby, "second"));
    let outcome = async {
        let (outcome, ()) = tokio::join!(outcome, node.is_apart(true));
        outcome
    };
    assert_eq!(outcome.await, Err(Refusal::Unavailable));
    nats.kill_all();
    nats.restart();
    // Nobody repeats it, but for the node.
    node.applied(2).await;
    assert_eq!(node.texts(&lobby).await, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_and_not_heard_of_is_published_again_and_applied_once() {
    let nats = Nats::start(1);
    let server = nats.config().servers[0]
        .strip_prefix("nats://")
        .unwrap()
        .to_owned();
    let proxy = Proxy::start(server).await;
    let mut config = nats.config();
    config.servers = vec![format!("nats://{}", proxy.address)];
    let (near, far) = (Node::start(&nats.config()).await, Node::start(&config).await);
    let author = ids::user_id();
    let lobby = RoomName::lobby();
    accept(&far.chat, &post(author, &lobby, "first")).await;
    proxy.deafen();
    let outcome = far.submit(post(author, &lobby, "second")).await;
    // It heard of it by another connection: of the first message or of the second.
    assert_eq!(outcome.map(|accepted| accepted.seq), Ok(2));
    accept(&far.chat, &post(author, &lobby, "third")).await;
    let end = near.storage.log.extent().await.unwrap().last;
    assert!(end > 3, "it was published once");
    for node in [&near, &far] {
        node.applied(end).await;
        assert_eq!(node.texts(&lobby).await, ["first", "second", "third"]);
    }
}
