//! What a starting node does until its database is one that the log can be applied to.

use std::path::Path;
use std::time::Duration;

use chat::DataFolder;

use crate::belonging;
use crate::differing;
use crate::error::Error;
use crate::found::Found;
use crate::identity::{Identity, is_empty};
use crate::limits::{ESTABLISH_TRIES, SNAPSHOT_ROUND_MS, SNAPSHOT_ROUNDS};
use crate::nats::log_stream::{Extent, LogStream};
use crate::nats::patience::insistently;
use crate::refused;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::snapshots::{Snapshot, Snapshots, Unsound};
use crate::status::Stopped;

/// What a node has of its cluster, to begin with.
pub(crate) struct Beginning<'a> {
    pub(crate) log: &'a LogStream,
    pub(crate) settings: &'a Settings,
    pub(crate) snapshots: &'a Snapshots,
    /// Whether the folder's database is thrown away.
    pub(crate) rebuild: bool,
    pub(crate) progress: &'a (dyn Fn(String) + Send + Sync),
}

/// A folder that the log can be applied to.
pub(crate) struct Prepared {
    pub(crate) folder: DataFolder,
    /// The cluster's.
    pub(crate) identity: Identity,
    /// The id of the snapshot that it was just made of.
    pub(crate) snapshot: Option<String>,
}

/// What a node begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// The database it has.
    WhatItHas,
    /// A snapshot; or nothing, where the log has everything there ever was.
    Anew,
}

