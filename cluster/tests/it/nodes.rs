//! Nodes that join, differ, stop and are rebuilt.

use std::time::Duration;

use chat::DataFolder;
use chat::limits::LOG_HASHES_KEPT;
use cluster::{Config, Error, Status, Stopped, seed};

use crate::support::nats::Nats;
use crate::support::nodes::{Folder, Running, in_time, rebuilding, snapshots, stopped, until};

fn named(nats: &Nats, name: &str) -> Config {
    Config {
        name: name.to_owned(),
        ..nats.config()
    }
}

/// Lets all messages of the log be too old, as they are after seven days.
async fn outlive_the_log(nats: &Nats) {
    let jetstream = nats.jetstream().await;
    let mut stream = jetstream.get_stream("MADANG").await.unwrap();
    let before = stream.info().await.unwrap().config.clone();
    let mut short = before.clone();
    short.max_age = Duration::from_secs(1);
    short.duplicate_window = Duration::from_secs(1);
    jetstream.update_stream(short).await.unwrap();
    until("the log's messages to be too old", async || {
        stream.info().await.unwrap().state.messages == 0
    })
    .await;
    jetstream.update_stream(before).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_one_node_is_on_all_and_they_are_one_chat() {
    let nats = Nats::start(3);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let (one, two, three) = tokio::join!(
        Running::start(named(&nats, "one"), &folders[0]),
        Running::start(named(&nats, "two"), &folders[1]),
        Running::start(named(&nats, "three"), &folders[2]),
    );
    let nodes = [one, two, three];
    for node in &nodes {
        node.hears(2).await;
    }
    for (node, text) in nodes.iter().zip(["one", "two", "three"]) {
        node.say_many(20, text).await;
    }
    let last = nodes[2].position();
    for node in &nodes {
        node.reaches(last).await;
    }
    assert_eq!(folders[0].said().len(), 60);
    for folder in &folders[1..] {
        assert_eq!(folder.said(), folders[0].said());
        assert_eq!(folder.epoch(), folders[0].epoch());
        assert_eq!(folder.key(), folders[0].key());
    }
    assert_eq!(
        nodes
            .iter()
            .map(|node| node.node.signing_key().to_vec())
            .collect::<Vec<_>>(),
        folders.iter().map(Folder::key).collect::<Vec<_>>()
    );
    let [one, two, three] = nodes;
    three.stop().await;
    one.hears(1).await;
    two.hears(1).await;
    two.stop().await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_where_it_was() {
    let nats = Nats::start(1);
    let (staying, leaving) = (Folder::new(), Folder::new());
    let stays = Running::start(nats.config(), &staying).await;
    let leaves = Running::start(nats.config(), &leaving).await;
    leaves.say_many(5, "together").await;
    leaves.stop().await;
    stays.say_many(5, "alone").await;
    let last = stays.position();
    let back = Running::start(nats.config(), &leaving).await;
    // It is ready, so it has everything.
    assert!(back.position() >= last);
    assert_eq!(leaving.said(), staying.said());
    assert!(
        !back.told.iter().any(|words| words.contains("snapshot")),
        "{:?}",
        back.told
    );
    back.stop().await;
    stays.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_begins_with_a_snapshot_that_one_node_made_and_serves_once_it_has_the_log_too() {
    let nats = Nats::start(3);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let first = Running::start(named(&nats, "first"), &folders[0]).await;
    let second = Running::start(named(&nats, "second"), &folders[1]).await;
    first.say_many(20, "in the snapshot").await;
    until("a snapshot", async || !snapshots(&nats).await.is_empty()).await;
    second.say_many(20, "in the log").await;
    // Two nodes could have made one.
    assert_eq!(snapshots(&nats).await.len(), 1);
    let last = second.position();
    let new = Running::start(named(&nats, "new"), &folders[2]).await;
    assert!(new.position() >= last);
    assert!(
        new.told.iter().any(|words| words.contains("snapshot")),
        "{:?}",
        new.told
    );
    assert_eq!(folders[2].said(), folders[1].said());
    new.say("hello").await;
    first.reaches(new.position()).await;
    assert_eq!(folders[0].said(), folders[2].said());
    assert!(!folders[2].file("snapshot.tmp").exists());
    for node in [new, second, first] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_database_has_a_fault_makes_no_snapshot_and_another_does() {
    let nats = Nats::start(1);
    let (damaged, sound, new) = (Folder::new(), Folder::new(), Folder::new());
    // It has the first look whether a snapshot is due.
    let first = Running::start(named(&nats, "damaged"), &damaged).await;
    let second = Running::start(named(&nats, "sound"), &sound).await;
    first.say_many(5, "hello").await;
    damaged.damage();
    second.reaches(first.position()).await;
    until("a snapshot", async || !snapshots(&nats).await.is_empty()).await;
    let third = Running::start(named(&nats, "new"), &new).await;
    let told = third.told.join("\n");
    assert!(told.contains("looking through the snapshot"), "{told}");
    // Had that not been sound it would be there by the log alone.
    assert!(!told.contains("beginning with the log"), "{told}");
    assert_eq!(new.said(), sound.said());
    for node in [third, second, first] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_away_for_longer_than_the_log_lasts_is_built_anew_at_its_start() {
    let nats = Nats::start(1);
    let (staying, leaving) = (Folder::new(), Folder::new());
    let stays = Running::start(nats.config(), &staying).await;
    let leaves = Running::start(nats.config(), &leaving).await;
    leaves.say_many(5, "together").await;
    leaves.stop().await;
    stays.say_many(5, "alone").await;
    outlive_the_log(&nats).await;
    let last = stays.position();
    // Where the log does not begin with the next message any more, one is due at once.
    until("a snapshot", async || {
        snapshots(&nats).await.last() == Some(&last)
    })
    .await;
    let back = Running::start(nats.config(), &leaving).await;
    assert_eq!(leaving.said(), staying.said());
    back.say("back").await;
    stays.reaches(back.position()).await;
    assert_eq!(staying.said(), leaving.said());
    back.stop().await;
    stays.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_history_differs_from_that_of_two_others_stops_and_is_sound_once_it_is_rebuilt() {
    let nats = Nats::start(1);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let first = Running::start(named(&nats, "first"), &folders[0]).await;
    let second = Running::start(named(&nats, "second"), &folders[1]).await;
    let third = Running::start(named(&nats, "third"), &folders[2]).await;
    third.say_many(5, "hello").await;
    third.stop().await;
    folders[2].corrupt();
    let started = Running::try_start(named(&nats, "corrupt"), &folders[2]).await;
    let reason = stopped(started).await;
    assert!(matches!(reason, Stopped::Differs { .. }), "{reason:?}");
    assert!(reason.to_string().contains("--rebuild"), "{reason}");
    first.say("the others go on").await;
    second.say("both of them").await;
    for node in [&first, &second] {
        assert_eq!(*node.node.status().borrow(), Status::Ready);
    }
    let rebuilt = Running::start(rebuilding(&nats), &folders[2]).await;
    rebuilt.say("sound again").await;
    first.reaches(rebuilt.position()).await;
    assert_eq!(folders[2].said(), folders[0].said());
    assert!(!folders[2].file("madang.db.before-rebuild").exists());
    for node in [rebuilt, second, first] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_comes_to_differ_while_it_serves_stops_and_lets_nothing_in() {
    let nats = Nats::start(1);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let first = Running::start(named(&nats, "first"), &folders[0]).await;
    let second = Running::start(named(&nats, "second"), &folders[1]).await;
    let third = Running::start(named(&nats, "third"), &folders[2]).await;
    third.say_many(5, "hello").await;
    first.reaches(third.position()).await;
    second.reaches(third.position()).await;
    folders[2].corrupt();
    let reason = third.stops().await;
    assert!(matches!(reason, Stopped::Differs { .. }), "{reason:?}");
    let position = third.position();
    first.say("the others go on").await;
    second.reaches(first.position()).await;
    assert_eq!(third.position(), position);
    for node in [third, second, first] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_found_to_differ_serves_nobody_either_when_it_is_started_again_and_is_alone() {
    let nats = Nats::start(1);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let first = Running::start(named(&nats, "first"), &folders[0]).await;
    let second = Running::start(named(&nats, "second"), &folders[1]).await;
    let third = Running::start(named(&nats, "third"), &folders[2]).await;
    third.say_many(5, "hello").await;
    first.reaches(third.position()).await;
    second.reaches(third.position()).await;
    folders[2].corrupt();
    let reason = third.stops().await;
    for node in [third, second, first] {
        node.stop().await;
    }
    for _ in 0..2 {
        let refused = Running::try_start(named(&nats, "again"), &folders[2]).await;
        assert_eq!(stopped(refused).await, reason);
    }
    let first = Running::start(named(&nats, "first"), &folders[0]).await;
    let rebuilt = Running::start(rebuilding(&nats), &folders[2]).await;
    rebuilt.stop().await;
    // Built anew, it has nothing against it any more.
    let third = Running::start(named(&nats, "third"), &folders[2]).await;
    assert_eq!(folders[2].said(), folders[0].said());
    third.stop().await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_differ_the_one_stops_that_does_not_have_what_the_log_has() {
    let nats = Nats::start(1);
    let (right, wrong) = (Folder::new(), Folder::new());
    let stays = Running::start(named(&nats, "right"), &right).await;
    let leaves = Running::start(named(&nats, "wrong"), &wrong).await;
    leaves.say_many(5, "hello").await;
    leaves.stop().await;
    wrong.corrupt();
    let started = Running::try_start(named(&nats, "wrong"), &wrong).await;
    let reason = stopped(started).await;
    assert!(matches!(reason, Stopped::Differs { .. }), "{reason:?}");
    stays.hears(0).await;
    stays.say("still here").await;
    assert_eq!(*stays.node.status().borrow(), Status::Ready);
    stays.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_differs_and_comes_back_does_not_stop_the_only_one_that_serves() {
    // What it keeps is of no matter.
    let nats = Nats::start_with(1, "", "");
    let (right, wrong) = (Folder::new(), Folder::new());
    let stays = Running::start(named(&nats, "right"), &right).await;
    let leaves = Running::start(named(&nats, "wrong"), &wrong).await;
    // More than are read again, and so many that hashes of before are no more kept.
    let before = LOG_HASHES_KEPT + 100;
    nats.fill_log(before).await;
    stays.reaches(before).await;
    leaves.reaches(before).await;
    leaves.stop().await;
    wrong.corrupt_chain(300);
    nats.fill_log(200).await;
    stays.reaches(before + 200).await;
    let started = Running::try_start(named(&nats, "wrong"), &wrong).await;
    let reason = stopped(started).await;
    assert!(matches!(reason, Stopped::Differs { .. }), "{reason:?}");
    stays.say("still here").await;
    assert_eq!(*stays.node.status().borrow(), Status::Ready);
    stays.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_that_nats_is_away_and_goes_on_by_itself_when_it_is_back() {
    let mut nats = Nats::start(1);
    let folder = Folder::new();
    let node = Running::start(nats.config(), &folder).await;
    node.say("before").await;
    nats.kill_all();
    node.becomes(|status| *status == Status::Apart).await;
    assert_eq!(folder.said().len(), 1);
    nats.restart();
    node.becomes(|status| *status == Status::Ready).await;
    node.say("after").await;
    assert_eq!(folder.said().len(), 2);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_more_than_the_log_stops_and_is_not_rebuilt_by_itself() {
    let nats = Nats::start(1);
    let folder = Folder::new();
    let node = Running::start(nats.config(), &folder).await;
    node.say_many(5, "hello").await;
    let said = folder.said();
    node.stop().await;
    // As if the log had lost its end.
    let change = "UPDATE meta SET applied = applied + 9; UPDATE log_hashes SET position = position + 9;";
    folder.database().execute_batch(change).unwrap();
    let refused = Running::try_start(nats.config(), &folder).await.err().unwrap();
    assert!(
        matches!(refused, Error::Stopped(Stopped::Rewritten { .. })),
        "{refused}"
    );
    assert_eq!(folder.said(), said);
}

/// By hand, in release: `cargo test --release -p cluster --test it -- --ignored many_messages --nocapture`, with
/// `MADANG_MESSAGES` for another number of messages.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and gigabytes"]
async fn a_new_node_with_many_messages_is_ready_soon() {
    const BOUND: Duration = Duration::from_secs(120);
    let messages = std::env::var("MADANG_MESSAGES").map_or(5_000_000, |messages| messages.parse().unwrap());
    let nats = Nats::start(3);
    let single = Folder::of_single_server(1).await;
    single.fill(messages);
    let bytes = std::fs::metadata(single.file("madang.db")).unwrap().len();
    let begun = std::time::Instant::now();
    seed(nats.config(), DataFolder::open(single.path()).unwrap(), |_| {})
        .await
        .unwrap();
    eprintln!(
        "{messages} messages, {} MB: seeded in {:.1?}",
        bytes / 1_000_000,
        begun.elapsed()
    );
    let node = Running::start(nats.config(), &single).await;
    node.say_many(100, "in the log").await;
    let folder = Folder::new();
    let begun = std::time::Instant::now();
    let new = in_time("a new node", Running::start(nats.config(), &folder)).await;
    let took = begun.elapsed();
    eprintln!("a new node was ready after {took:.1?}");
    assert_eq!(new.position(), node.position());
    assert!(took <= BOUND, "{took:?}");
    new.stop().await;
    node.stop().await;
}
