//! Snapshots: whole databases in NATS' object store, for nodes that begin anew.
//!
//! A snapshot is an object as any other of NATS' object store (its ADR-20), so that its tools can list and get one: pieces under
//! `$O.<bucket>.C.<id>` and, written last, what it is under `$O.<bucket>.M.<name>`. It holds one SQLite file, compressed by
//! zstd. Its digest is that of what is stored; what it was made of is checked by SQLite when it is taken in.

mod download;
mod upload;

use std::collections::HashMap;

use async_nats::jetstream;
use async_nats::jetstream::object_store::ObjectInfo;
use async_nats::jetstream::stream::Stream;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use chat::LogPoint;
use futures_util::TryStreamExt as _;
use protocol::Epoch;

pub use download::Unsound;

use crate::error::Error;
use crate::hex;
use crate::limits::{
    SNAPSHOT_READ_MS_MAX, SNAPSHOT_SUPERSEDED_KEPT_MS, SNAPSHOT_UNFINISHED_KEPT_MS, SNAPSHOTS_KEPT,
    SNAPSHOTS_KEPT_FOR_READERS, SNAPSHOTS_LISTED_MAX,
};
use crate::names::Names;
use crate::nats::log_stream::is_missing;

/// What a snapshot's name begins with; its position follows, and what its pieces are called, so that none takes the place of
/// another.
const NAME: &str = "snapshot-";

/// The bucket.
#[derive(Clone, Debug)]
pub struct Snapshots {
    jetstream: jetstream::Context,
    bucket: String,
    stream: Stream,
}

/// What is known of a snapshot without reading it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub epoch: Epoch,
    /// How far the log had been applied to it.
    pub point: LogPoint,
    /// Of the database.
    pub bytes: u64,
    /// When NATS had all of it, in Unix milliseconds.
    pub at: u64,
    name: String,
    /// What its pieces are called.
    id: String,
    pieces: usize,
    /// Of its pieces.
    stored_bytes: u64,
    /// SHA-256 of them.
    digest: String,
    /// Whether there are as many pieces as there should be.
    is_whole: bool,
}

impl Snapshots {
    /// The bucket of this name, which there must be.
    pub async fn open(jetstream: &jetstream::Context, names: &Names) -> Result<Self, Error> {
        let bucket = names.snapshots_bucket();
        let stream = jetstream.get_stream(format!("OBJ_{bucket}")).await;
        Ok(Self {
            jetstream: jetstream.clone(),
            stream: stream.map_err(|error| Error::nats("open the bucket of snapshots", &error))?,
            bucket,
        })
    }

    /// The snapshots of which everything is there, the newest first.
    pub async fn list(&self) -> Result<Vec<Snapshot>, Error> {
        let mut snapshots = self.written().await?;
        snapshots.retain(|snapshot| snapshot.is_whole);
        Ok(snapshots)
    }

    /// All that are written, the newest first.
    async fn written(&self) -> Result<Vec<Snapshot>, Error> {
        let mut snapshots = Vec::new();
        for (subject, _) in self.subjects(&format!("$O.{}.M.>", self.bucket)).await? {
            if let Some((payload, at)) = self.last(&subject).await? {
                snapshots.extend(Snapshot::read(&payload, at));
            }
        }
        for snapshot in &mut snapshots {
            snapshot.is_whole = self.count_pieces(&snapshot.id).await? == snapshot.pieces;
        }
        snapshots.sort_by_key(|snapshot| std::cmp::Reverse((snapshot.point.position, snapshot.at)));
        Ok(snapshots)
    }

    /// Removes what [`Snapshots::superfluous`] says, and what has been there for [`SNAPSHOT_UNFINISHED_KEPT_MS`] of snapshots that
    /// were never finished: whoever lost the lease may be putting its there still. For whoever has the lease, while it uploads
    /// nothing.
    pub async fn prune(&self, now_ms: u64) -> Result<(), Error> {
        let is_old = |at| now_ms.saturating_sub(at) >= SNAPSHOT_UNFINISHED_KEPT_MS;
        let written = self.written().await?;
        let whole: Vec<_> = written
            .iter()
            .filter(|snapshot| snapshot.is_whole)
            .cloned()
            .collect();
        let broken = written
            .iter()
            .filter(|snapshot| !snapshot.is_whole && is_old(snapshot.at));
        for snapshot in Self::superfluous(&whole, now_ms).chain(broken) {
            tracing::info!(
                position = snapshot.point.position,
                "a snapshot is removed that nobody needs any more"
            );
            self.purge(&self.meta_subject(&snapshot.name)).await?;
            self.purge(&self.piece_subject(&snapshot.id)).await?;
        }
        for (subject, _) in self.subjects(&format!("$O.{}.C.>", self.bucket)).await? {
            let id = subject.rsplit('.').next().unwrap_or_default();
            let is_known = written.iter().any(|snapshot| snapshot.id == id);
            if !is_known
                && let Some((_, at)) = self.last(&subject).await?
                && is_old(at)
            {
                self.purge(&subject).await?;
            }
        }
        Ok(())
    }

