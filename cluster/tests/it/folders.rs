//! What a node's folder may hold, and how it becomes a cluster's first state.

use async_nats::jetstream::object_store::ObjectMetadata;
use chat::{DataFolder, LogPoint};
use cluster::snapshots::Snapshots;
use cluster::{Config, Error, Names, Stopped, seed};

use crate::support::nats::Nats;
use crate::support::nodes::{Folder, Running, rebuilding, snapshots, stopped};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_messages_becomes_the_first_state_of_a_cluster() {
    let nats = Nats::start(1);
    let single = Folder::of_single_server(50).await;
    let (said, epoch, key) = (single.said(), single.epoch(), single.key());

    let refused = Running::try_start(nats.config(), &single).await.err().unwrap();
    assert!(matches!(refused, Error::NotSeeded { .. }), "{refused}");
    seed(nats.config(), DataFolder::open(single.path()).unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(snapshots(&nats).await, [0]);

    let other = Folder::new();
    let (one, two) = tokio::join!(
        Running::start(nats.config(), &single),
        Running::start(nats.config(), &other),
    );
    for folder in [&single, &other] {
        assert_eq!(folder.said(), said);
        assert_eq!(folder.epoch(), epoch);
        assert_eq!(folder.key(), key);
    }
    two.say("the first in the cluster").await;
    one.reaches(two.position()).await;
    assert_eq!(single.said(), other.said());
    assert_eq!(single.said().len(), 51);
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_a_node_makes_another_cluster_with_an_epoch_of_its_own() {
    let nats = Nats::start(1);
    let (folder, new) = (Folder::new(), Folder::new());
    let node = Running::start(nats.config(), &folder).await;
    node.say_many(3, "seen by some").await;
    let (said, epoch, key) = (folder.said(), folder.epoch(), folder.key());
    node.stop().await;
    let config = Config {
        stream: "ANOTHER".to_owned(),
        ..nats.config()
    };
    let data = DataFolder::open(folder.path()).unwrap();
    seed(config.clone(), data, |_| {}).await.unwrap();
    let (one, two) = tokio::join!(
        Running::start(config.clone(), &folder),
        Running::start(config, &new)
    );
    assert_eq!((folder.said(), folder.key()), (said, key));
    assert_eq!((new.said(), new.key()), (folder.said(), folder.key()));
    assert_ne!(folder.epoch(), epoch);
    assert_eq!(new.epoch(), folder.epoch());
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_without_the_key_of_those_who_said_them_make_no_cluster() {
    let nats = Nats::start(1);
    let single = Folder::of_single_server(1).await;
    std::fs::remove_file(single.file("signing-key")).unwrap();
    let data = DataFolder::open(single.path()).unwrap();
    let refused = seed(nats.config(), data, |_| {}).await.unwrap_err();
    assert!(matches!(refused, Error::KeyMissing { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_in_use_is_not_seeded() {
    let nats = Nats::start(1);
    let folder = Folder::new();
    let node = Running::start(nats.config(), &folder).await;
    let single = Folder::of_single_server(3).await;
    let said = single.said();
    let seeded = seed(nats.config(), DataFolder::open(single.path()).unwrap(), |_| {}).await;
    let refused = seeded.unwrap_err();
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");
    assert_eq!(single.said(), said);
    assert!(folder.said().is_empty());
    node.stop().await;
    let nothing = seed(
        nats.config(),
        DataFolder::open(Folder::new().path()).unwrap(),
        |_| {},
    )
    .await;
    assert!(matches!(nothing.unwrap_err(), Error::InUse { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_copies_of_a_folder_that_are_seeded_at_once_one_is_the_cluster_and_the_other_is_refused() {
    let nats = Nats::start(1);
    let folders = [Folder::of_single_server(3).await, Folder::new()];
    for name in ["madang.db", "signing-key"] {
        std::fs::copy(folders[0].file(name), folders[1].file(name)).unwrap();
    }
    folders[1].use_alone(2).await;
    let seeding = |folder: &Folder| seed(nats.config(), DataFolder::open(folder.path()).unwrap(), |_| {});
    let (one, other) = tokio::join!(seeding(&folders[0]), seeding(&folders[1]));
    let seeded: Vec<_> = [one, other].into_iter().map(|seeded| seeded.is_ok()).collect();
    assert_eq!(seeded.iter().filter(|is_seeded| **is_seeded).count(), 1);
    assert_eq!(snapshots(&nats).await, [0]);
    let [winner, loser] = if seeded[0] { [0, 1] } else { [1, 0] };
    let refused = Running::try_start(nats.config(), &folders[loser]).await.err();
    assert!(matches!(refused, Some(Error::WasAlone { .. })), "{refused:?}");
    let node = Running::start(nats.config(), &folders[winner]).await;
    let new = Folder::new();
    let other = Running::start(nats.config(), &new).await;
    assert_eq!(new.said(), folders[winner].said());
    other.stop().await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_seeding_left_that_was_broken_off_is_begun_with_by_nobody() {
    let nats = Nats::start(1);
    let single = Folder::of_single_server(3).await;
    let names = Names::of(&nats.config().stream).unwrap();
    // All but the identity.
    let mut former = Folder::of_single_server(1).await;
    seed(nats.config(), DataFolder::open(former.path()).unwrap(), |_| {})
        .await
        .unwrap();
    let jetstream = nats.jetstream().await;
    let settings = jetstream.get_key_value(names.settings_bucket()).await.unwrap();
    settings.purge("identity").await.unwrap();
    let purged = jetstream
        .get_stream(format!("KV_{}", names.settings_bucket()))
        .await;
    purged.unwrap().purge().await.unwrap();
    former = Folder::new();
    seed(nats.config(), DataFolder::open(single.path()).unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(snapshots(&nats).await, [0]);
    // And where it comes later still, as by one that stood still.
    let later = Folder::of_single_server(2).await;
    let epoch = single
        .database()
        .query_row("SELECT epoch FROM meta", [], |row| row.get(0));
    let epoch: [u8; 16] = epoch.unwrap();
    let bucket = Snapshots::open(&jetstream, &names).await.unwrap();
    let change = "UPDATE meta SET applied = 0, epoch = ?1";
    later.database().execute(change, [epoch]).unwrap();
    let file = later.file("madang.db");
    let epoch = protocol::Epoch::from_bytes(epoch);
    bucket
        .upload(&file, epoch, LogPoint::default(), &|_| {})
        .await
        .unwrap();
    let node = Running::start(nats.config(), &former).await;
    assert_eq!(former.said(), single.said());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_another_chat_is_refused_and_not_touched() {
    let nats = Nats::start(1);
    let node = Running::start(nats.config(), &Folder::new()).await;
    let other = Folder::of_single_server(3).await;
    let before = (other.said(), other.epoch(), other.key());
    for config in [nats.config(), rebuilding(&nats)] {
        let refused = Running::try_start(config, &other).await.err().unwrap();
        assert!(matches!(refused, Error::AnotherChat { .. }), "{refused}");
        assert_eq!((other.said(), other.epoch(), other.key()), before);
    }
    // The key may be all that is left of it.
    std::fs::remove_file(other.file("madang.db")).unwrap();
    let refused = Running::try_start(nats.config(), &other).await.err().unwrap();
    assert!(matches!(refused, Error::AnotherKey { .. }), "{refused}");
    assert_eq!(other.key(), before.2);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_used_without_its_cluster_is_refused_until_it_is_rebuilt() {
    let nats = Nats::start(1);
    let (staying, alone) = (Folder::new(), Folder::new());
    let stays = Running::start(nats.config(), &staying).await;
    let leaves = Running::start(nats.config(), &alone).await;
    leaves.say_many(3, "together").await;
    leaves.stop().await;
    alone.use_alone(2).await;
    let refused = Running::try_start(nats.config(), &alone).await.err().unwrap();
    assert!(matches!(refused, Error::WasAlone { .. }), "{refused}");
    assert_eq!(alone.said().len(), 5);
    let rebuilt = Running::start(rebuilding(&nats), &alone).await;
    assert_eq!(alone.said(), staying.said());
    rebuilt.stop().await;
    stays.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_not_sound_is_passed_over_for_the_one_before() {
    let nats = Nats::start(1);
    let single = Folder::of_single_server(5).await;
    seed(nats.config(), DataFolder::open(single.path()).unwrap(), |_| {})
        .await
        .unwrap();
    let node = Running::start(nats.config(), &single).await;
    node.say_many(5, "in the log").await;
    let bucket = Names::of("MADANG").unwrap().snapshots_bucket();
    let store = nats.jetstream().await.get_object_store(&bucket).await.unwrap();
    let no_database = zstd::encode_all(&b"no database"[..], 1).unwrap();
    for (position, bytes) in [(2_u64, no_database.as_slice()), (3, b"not compressed")] {
        let hash = node.chat.log_hash(position).await.unwrap().unwrap();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let metadata = ObjectMetadata {
            name: format!("snapshot-{position}"),
            metadata: [
                ("epoch".to_owned(), node.chat.epoch().to_string()),
                ("hash".to_owned(), hash),
                ("bytes".to_owned(), "11".to_owned()),
            ]
            .into(),
            ..Default::default()
        };
        store.put(metadata, &mut &*bytes).await.unwrap();
    }
    let folder = Folder::new();
    let new = Running::start(nats.config(), &folder).await;
    assert_eq!(folder.said(), single.said());
    new.stop().await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_another_history_is_taken_once_and_then_the_one_before() {
    let nats = Nats::start(1);
    let single = Folder::of_single_server(5).await;
    let data = DataFolder::open(single.path()).unwrap();
    seed(nats.config(), data, |_| {}).await.unwrap();
    let node = Running::start(nats.config(), &single).await;
    node.say_many(5, "in the log").await;
    let copy = single.file("copy.db");
    let mut point = node.chat.copy_to(&copy).await.unwrap();
    point.hash = [9; 32];
    let database = rusqlite::Connection::open(&copy).unwrap();
    let change = "UPDATE log_hashes SET hash = ?1 WHERE position = ?2";
    database.execute(change, (point.hash, point.position)).unwrap();
    drop(database);
    let names = Names::of(&nats.config().stream).unwrap();
    let bucket = Snapshots::open(&nats.jetstream().await, &names).await.unwrap();
    let uploaded = bucket.upload(&copy, node.chat.epoch(), point, &|_| {}).await;
    assert_eq!(uploaded.unwrap().point, point);
    let folder = Folder::new();
    let reason = stopped(Running::try_start(nats.config(), &folder).await).await;
    // The log and the other node both say so.
    assert!(
        matches!(reason, Stopped::Rewritten { .. } | Stopped::Differs { .. }),
        "{reason:?}"
    );
    let rebuilt = Running::start(rebuilding(&nats), &folder).await;
    assert_eq!(folder.said(), single.said());
    assert!(!folder.file("snapshot.refused").exists());
    rebuilt.stop().await;
    node.stop().await;
}
