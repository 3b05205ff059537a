//! Logs that are not what they were, or not what they should be.

use async_nats::jetstream;
use chat::ids;
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::{Config, Names, Stopped};
use protocol::RoomName;

use crate::support::nats::Nats;
use crate::support::node::{Node, accept, post};

/// Makes a log, and lets it be broken before it is as it must be again.
async fn broken<Breaking: Future<Output = ()>>(
    nats: &Nats,
    config: &Config,
    messages: usize,
    break_it: impl FnOnce(jetstream::stream::Stream) -> Breaking,
) {
    let connection = Box::pin(Connection::open(config, &|_| {})).await.unwrap();
    let names = Names::of(&config.stream).unwrap();
    let storage = Box::pin(Storage::open(&connection, &names, config, &|_| {}));
    let right = storage.await.unwrap().log.stream().cached_info().config.clone();
    let jetstream = nats.jetstream().await;
    jetstream.delete_stream(&config.stream).await.unwrap();
    let open = jetstream::stream::Config {
        deny_delete: false,
        deny_purge: false,
        ..right.clone()
    };
    let stream = jetstream.create_stream(open).await.unwrap();
    for number in 0..messages {
        jetstream
            .publish("MADANG.log", number.to_string().into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    break_it(stream).await;
    jetstream.update_stream(right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_with_a_hole_stops_the_node_before_it() {
    let nats = Nats::start(1);
    let config = nats.config();
    broken(&nats, &config, 4, async |stream| {
        stream.delete_message(3).await.unwrap();
    })
    .await;
    let node = Node::start(&config).await;
    assert_eq!(node.stopped().await, Stopped::Hole { position: 3 });
    assert_eq!(node.applied(2).await.position, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_begins_later_leaves_a_node_behind() {
    let nats = Nats::start(1);
    let config = nats.config();
    broken(&nats, &config, 4, async |stream| {
        stream.purge().sequence(3).await.unwrap();
    })
    .await;
    let node = Node::start(&config).await;
    assert_eq!(
        node.stopped().await,
        Stopped::LeftBehind {
            position: 0,
            first: 3
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_rewritten_stops_the_node() {
    let nats = Nats::start(1);
    let config = nats.config();
    let node = Node::start(&config).await;
    for text in ["one", "two"] {
        accept(&node.chat, &post(ids::user_id(), &RoomName::lobby(), text)).await;
    }
    broken(&nats, &config, 5, async |_| ()).await;
    assert_eq!(node.stopped().await, Stopped::Rewritten { position: 2 });
    assert_eq!(node.texts(&RoomName::lobby()).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_lost_its_end_stops_the_node_when_it_starts_again() {
    let nats = Nats::start(1);
    let config = nats.config();
    let node = Node::start(&config).await;
    for text in ["one", "two"] {
        accept(&node.chat, &post(ids::user_id(), &RoomName::lobby(), text)).await;
    }
    let folder = node.stop().await;
    broken(&nats, &config, 1, async |_| ()).await;
    let node = Node::start_in(&config, folder).await;
    assert_eq!(node.stopped().await, Stopped::Rewritten { position: 2 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_of_later_stops_the_node_and_nothing_behind_it_is_applied() {
    let nats = Nats::start(1);
    let node = Node::start(&nats.config()).await;
    let author = ids::user_id();
    accept(&node.chat, &post(author, &RoomName::lobby(), "known")).await;
    let jetstream = nats.jetstream().await;
    for payload in ["madang/9\n{}", "anything"] {
        jetstream
            .publish("MADANG.log", payload.into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    assert_eq!(
        node.stopped().await,
        Stopped::UnknownFormat {
            position: 2,
            format: 9
        }
    );
    assert_eq!(node.chat.applied().borrow().position, 1);
    assert_eq!(node.progress().received.position, 1);
}