    /// Removes everything there is. For whoever has the lease, of a cluster that nobody has begun.
    pub async fn remove_all(&self) -> Result<(), Error> {
        let purged = self.stream.purge().await;
        purged
            .map(drop)
            .map_err(|error| Error::nats("remove what a seeding left that was broken off", &error))
    }

    /// Those of the snapshots, as listed, that nobody needs any more.
    ///
    /// The newest [`SNAPSHOTS_KEPT`] stay, in case the newest is not sound; the others as long as somebody may be reading them,
    /// which they began when there was no newer one. Where nothing is said for long the second newest goes too: it may have the
    /// text of what was deleted since.
    pub fn superfluous(snapshots: &[Snapshot], now_ms: u64) -> impl Iterator<Item = &Snapshot> {
        let pairs = snapshots.iter().zip(snapshots.iter().skip(1)).enumerate();
        pairs.filter_map(move |(place, (newer, snapshot))| {
            let superseded_ms = now_ms.saturating_sub(newer.at);
            let stays = if place + 1 < SNAPSHOTS_KEPT {
                superseded_ms < SNAPSHOT_SUPERSEDED_KEPT_MS
            } else {
                place + 1 < SNAPSHOTS_KEPT_FOR_READERS && superseded_ms < SNAPSHOT_READ_MS_MAX
            };
            (!stays).then_some(snapshot)
        })
    }

    /// The last message of a subject and when it was written, in Unix milliseconds; `None` where there is none any more.
    async fn last(&self, subject: &str) -> Result<Option<(Bytes, u64)>, Error> {
        match self.stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => {
                let at = u64::try_from(message.time.unix_timestamp()).unwrap_or(0) * 1_000;
                Ok(Some((message.payload, at)))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Error::nats("list the snapshots", &error)),
        }
    }

    async fn count_pieces(&self, id: &str) -> Result<usize, Error> {
        let found = self.subjects(&self.piece_subject(id)).await?;
        Ok(found.values().sum())
    }

    /// The subjects that match, and how many messages each has.
    async fn subjects(&self, filter: &str) -> Result<HashMap<String, usize>, Error> {
        let failed = |error| Error::nats("list the snapshots", &error);
        let mut found = self.stream.info_with_subjects(filter).await.map_err(failed)?;
        let mut subjects = HashMap::new();
        while let Some((subject, count)) = found.try_next().await.map_err(failed)? {
            if subjects.len() >= SNAPSHOTS_LISTED_MAX {
                break;
            }
            subjects.insert(subject, count);
        }
        Ok(subjects)
    }

    async fn purge(&self, subject: &str) -> Result<(), Error> {
        let purged = self.stream.purge().filter(subject).await;
        purged
            .map(drop)
            .map_err(|error| Error::nats("remove an old snapshot", &error))
    }

    fn meta_subject(&self, name: &str) -> String {
        format!("$O.{}.M.{}", self.bucket, URL_SAFE.encode(name))
    }

    fn piece_subject(&self, id: &str) -> String {
        format!("$O.{}.C.{id}", self.bucket)
    }
}

impl Snapshot {
    /// It alone has it, also among snapshots of its position.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Bytes that NATS keeps of it, in each copy.
    pub const fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }

    /// Of what is written under its name; `None` of an object that is none of ours, or not there any more.
    fn read(written: &[u8], at: u64) -> Option<Self> {
        let info: ObjectInfo = serde_json::from_slice(written).ok()?;
        let of = |key: &str| info.metadata.get(key);
        let (position, _) = info.name.strip_prefix(NAME)?.split_once('-')?;
        let position = position.parse().ok()?;
        let snapshot = Self {
            epoch: of("epoch")?.parse().ok()?,
            point: LogPoint {
                position,
                hash: hex::decode(of("hash")?)?,
            },
            bytes: of("bytes")?.parse().ok()?,
            at,
            pieces: info.chunks,
            stored_bytes: u64::try_from(info.size).ok()?,
            digest: info.digest?,
            id: info.nuid,
            name: info.name,
            is_whole: false,
        };
        (!info.deleted).then_some(snapshot)
    }

    fn write(&self, bucket: &str) -> ObjectInfo {
        let metadata = [
            ("epoch", self.epoch.to_string()),
            ("hash", hex::encode(&self.point.hash)),
            ("bytes", self.bytes.to_string()),
        ];
        ObjectInfo {
            name: self.name.clone(),
            description: None,
            metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into(),
            headers: None,
            options: None,
            bucket: bucket.to_owned(),
            nuid: self.id.clone(),
            size: usize::try_from(self.stored_bytes).unwrap_or(usize::MAX),
            chunks: self.pieces,
            modified: None,
            digest: Some(self.digest.clone()),
            deleted: false,
        }
    }
}

/// How NATS writes the digest of an object.
fn digest(sha256: &[u8]) -> String {
    format!("SHA-256={}", URL_SAFE.encode(sha256))
}