impl Beginning<'_> {
    /// Makes the folder one that the log can be applied to, from the point at which its database then stands; the cluster's
    /// identity is in it.
    ///
    /// # Errors
    /// What is in the way, in a sentence that says what to do. The folder's database is then as it was, or moved aside, to be
    /// put back or removed by a later start with `--rebuild`.
    pub(crate) async fn prepare(&self, folder: DataFolder, found: &Found) -> Result<Prepared, Error> {
        let identity = self.identify(&folder, found).await?;
        identity.refuse_other_log(self.log)?;
        let extent = self.extent().await?;
        let (folder, snapshot) = match self.choose(&folder, found, &identity, extent)? {
            Begin::WhatItHas => (folder, None),
            Begin::Anew => self.begin_anew(folder, &identity).await?,
        };
        let (kept, stream) = (identity.clone(), self.log.name().to_owned());
        let keeping = blocking(folder, move |folder| {
            kept.keep(folder)?;
            belonging::write(folder.path(), &stream)
        });
        let (folder, ()) = keeping.await?;
        Ok(Prepared {
            folder,
            identity,
            snapshot,
        })
    }

    /// The cluster's identity, which is made by the first node and fits this folder.
    async fn identify(&self, folder: &DataFolder, found: &Found) -> Result<Identity, Error> {
        for _ in 0..ESTABLISH_TRIES {
            if let Some(identity) = self.read_identity().await? {
                identity.refuse_other(folder, found.standing())?;
                if matches!(found, Found::Damaged) {
                    identity.refuse_unknown(folder)?;
                }
                return Ok(identity);
            }
            let has_log = self.extent().await?.last > 0;
            if has_log && self.read_identity().await?.is_none() {
                return Err(Error::IdentityMissing);
            }
            if let Some(refusal) = found.refusal(folder.path(), self.log.name()) {
                return Err(refusal);
            }
            let identity = Identity::of_first(folder, found.standing(), self.log)?;
            if insistently(self.progress, async || identity.create(self.settings).await).await? {
                tracing::warn!(
                    stream = self.log.name(),
                    epoch = %identity.epoch,
                    "this node has begun a new chat, for there was none in this stream; if it was to join one, stop it, correct \
                     --nats-stream or --nats, and give it an empty folder"
                );
                return Ok(identity);
            }
        }
        Err(Error::IdentityMissing)
    }

    async fn read_identity(&self) -> Result<Option<Identity>, Error> {
        insistently(self.progress, async || Identity::read(self.settings).await).await
    }

    async fn extent(&self) -> Result<Extent, Error> {
        insistently(self.progress, async || self.log.extent().await).await
    }

    /// Whether the log can be applied to what is there.
    fn choose(
        &self,
        folder: &DataFolder,
        found: &Found,
        identity: &Identity,
        extent: Extent,
    ) -> Result<Begin, Error> {
        let standing = match found {
            Found::Database(standing) if !self.rebuild && !is_empty(standing) => standing,
            _ => return Ok(Begin::Anew),
        };
        let point = match standing.point {
            // The first state of a cluster has messages before there is a log.
            Some(point) if point.position > 0 => point,
            Some(point) if identity.is_seeded && identity.began_with(folder)? => point,
            _ => {
                return Err(Error::WasAlone {
                    folder: folder.path().to_owned(),
                });
            }
        };
        if let Some(stopped) = differing::read(folder.path())? {
            return Err(Error::Stopped(stopped));
        }
        // A log that has less than this node, or something else, is found out about by whoever follows it.
        if extent.first <= point.position + 1 {
            return Ok(Begin::WhatItHas);
        }
        tracing::warn!(
            position = point.position,
            first = extent.first,
            "this node was away for longer than the log lasts; its database is built anew from a snapshot"
        );
        Ok(Begin::Anew)
    }

    /// Puts the newest sound snapshot in the place of the database, or an empty one where the log is all there ever was.
    async fn begin_anew(
        &self,
        mut folder: DataFolder,
        identity: &Identity,
    ) -> Result<(DataFolder, Option<String>), Error> {
        let refused = refused::read(folder.path())?;
        for round in 0..SNAPSHOT_ROUNDS {
            if round > 0 {
                tokio::time::sleep(Duration::from_millis(SNAPSHOT_ROUND_MS)).await;
            }
            let listed = insistently(self.progress, async || self.snapshots.list().await);
            let mut candidates = listed.await?;
            candidates.retain(|snapshot| {
                let is_of_the_log = snapshot.point.position > 0;
                snapshot.epoch == identity.epoch && (is_of_the_log || identity.is_first_state(snapshot.id()))
            });
            let extent = self.extent().await?;
            if let Some(newest) = candidates.first()
                && newest.point.position > extent.last
            {
                if round + 1 < SNAPSHOT_ROUNDS {
                    // Whoever was just elected may not know yet what it has.
                    continue;
                }
                return Err(Error::Stopped(Stopped::Rewritten {
                    position: newest.point.position,
                }));
            }
            candidates.retain(|snapshot| {
                snapshot.point.position + 1 >= extent.first && refused.as_deref() != Some(snapshot.id())
            });
            for snapshot in &candidates {
                let (returned, unsound) = self.take_in(folder, snapshot).await?;
                folder = returned;
                let Some(unsound) = unsound else {
                    return Ok((folder, Some(snapshot.id().to_owned())));
                };
                tracing::warn!(
                    position = snapshot.point.position,
                    reason = %unsound,
                    "a snapshot is not sound; the one before it is taken"
                );
            }
            if extent.first <= 1 && !identity.is_seeded {
                return Ok((self.begin_with_nothing(folder, identity).await?, None));
            }
            // Those that were listed may have made room for newer ones meanwhile.
        }
        Err(Error::NoSnapshot)
    }

    /// Puts a snapshot in the place of the database; says why not where it is not sound.
    async fn take_in(
        &self,
        folder: DataFolder,
        snapshot: &Snapshot,
    ) -> Result<(DataFolder, Option<Unsound>), Error> {
        let position = snapshot.point.position;
        let (folder, scratch) = blocking(folder, |folder| Scratch::make(folder.path())).await?;
        let file = scratch.file("snapshot.db");
        let progress = |received: u64, of: u64| {
            let percent = received * 100 / of.max(1);
            (self.progress)(format!(
                "fetching the snapshot of position {position}: {percent} %"
            ));
        };
        if let Err(unsound) = self.snapshots.download(snapshot, &file, &progress).await? {
            return Ok((folder, Some(unsound)));
        }
        (self.progress)(format!("looking through the snapshot of position {position}"));
        let (rebuild, expected) = (self.rebuild, (snapshot.epoch, snapshot.point));
        blocking(folder, move |folder| {
            let taken = install(folder, &file, rebuild, expected);
            drop(scratch);
            taken
        })
        .await
    }

    async fn begin_with_nothing(&self, folder: DataFolder, identity: &Identity) -> Result<DataFolder, Error> {
        (self.progress)("there is no snapshot yet: beginning with the log's first message".to_owned());
        let (rebuild, epoch) = (self.rebuild, identity.epoch);
        let prepared = blocking(folder, move |folder| {
            if rebuild {
                folder.set_database_aside()?;
            }
            chat::prepare(folder, epoch)?;
            differing::clear(folder.path())
        });
        Ok(prepared.await?.0)
    }
}

/// Puts the file in the place of the database, once it is known to be what it should be.
fn install(
    folder: &DataFolder,
    file: &Path,
    rebuild: bool,
    expected: (protocol::Epoch, chat::LogPoint),
) -> Result<Option<Unsound>, Error> {
    let standing = match chat::standing_of(file) {
        Ok(standing) => standing,
        Err(error) => return Ok(Some(Unsound::Database(error))),
    };
    if (standing.epoch, standing.point) != (expected.0, Some(expected.1)) {
        return Ok(Some(Unsound::OtherContent));
    }
    if rebuild {
        folder.set_database_aside()?;
    }
    match folder.replace_database(file) {
        Ok(()) => {
            differing::clear(folder.path())?;
            Ok(None)
        }
        Err(error @ (chat::Error::DataFolder { .. } | chat::Error::DatabaseLocked { .. })) => {
            Err(error.into())
        }
        Err(error) => Ok(Some(Unsound::Database(error))),
    }
}

/// Does something that blocks with the folder, and gives it back.
pub(crate) async fn blocking<T: Send + 'static>(
    folder: DataFolder,
    work: impl FnOnce(&DataFolder) -> Result<T, Error> + Send + 'static,
) -> Result<(DataFolder, T), Error> {
    tokio::task::spawn_blocking(move || {
        let done = work(&folder)?;
        Ok((folder, done))
    })
    .await?
}
