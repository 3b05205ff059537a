//! Whoever applies slowly.

use std::time::Instant;

use chat::order::Order as _;
use chat::{Command, LogNext, LogPoint, Refusal, Reply, ids};
use cluster::limits::RECEIVED_MESSAGES_MAX;
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::{LogClient, Names, NodeId};

use protocol::RoomName;

use crate::support::nats::{Nats, PATIENCE};
use crate::support::node::{in_time, post};

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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_behind_what_is_not_delivered_hears_in_time_that_nothing_is_known() {
    let nats = Nats::start(1);
    let config = nats.config();
    let names = Names::of(&config.stream).unwrap();
    let connection = Box::pin(Connection::open(&config, &|_| {})).await.unwrap();
    let storage = Box::pin(Storage::open(&connection, &names, &config, &|_| {}))
        .await
        .unwrap();
    let jetstream = nats.jetstream().await;
    for number in 0..RECEIVED_MESSAGES_MAX {
        let publishing = jetstream.publish(names.log_subject(), number.to_string().into());
        publishing.await.unwrap().await.unwrap();
    }
    let start = LogPoint::default();
    let (client, order, mut log) = LogClient::new(NodeId::new(1), &connection, &names, &storage.log, start);
    let following = client.start(None);
    let mut progress = following.progress();
    let most = RECEIVED_MESSAGES_MAX as u64;
    let full = progress.wait_for(|progress| progress.received.position == most);
    in_time("the room to be full", full).await.unwrap();
    // One is published, and the others wait for it.
    let author = ids::user_id();
    let (answers, mut answered) = tokio::sync::mpsc::channel(8);
    for number in 0..8 {
        let answers = answers.clone();
        let reply = Reply::new(move |outcome| answers.try_send((number, outcome)).unwrap());
        let command = post(author, &RoomName::lobby(), &number.to_string());
        order.offer(command, reply).unwrap();
        if number == 0 {
            let published = async { while storage.log.extent().await.unwrap().last == most {} };
            in_time("the first to be published", published).await;
        }
    }
    let mut unknown = Vec::new();
    while unknown.len() < 8 {
        let (number, outcome) = in_time("an answer", answered.recv()).await.unwrap();
        assert_eq!(outcome, Err(Refusal::Unavailable));
        unknown.push(number);
    }
    unknown.sort_unstable();
    assert_eq!(unknown, (0..8).collect::<Vec<_>>());
    // What was never published is in no log, also later.
    let applying = tokio::task::spawn_blocking(move || {
        let is_rest = log_is(&mut log, 1..=most);
        (log, is_rest)
    });
    let (mut log, is_rest) = in_time("the rest", applying).await.unwrap();
    assert!(is_rest);
    let command = post(author, &RoomName::lobby(), "next");
    let repeated = command.clone();
    let mut link = connection.link();
    // What has not been published yet is let go when the log is given up for a moment, as it may be after so long.
    let offering = async {
        loop {
            link.wait_for(|link| !link.is_apart()).await.unwrap();
            let (answer, answered) = tokio::sync::oneshot::channel();
            let reply = Reply::new(|outcome| {
                let _ = answer.send(outcome);
            });
            if order.offer(repeated.clone(), reply).is_ok() {
                let _ = answered.await;
            }
        }
    };
    let taking = tokio::task::spawn_blocking(move || {
        use chat::Log as _;
        let mut said: Vec<Command> = Vec::new();
        while said.last() != Some(&command) {
            let LogNext::Message(message) = log.next(Instant::now() + PATIENCE) else {
                break;
            };
            said.extend(message.commands.into_iter().map(|asked| asked.command));
        }
        // The first was published again meanwhile.
        said.dedup();
        said.len()
    });
    let taken = async {
        tokio::select! {
            taken = taking => taken.unwrap(),
            () = offering => 0,
        }
    };
    assert_eq!(in_time("the next", taken).await, 2);
}

fn log_is(log: &mut cluster::ReceivedLog, mut positions: std::ops::RangeInclusive<u64>) -> bool {
    use chat::Log as _;
    positions.all(|position| match log.next(Instant::now() + PATIENCE) {
        LogNext::Message(message) => message.point.position == position && message.commands.is_empty(),
        LogNext::Nothing | LogNext::End => false,
    })
}
