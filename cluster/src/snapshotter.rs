//! Makes snapshots, one node at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chat::{Chat, LogPoint, ids};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::error::Error;
use crate::lease::Lease;
use crate::limits::{
    LEASE_RENEWED_MS, SNAPSHOT_CONFIRM_MS, SNAPSHOT_INTERVAL_MS, SNAPSHOT_LOOK_MS, SNAPSHOT_POSITIONS,
    SNAPSHOT_RETRY_MS, SNAPSHOT_UNCONFIRMED_MS,
};
use crate::nats::log_stream::LogStream;
use crate::peers::Peers;
use crate::scratch::Scratch;
use crate::snapshots::{Snapshot, Snapshots};
use crate::status::Status;

/// The key of its lease.
pub(crate) const LEASE: &str = "snapshotter";

/// One node's part in it.
pub(crate) struct Snapshotter {
    pub(crate) chat: Arc<Chat>,
    /// The data folder: room for one more copy of the database is needed there.
    pub(crate) folder: PathBuf,
    pub(crate) log: LogStream,
    pub(crate) snapshots: Snapshots,
    pub(crate) lease: Lease,
    pub(crate) status: watch::Receiver<Status>,
    pub(crate) peers: watch::Receiver<Peers>,
}

impl Snapshotter {
    /// Until it is dropped.
    pub(crate) async fn run(mut self) {
        loop {
            sleep(Duration::from_millis(SNAPSHOT_LOOK_MS)).await;
            if !self.is_fit() {
                continue;
            }
            let looked = self.look().await;
            self.lease.give_back().await;
            let pause_ms = match looked {
                Ok(Looked::Over) => continue,
                Ok(Looked::Unconfirmed) => SNAPSHOT_UNCONFIRMED_MS,
                Err(Error::Chat(error @ chat::Error::Damaged { .. })) => {
                    tracing::error!(
                        %error,
                        "no snapshot can be made of this node's database, which it serves all the same; another node makes it. \
                         Start this one with --rebuild"
                    );
                    SNAPSHOT_RETRY_MS
                }
                Err(error) => {
                    tracing::warn!(%error, "no snapshot could be made; it is tried again later");
                    SNAPSHOT_RETRY_MS
                }
            };
            sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// Whether what this node has may be what others begin with.
    fn is_fit(&self) -> bool {
        *self.status.borrow() == Status::Ready && self.peers.borrow().confirmed.is_some()
    }

    /// Makes a snapshot if one is due, and removes those that nobody needs.
    async fn look(&mut self) -> Result<Looked, Error> {
        let is_due = async {
            let is_due = self.due().await? != Due::Nothing;
            Ok::<_, Error>(is_due && self.lease.take().await?)
        };
        match is_due.await {
            Ok(true) => {}
            Ok(false) => return Ok(Looked::Over),
            Err(error @ Error::Nats { .. }) => {
                // As in each election: nothing has been begun, and it is looked again soon.
                tracing::debug!(%error, "whether a snapshot is due is not known");
                return Ok(Looked::Over);
            }
            Err(error) => return Err(error),
        }
        // Asked again: another node may just have done it.
        let due = self.due().await?;
        tokio::select! {
            looked = make_and_prune(due, &self.chat, &self.folder, &self.snapshots, &mut self.peers) => looked,
            lost = keep(&mut self.lease) => lost.map(|()| Looked::Over),
        }
    }

    async fn due(&self) -> Result<Due, Error> {
        let snapshots = self.snapshots.list().await?;
        let now = ids::unix_ms();
        let applied = self.chat.applied().borrow().position;
        let of_this_chat = |snapshot: &&Snapshot| snapshot.epoch == self.chat.epoch();
        let is_due = match snapshots.iter().find(of_this_chat) {
            None => applied > 0,
            Some(newest) if newest.point.position >= applied => false,
            Some(newest) => {
                applied - newest.point.position >= SNAPSHOT_POSITIONS
                    || now.saturating_sub(newest.at) >= SNAPSHOT_INTERVAL_MS
                    // The log begins after it, as it may where all nodes were away: nobody could begin with it.
                    || newest.point.position + 1 < self.log.extent().await?.first
            }
        };
        Ok(if is_due {
            Due::Snapshot
        } else if Snapshots::superfluous(&snapshots, now).next().is_some() {
            Due::Pruning
        } else {
            Due::Nothing
        })
    }
}

/// What came of looking.
enum Looked {
    Over,
    /// One was due, and it is not known that other nodes have the same history.
    Unconfirmed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Pruning,
    Snapshot,
}

/// Does what is due, while this node has the lease.
async fn make_and_prune(
    due: Due,
    chat: &Arc<Chat>,
    folder: &Path,
    snapshots: &Snapshots,
    peers: &mut watch::Receiver<Peers>,
) -> Result<Looked, Error> {
    match due {
        Due::Nothing => return Ok(Looked::Over),
        Due::Pruning => {}
        Due::Snapshot => {
            let Some(made) = make(chat, folder, snapshots, peers).await? else {
                return Ok(Looked::Unconfirmed);
            };
            tracing::info!(
                position = made.point.position,
                bytes = made.bytes,
                stored = made.stored_bytes(),
                "a snapshot was made for nodes that begin anew"
            );
        }
    }
    snapshots.prune(ids::unix_ms()).await?;
    Ok(Looked::Over)
}

/// Makes one; `None` when it is not known that other nodes have the same history.
async fn make(
    chat: &Arc<Chat>,
    folder: &Path,
    snapshots: &Snapshots,
    peers: &mut watch::Receiver<Peers>,
) -> Result<Option<Snapshot>, Error> {
    let scratch = Scratch::make(folder)?;
    let copy = scratch.file("copy.db");
    let point = chat.copy_to(&copy).await?;
    if !is_confirmed(point, peers).await {
        tracing::warn!(
            position = point.position,
            "a snapshot was given up: no other node says that it has the same history"
        );
        return Ok(None);
    }
    let made = snapshots.upload(&copy, chat.epoch(), point, &|_| {}).await?;
    Ok(Some(made))
}

/// Whether others have the same history up to there, or nobody else is there to have another.
async fn is_confirmed(point: LogPoint, peers: &mut watch::Receiver<Peers>) -> bool {
    let wait = Duration::from_millis(SNAPSHOT_CONFIRM_MS);
    let is_so = |peers: &Peers| {
        peers
            .confirmed
            .is_some_and(|confirmed| point.position <= confirmed)
    };
    matches!(timeout(wait, peers.wait_for(is_so)).await, Ok(Ok(_)))
}

/// Renews the lease until it is lost.
async fn keep(lease: &mut Lease) -> Result<(), Error> {
    let mut next = Instant::now();
    loop {
        next += Duration::from_millis(LEASE_RENEWED_MS);
        tokio::time::sleep_until(next).await;
        if !lease.renew().await? {
            tracing::info!("another node makes the snapshot now");
            return Ok(());
        }
    }
}
