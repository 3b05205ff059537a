//! Finding NATS, and what a cluster has there.

use async_nats::jetstream::stream::{DiscardPolicy, RetentionPolicy, Source, StorageType};
use async_nats::jetstream::{self, kv};
use cluster::nats::connection::Connection;
use cluster::nats::monitor::{Finding, look};
use cluster::nats::stream::Storage;
use cluster::{Config, Error, Names};

use crate::support::nats::Nats;

fn quiet(_: String) {}

async fn open(config: &Config) -> Result<Storage, Error> {
    let connection = Connection::open(config, &quiet).await?;
    Storage::open(&connection, &Names::of(&config.stream).unwrap(), config, &quiet).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_made_where_there_is_none_and_found_where_there_is() {
    let nats = Nats::start(1);
    let config = nats.config();
    open(&config).await.unwrap();
    let storage = open(&config).await.unwrap();
    let made = storage.log.stream().cached_info().config.clone();
    assert_eq!(made.subjects, ["MADANG.log"]);
    assert!(made.deny_delete && made.deny_purge);
    assert_eq!(
        (made.discard, made.storage),
        (DiscardPolicy::New, StorageType::File)
    );
    assert_eq!(look(&config.monitors).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_refused_for_each_thing_that_is_not_as_it_must_be() {
    type Change = fn(&mut jetstream::stream::Config);
    let changes: [(&str, Change); 12] = [
        ("storage", |config| config.storage = StorageType::Memory),
        ("discard", |config| config.discard = DiscardPolicy::Old),
        ("retention", |config| config.retention = RetentionPolicy::Interest),
        ("subjects", |config| config.subjects.push("more".to_owned())),
        ("max_age", |config| config.max_age *= 2),
        ("deny_delete", |config| config.deny_delete = false),
        ("deny_purge", |config| config.deny_purge = false),
        ("no_ack", |config| config.no_ack = true),
        ("max_msgs_per_subject", |config| {
            config.max_messages_per_subject = 9
        }),
        ("max_msg_size", |config| config.max_message_size = 1_000),
        ("max_consumers", |config| config.max_consumers = 9),
        ("sources", |config| {
            config.sources = Some(vec![Source {
                name: "OTHER".to_owned(),
                ..Default::default()
            }]);
        }),
    ];
    let nats = Nats::start(1);
    let config = nats.config();
    let right = open(&config)
        .await
        .unwrap()
        .log
        .stream()
        .cached_info()
        .config
        .clone();
    let jetstream = nats.jetstream().await;
    for (field, change) in changes {
        jetstream.delete_stream(&config.stream).await.unwrap();
        let mut wrong = right.clone();
        change(&mut wrong);
        jetstream.create_stream(wrong).await.unwrap();
        match open(&config).await {
            Err(Error::Stream {
                stream, field: named, ..
            }) => assert_eq!((stream.as_str(), named), ("MADANG", field)),
            other => panic!("{field}: {:?}", other.err()),
        }
    }
    jetstream.delete_stream(&config.stream).await.unwrap();
    jetstream.create_stream(right).await.unwrap();
    open(&config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_refused_that_is_not_as_it_must_be() {
    let nats = Nats::start(1);
    let config = nats.config();
    let names = Names::of(&config.stream).unwrap();
    let bucket = kv::Config {
        bucket: names.settings_bucket(),
        history: 5,
        ..Default::default()
    };
    nats.jetstream().await.create_key_value(bucket).await.unwrap();
    let error = open(&config).await.err().unwrap().to_string();
    assert!(
        error.contains("KV_MADANG-settings has max_msgs_per_subject 5, and must have 1"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_copies_than_there_are_servers_are_refused_with_a_sentence() {
    let nats = Nats::start(1);
    let config = Config {
        replicas: 3,
        ..nats.config()
    };
    assert!(matches!(
        open(&config).await,
        Err(Error::FewServers { replicas: 3 })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_copies_than_were_asked_for_are_refused() {
    let nats = Nats::start(3);
    open(&Config {
        replicas: 1,
        ..nats.config()
    })
    .await
    .unwrap();
    let error = open(&nats.config()).await.err().unwrap().to_string();
    assert!(
        error.contains(
            "MADANG has 1 copies (num_replicas), and this node was told 3: give it --nats-replicas 1"
        ),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_is_waited_for_when_it_starts_later() {
    let mut nats = Nats::start(1);
    let config = nats.config();
    nats.kill_all();
    let (told, mut tell) = tokio::sync::mpsc::channel(1);
    let opening = tokio::spawn(async move {
        let progress = move |words: String| drop(told.try_send(words));
        Connection::open(&config, &progress).await.map(drop)
    });
    let words = tell.recv().await.unwrap();
    assert!(words.contains("can be reached"), "{words}");
    nats.restart();
    opening.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_connection_is_said_at_once_and_in_a_sentence() {
    let nats = Nats::start_with(
        1,
        "sync_interval: always",
        "authorization { user: chat, password: \"s@cret\" }",
    );
    let error = open(&nats.config()).await.err().unwrap();
    assert!(matches!(error, Error::NotLetIn { .. }), "{error}");

    let mut config = nats.config();
    config.servers = vec![config.servers[0].replace("nats://", "nats://chat:s%40cret@")];
    open(&config).await.unwrap();

    config.servers = vec![config.servers[0].replace("cret", "other")];
    let error = open(&config).await.err().unwrap().to_string();
    assert!(
        error.contains("do not let this node in") && !error.contains("other"),
        "{error}"
    );

    config.servers = vec!["http://127.0.0.1:1".to_owned()];
    assert!(matches!(open(&config).await, Err(Error::ServerAddress(_))));

    let config = Config {
        tls_ca: Some("/nowhere.pem".into()),
        ..nats.config()
    };
    let error = open(&config).await.err().unwrap().to_string();
    assert!(error.contains("/nowhere.pem"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_jetstream_is_told_of() {
    let nats = Nats::start_with(1, "enabled: false", "");
    let config = nats.config();
    let error = open(&config).await.err().unwrap();
    assert!(matches!(error, Error::NoJetStream { .. }), "{error}");
    assert!(matches!(
        look(&config.monitors).await[..],
        [Finding::NoJetStream { .. }]
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_sync_is_found_and_one_that_cannot_be_seen_is_told_of() {
    let nats = Nats::start_with(1, "sync_interval: 1m", "");
    let mut monitors = nats.config().monitors;
    assert!(matches!(look(&monitors).await[..], [Finding::NotSynced { .. }]));
    monitors = vec!["http://127.0.0.1:1".to_owned(), "ftp://x".to_owned()];
    assert!(matches!(
        look(&monitors).await[..],
        [Finding::Unseen { .. }, Finding::Unseen { .. }]
    ));
    // What answers, and is no monitoring address.
    monitors = vec![nats.config().servers[0].replace("nats://", "http://")];
    assert!(matches!(look(&monitors).await[..], [Finding::Unseen { .. }]));
    assert_eq!(look(&[]).await, [Finding::NothingToAsk]);
}
