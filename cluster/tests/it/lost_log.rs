//! Clusters whose log is gone from NATS, or another one: nobody begins it anew, and what only nodes have is kept.

use async_nats::jetstream;
use chat::DataFolder;
use cluster::{Config, Error, seed};

use crate::support::nats::Nats;
use crate::support::nodes::{Folder, Running};

/// Why nodes with this folder, with it and --rebuild, and with an empty folder, are not started.
async fn refusals(config: &Config, folder: &Folder) -> Vec<Error> {
    let rebuilding = Config {
        rebuild: true,
        ..config.clone()
    };
    let empty = Folder::new();
    let mut refusals = Vec::new();
    for (config, folder) in [(config, folder), (&rebuilding, folder), (config, &empty)] {
        let started = Running::try_start(config.clone(), folder).await;
        refusals.push(started.err().unwrap());
    }
    assert!(!empty.file("madang.db").exists());
    refusals
}

/// A cluster in which something was said.
async fn used(nats: &Nats, folder: &Folder) -> Vec<String> {
    let node = Running::start(nats.config(), folder).await;
    node.say_many(5, "acknowledged").await;
    node.stop().await;
    folder.said()
}

async fn streams(nats: &Nats) -> Vec<String> {
    let names = nats.jetstream().await.stream_names();
    futures_util::TryStreamExt::try_collect(names).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_gone_is_not_made_anew_and_what_nodes_have_makes_another_cluster() {
    let nats = Nats::start(1);
    let folder = Folder::new();
    let said = used(&nats, &folder).await;
    let jetstream = nats.jetstream().await;
    jetstream.delete_stream("MADANG").await.unwrap();
    for refused in refusals(&nats.config(), &folder).await {
        assert!(matches!(refused, Error::LogGone { .. }), "{refused}");
        assert!(
            refused.to_string().contains("Losing everything in NATS"),
            "{refused}"
        );
    }
    assert!(!streams(&nats).await.contains(&"MADANG".to_owned()));
    assert_eq!(folder.said(), said);
    let config = Config {
        stream: "ANOTHER".to_owned(),
        ..nats.config()
    };
    let data = DataFolder::open(folder.path()).unwrap();
    seed(config.clone(), data, |_| {}).await.unwrap();
    let node = Running::start(config, &folder).await;
    assert_eq!(folder.said(), said);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_somebody_made_anew_is_not_taken_for_the_former_one() {
    let nats = Nats::start(1);
    let folder = Folder::new();
    let said = used(&nats, &folder).await;
    let jetstream = nats.jetstream().await;
    let log = jetstream.get_stream("MADANG").await.unwrap();
    let as_it_was: jetstream::stream::Config = log.cached_info().config.clone();
    jetstream.delete_stream("MADANG").await.unwrap();
    jetstream.create_stream(as_it_was).await.unwrap();
    for refused in refusals(&nats.config(), &folder).await {
        assert!(matches!(refused, Error::LogReplaced { .. }), "{refused}");
    }
    assert_eq!(folder.said(), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_cluster_begins_none_and_makes_nothing_there() {
    let (nats, other) = (Nats::start(1), Nats::start(1));
    let folder = Folder::new();
    let said = used(&nats, &folder).await;
    let refused = Running::try_start(other.config(), &folder).await.err().unwrap();
    assert!(matches!(refused, Error::NoLog { .. }), "{refused}");
    assert!(streams(&other).await.is_empty());
    let mistyped = Config {
        stream: "MADNAG".to_owned(),
        ..nats.config()
    };
    let refused = Running::try_start(mistyped, &folder).await.err().unwrap();
    assert!(
        matches!(&refused, Error::OtherStream { kept, stream, .. } if kept == "MADANG" && stream == "MADNAG"),
        "{refused}"
    );
    assert!(!streams(&nats).await.contains(&"MADNAG".to_owned()));
    let node = Running::start(nats.config(), &folder).await;
    assert_eq!(folder.said(), said);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_the_same_when_its_servers_have_started_again_and_another_one_leads_it() {
    let mut nats = Nats::start(3);
    let folder = Folder::new();
    let said = used(&nats, &folder).await;
    for _ in 0..2 {
        let leader = nats.leader("MADANG").await;
        nats.kill(leader);
        let node = Running::start(nats.config(), &folder).await;
        node.stop().await;
        nats.kill_all();
        nats.restart();
    }
    let node = Running::start(nats.config(), &folder).await;
    assert_eq!(folder.said(), said);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_somebody_else_that_takes_the_log_s_subject_is_refused_at_once() {
    let nats = Nats::start(1);
    let others = jetstream::stream::Config {
        name: "OTHERS".to_owned(),
        subjects: vec!["MADANG.>".to_owned()],
        ..Default::default()
    };
    nats.jetstream().await.create_stream(others).await.unwrap();
    let refused = Running::try_start(nats.config(), &Folder::new())
        .await
        .err()
        .unwrap();
    assert!(matches!(refused, Error::Overlap { .. }), "{refused}");
    assert!(refused.to_string().contains("--nats-stream"), "{refused}");
}
