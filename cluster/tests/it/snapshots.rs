//! Snapshots in the object store.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::jetstream::stream::Stream;
use chat::{LogPoint, ids};
use cluster::Names;
use cluster::limits::{
    SNAPSHOT_PIECE_BYTES, SNAPSHOT_PIECES_IN_FLIGHT, SNAPSHOT_UNFINISHED_KEPT_MS, SNAPSHOTS_KEPT,
    SNAPSHOTS_KEPT_FOR_READERS,
};
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::snapshots::{Snapshots, Unsound};
use protocol::Epoch;
use tempfile::TempDir;

use crate::support::nats::Nats;

struct World {
    nats: Nats,
    snapshots: Snapshots,
    folder: TempDir,
    epoch: Epoch,
    bucket: String,
    // Dropped, it would end what the snapshots are read by.
    _connection: Connection,
}

impl World {
    async fn start() -> Self {
        let nats = Nats::start(1);
        let config = nats.config();
        let connection = Connection::open(&config, &|_| {}).await.unwrap();
        let names = Names::of(&config.stream).unwrap();
        Storage::open(&connection, &names, &config, &|_| {})
            .await
            .unwrap();
        Self {
            snapshots: Snapshots::open(connection.jetstream(), &names).await.unwrap(),
            nats,
            folder: TempDir::new().unwrap(),
            epoch: ids::epoch(),
            bucket: names.snapshots_bucket(),
            _connection: connection,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Bytes that cannot be compressed.
    fn noise(&self, bytes: usize) -> PathBuf {
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..bytes)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        let path = self.file("noise");
        fs::write(&path, noise).unwrap();
        path
    }

    async fn upload(&self, file: &Path, position: u64) {
        let point = point(position);
        self.snapshots
            .upload(file, self.epoch, point, &|_| {})
            .await
            .unwrap();
    }

    /// What is in the bucket under subjects that match.
    async fn subjects(&self, kind: &str) -> Vec<String> {
        let stream = self.stream().await;
        let filter = format!("$O.{}.{kind}.>", self.bucket);
        let info = stream.info_with_subjects(filter).await.unwrap();
        let subjects: Vec<_> = futures_util::TryStreamExt::try_collect(info).await.unwrap();
        subjects.into_iter().map(|(subject, _)| subject).collect()
    }

    /// Puts a piece there of a snapshot that is never finished.
    async fn orphan(&self) {
        let subject = format!("$O.{}.C.orphan", self.bucket);
        let jetstream = self.nats.jetstream().await;
        let published = jetstream.publish(subject, "piece".into()).await;
        published.unwrap().await.unwrap();
    }

    async fn stream(&self) -> Stream {
        let bucket = format!("OBJ_{}", self.bucket);
        self.nats.jetstream().await.get_stream(bucket).await.unwrap()
    }

    async fn positions(&self) -> Vec<u64> {
        let listed = self.snapshots.list().await.unwrap();
        listed.iter().map(|snapshot| snapshot.point.position).collect()
    }
}

fn point(position: u64) -> LogPoint {
    LogPoint {
        position,
        hash: [u8::try_from(position % 256).unwrap(); 32],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_comes_back_as_it_was_put_there() {
    let world = World::start().await;
    assert!(world.snapshots.list().await.unwrap().is_empty());
    let file = world.noise(3 * SNAPSHOT_PIECE_BYTES + 1);
    world.upload(&file, 7).await;
    let listed = world.snapshots.list().await.unwrap();
    let [snapshot] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!((snapshot.epoch, snapshot.point), (world.epoch, point(7)));
    let copy = world.file("copy");
    let downloaded = world
        .snapshots
        .download(snapshot, &copy, &|_, _| {})
        .await
        .unwrap();
    downloaded.unwrap();
    assert!(fs::read(copy).unwrap() == fs::read(file).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_snapshot_too() {
    let world = World::start().await;
    let file = world.noise(0);
    world.upload(&file, 1).await;
    let listed = world.snapshots.list().await.unwrap();
    let copy = world.file("copy");
    let downloaded = world
        .snapshots
        .download(&listed[0], &copy, &|_, _| {})
        .await
        .unwrap();
    downloaded.unwrap();
    assert_eq!(fs::metadata(copy).unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tools_of_nats_get_is_the_compressed_database() {
    let world = World::start().await;
    let file = world.noise(2 * SNAPSHOT_PIECE_BYTES);
    world.upload(&file, 7).await;
    let store = world
        .nats
        .jetstream()
        .await
        .get_object_store(&world.bucket)
        .await
        .unwrap();
    let listed = store.list().await.unwrap();
    let [object] = &futures_util::TryStreamExt::try_collect::<Vec<_>>(listed)
        .await
        .unwrap()[..]
    else {
        panic!("not one snapshot");
    };
    assert!(object.name.starts_with("snapshot-7-"), "{}", object.name);
    let mut object = store.get(&object.name).await.unwrap();
    let mut stored = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut object, &mut stored)
        .await
        .unwrap();
    assert!(zstd::decode_all(&stored[..]).unwrap() == fs::read(file).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_lacks_a_piece_or_has_another_is_not_sound() {
    let world = World::start().await;
    let file = world.noise(4 * SNAPSHOT_PIECE_BYTES);
    let jetstream = world.nats.jetstream().await;
    let stream = jetstream
        .get_stream(format!("OBJ_{}", world.bucket))
        .await
        .unwrap();
    world.upload(&file, 1).await;
    let listed = world.snapshots.list().await.unwrap();
    let pieces = world.subjects("C").await.remove(0);
    let unsound = async |copy: &str| {
        let copy = world.file(copy);
        let downloaded = world.snapshots.download(&listed[0], &copy, &|_, _| {}).await;
        downloaded.unwrap().unwrap_err()
    };

    let last = stream.direct_get_last_for_subject(pieces.clone()).await.unwrap();
    stream.delete_message(last.sequence).await.unwrap();
    assert!(matches!(unsound("missing").await, Unsound::Missing(_)));

    let mut other = last.payload.to_vec();
    other[0] ^= 1;
    let published = jetstream.publish(pieces, other.into()).await.unwrap();
    published.await.unwrap();
    let unsound = unsound("another").await;
    assert!(
        matches!(unsound, Unsound::Compression(_) | Unsound::OtherBytes),
        "{unsound}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn old_snapshots_go_and_so_do_the_pieces_of_one_that_was_given_up() {
    let world = World::start().await;
    let file = world.noise(SNAPSHOT_PIECE_BYTES);
    world.orphan().await;
    for position in 1..=6 {
        world.upload(&file, position).await;
    }
    assert_eq!(world.positions().await, [6, 5, 4, 3, 2, 1]);
    let now = ids::unix_ms();
    world.snapshots.prune(now).await.unwrap();
    // The others were superseded just now: somebody may be reading them.
    assert_eq!(world.positions().await, [6, 5, 4, 3]);
    // And whoever lost the lease may be putting the other pieces there still.
    assert_eq!(world.subjects("C").await.len(), SNAPSHOTS_KEPT_FOR_READERS + 1);
    assert_eq!(world.subjects("M").await.len(), SNAPSHOTS_KEPT_FOR_READERS);
    world
        .snapshots
        .prune(now + SNAPSHOT_UNFINISHED_KEPT_MS + 60_000)
        .await
        .unwrap();
    assert_eq!(world.positions().await, [6, 5]);
    assert_eq!(world.subjects("C").await.len(), SNAPSHOTS_KEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_snapshots_of_one_position_leave_each_other_alone() {
    let world = World::start().await;
    let file = world.noise(SNAPSHOT_PIECE_BYTES);
    world.upload(&file, 7).await;
    world.upload(&file, 7).await;
    assert_eq!(world.positions().await, [7, 7]);
    world.snapshots.prune(ids::unix_ms()).await.unwrap();
    for (number, snapshot) in world.snapshots.list().await.unwrap().iter().enumerate() {
        let copy = world.file(&number.to_string());
        let downloaded = world.snapshots.download(snapshot, &copy, &|_, _| {}).await;
        downloaded.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_pieces_another_node_removed_is_no_snapshot_and_does_not_stay() {
    let world = World::start().await;
    let file = world.noise(3 * SNAPSHOT_PIECE_BYTES);
    world.upload(&file, 1).await;
    let sound = world.subjects("C").await.remove(0);
    world.upload(&file, 2).await;
    let mut pieces = world.subjects("C").await;
    pieces.retain(|subject| *subject != sound);
    let purged = world.stream().await.purge().filter(&pieces[0]).keep(1).await;
    purged.unwrap();
    assert_eq!(world.positions().await, [1]);
    let now = ids::unix_ms();
    world.snapshots.prune(now).await.unwrap();
    assert_eq!(world.subjects("M").await.len(), 2);
    world
        .snapshots
        .prune(now + SNAPSHOT_UNFINISHED_KEPT_MS + 60_000)
        .await
        .unwrap();
    assert_eq!(world.positions().await, [1]);
    assert_eq!(world.subjects("M").await.len(), 1);
    assert_eq!(world.subjects("C").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_pieces_are_removed_meanwhile_fails() {
    let world = World::start().await;
    let file = world.noise(12 * SNAPSHOT_PIECE_BYTES);
    let stream = world.stream().await;
    let handle = tokio::runtime::Handle::current();
    let told = AtomicUsize::new(0);
    let progress = |_| {
        // NATS has taken the first ones by now.
        if told.fetch_add(1, Ordering::Relaxed) == 2 * SNAPSHOT_PIECES_IN_FLIGHT {
            let purged = tokio::task::block_in_place(|| handle.block_on(async { stream.purge().await }));
            assert!(purged.unwrap().purged > 0);
        }
    };
    let uploaded = world
        .snapshots
        .upload(&file, world.epoch, point(1), &progress)
        .await;
    assert!(uploaded.is_err());
    assert!(world.positions().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_superfluous_depends_on_how_long_there_has_been_a_newer_one() {
    let world = World::start().await;
    let file = world.noise(1);
    for position in 1..=3 {
        world.upload(&file, position).await;
    }
    let listed = world.snapshots.list().await.unwrap();
    let superfluous = |after_ms: u64| -> Vec<u64> {
        let now = listed[0].at + after_ms;
        let superfluous = Snapshots::superfluous(&listed, now);
        superfluous.map(|snapshot| snapshot.point.position).collect()
    };
    let hour = 60 * 60 * 1_000;
    assert!(superfluous(0).is_empty());
    assert_eq!(superfluous(2 * hour), [1]);
    assert_eq!(superfluous(7 * 24 * hour), [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_snapshot_is_passed_over() {
    let world = World::start().await;
    let store = world
        .nats
        .jetstream()
        .await
        .get_object_store(&world.bucket)
        .await
        .unwrap();
    for name in ["holiday.jpg", "snapshot-9", "snapshot-x"] {
        store.put(name, &mut &b"bytes"[..]).await.unwrap();
    }
    world.upload(&world.noise(1), 1).await;
    assert_eq!(world.positions().await, [1]);
}
