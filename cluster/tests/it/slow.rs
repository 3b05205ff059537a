//! Whoever applies slowly.

use std::time::Instant;

use chat::{LogNext, LogPoint};
use cluster::limits::RECEIVED_MESSAGES_MAX;
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::{LogClient, Names, NodeId};

use crate::support::nats::{Nats, PATIENCE};
use crate::support::node::in_time;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_applied_yet_is_left_with_nats() {
    const MESSAGES: u64 = 1_000;
    let nats = Nats::start(1);
    let config = nats.config();
    let names = Names::of(&config.stream).unwrap();
    let connection = Box::pin(Connection::open(&config, &|_| {})).await.unwrap();
    let storage = Box::pin(Storage::open(&connection, &names, &config, &|_| {}))
        .await
        .unwrap();
    let jetstream = nats.jetstream().await;
    for number in 0..MESSAGES {
        let publishing = jetstream.publish(names.log_subject(), number.to_string().into());
        publishing.await.unwrap().await.unwrap();
    }
    let start = LogPoint::default();
    let (client, _order, mut log) = LogClient::new(NodeId::new(1), &connection, &names, &storage.log, start);
    let following = client.start(None);
    let mut progress = following.progress();
    let most = RECEIVED_MESSAGES_MAX as u64;
    let full = progress.wait_for(|progress| progress.received.position == most);
    in_time("the room to be full", full).await.unwrap();
    assert!(log_is(&mut log, 1..=1) && progress.borrow().end == Some(MESSAGES));
    let applying = tokio::task::spawn_blocking(move || log_is(&mut log, 2..=MESSAGES));
    assert!(in_time("the rest", applying).await.unwrap());
}

fn log_is(log: &mut cluster::ReceivedLog, mut positions: std::ops::RangeInclusive<u64>) -> bool {
    use chat::Log as _;
    positions.all(|position| match log.next(Instant::now() + PATIENCE) {
        LogNext::Message(message) => message.point.position == position && message.commands.is_empty(),
        LogNext::Nothing | LogNext::End => false,
    })
}
