//! Two chats on one log.

use chat::{Action, LogPoint, Refusal, ids};
use protocol::RoomName;

use crate::support::nats::Nats;
use crate::support::node::{Node, accept, post};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_have_one_another_s_posts_in_the_same_order() {
    let nats = Nats::start(3);
    let config = nats.config();
    let nodes = [Node::start(&config).await, Node::start(&config).await];
    let lobby = RoomName::lobby();
    let mut posters = tokio::task::JoinSet::new();
    for poster in 0..16 {
        let chat = nodes[poster % 2].chat.clone();
        let lobby = lobby.clone();
        posters.spawn(async move {
            let author = ids::user_id();
            for number in 0..25 {
                accept(&chat, &post(author, &lobby, &format!("{poster} says {number}"))).await;
            }
        });
    }
    posters.join_all().await;
    let end = nodes[0].storage.log.extent().await.unwrap().last;
    let points = [nodes[0].applied(end).await, nodes[1].applied(end).await];
    assert_eq!(points[0], points[1]);
    let texts = nodes[0].texts(&lobby).await;
    assert_eq!(texts, nodes[1].texts(&lobby).await);
    assert_eq!(texts.len(), 400);
    for poster in 0..16 {
        let prefix = format!("{poster} says ");
        let own: Vec<_> = texts
            .iter()
            .filter_map(|text| text.strip_prefix(&prefix))
            .collect();
        assert_eq!(own, (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_says_the_other_answers_to_a_repeat() {
    let nats = Nats::start(1);
    let nodes = [
        Node::start(&nats.config()).await,
        Node::start(&nats.config()).await,
    ];
    let command = post(ids::user_id(), &RoomName::lobby(), "once");
    let first = nodes[0].submit(command.clone()).await.unwrap();
    // A client that moves repeats what it does not know the fate of; the event that it would make is another.
    let again = chat::Command {
        event_id: ids::event_id(),
        ..command
    };
    let second = nodes[1].submit(again).await.unwrap();
    assert_eq!(
        (first.seq, first.repeated, second.seq, second.repeated),
        (1, false, 1, true)
    );
    let refused = nodes[1].submit(chat::Command {
        action: Action::Delete {
            room: RoomName::lobby(),
            target: 9,
        },
        client_id: ids::client_id(),
        ..post(ids::user_id(), &RoomName::lobby(), "x")
    });
    assert_eq!(refused.await, Err(Refusal::NoSuchMessage));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_away_goes_on_where_it_stopped() {
    let nats = Nats::start(1);
    let lobby = RoomName::lobby();
    let stays = Node::start(&nats.config()).await;
    let goes = Node::start(&nats.config()).await;
    let author = ids::user_id();
    accept(&goes.chat, &post(author, &lobby, "before")).await;
    let folder = goes.stop().await;
    for number in 0..300 {
        accept(&stays.chat, &post(author, &lobby, &number.to_string())).await;
    }
    let end = stays.applied(301).await.position;
    let back = Node::start_in(&nats.config(), folder).await;
    back.applied(end).await;
    let hash = back.chat.log_hash(end).await.unwrap();
    assert_eq!(
        (hash, hash.is_some()),
        (stays.chat.log_hash(end).await.unwrap(), true)
    );
    assert_eq!(back.texts(&lobby).await, stays.texts(&lobby).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_somebody_else_s_is_passed_over_alike_by_all() {
    let nats = Nats::start(1);
    let nodes = [
        Node::start(&nats.config()).await,
        Node::start(&nats.config()).await,
    ];
    let lobby = RoomName::lobby();
    let author = ids::user_id();
    accept(&nodes[0].chat, &post(author, &lobby, "one")).await;
    let jetstream = nats.jetstream().await;
    let foreign = jetstream
        .publish("MADANG.log", "what is this?".into())
        .await
        .unwrap();
    assert_eq!(foreign.await.unwrap().sequence, 2);
    accept(&nodes[1].chat, &post(author, &lobby, "two")).await;
    let points = [nodes[0].applied(3).await, nodes[1].applied(3).await];
    assert_eq!(points[0], points[1]);
    for node in &nodes {
        assert_eq!(node.texts(&lobby).await, ["one", "two"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_before_it_is_applied() {
    let nats = Nats::start(1);
    let node = Node::start(&nats.config()).await;
    let author = ids::user_id();
    for number in 1..=50_u64 {
        let seq = accept(&node.chat, &post(author, &RoomName::lobby(), "x")).await;
        assert_eq!(seq, number);
        let LogPoint { position, .. } = *node.chat.applied().borrow();
        assert!(position >= number, "answered {number} at {position}");
    }
}
