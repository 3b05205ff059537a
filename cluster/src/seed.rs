//! Making a single server's folder the first state of a cluster.

use std::time::Duration;

use chat::{DataFolder, LogPoint};
use tokio::time::{Instant, sleep};

use crate::begin::blocking;
use crate::belonging;
use crate::config::Config;
use crate::differing;
use crate::error::Error;
use crate::identity::Identity;
use crate::lease::Lease;
use crate::limits::{LEASE_MS, LEASE_RENEWED_MS, SEED_LOOK_MS};
use crate::names::{Names, NodeId};
use crate::nats::connection::Connection;
use crate::nats::log_stream::LogStream;
use crate::nats::patience::insistently;
use crate::nats::stream::Storage;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::snapshots::Snapshots;
use crate::snapshotter::LEASE;

/// Makes the folder of a stopped server the first state of a cluster that has none: its epoch and signing key become the
/// cluster's, and its database the first snapshot, at position 0. The folder can then be started as a node, and has what it had.
/// One that was a node's before, or a copy of one's, gets a new epoch: pages may have seen what only other nodes had, and load
/// anew.
/// `progress` is told now and then, in a few words, how far it is.
///
/// The cluster is what the folder says once its identity is written, last of all: a seeding that was broken off can be begun
/// again.
///
/// # Errors
/// When the cluster is in use already, or anything is in the way, in a sentence that says what to do.
pub async fn seed(
    config: Config,
    folder: DataFolder,
    progress: impl Fn(String) + Send + Sync + 'static,
) -> Result<(), Error> {
    // Once a process, and too large for the stack of whoever waits for it.
    Box::pin(put_first(config, folder, progress)).await
}

async fn put_first(
    config: Config,
    folder: DataFolder,
    progress: impl Fn(String) + Send + Sync + 'static,
) -> Result<(), Error> {
    let names = Names::of(&config.stream).ok_or_else(|| Error::StreamName(config.stream.clone()))?;
    progress(format!("connecting to the cluster {}", names.stream()));
    let connection = Connection::open(&config, &progress).await?;
    let storage = Storage::open(&connection, &names, &config, &progress).await?;
    let settings = Settings::new(storage.settings.clone());
    let opening = insistently(&progress, async || {
        Snapshots::open(connection.jetstream(), &names).await
    });
    let snapshots = opening.await?;
    let cluster = Cluster {
        names: &names,
        log: &storage.log,
        settings: &settings,
    };
    insistently(&progress, async || cluster.refuse_used().await).await?;
    let (folder, standing) = blocking(folder, |folder| {
        Scratch::clear(folder.path())?;
        Ok(chat::standing(folder)?)
    })
    .await?;
    if standing.is_none() {
        return Err(Error::NothingToSeed {
            folder: folder.path().to_owned(),
        });
    }
    let mut lease = Lease::new(settings.clone(), LEASE, NodeId::random()?);
    wait_for(&mut lease, &progress).await?;
    let put = tokio::select! {
        put = cluster.put(folder, &snapshots, &progress) => put,
        lost = keep(&mut lease) => Err(lost),
    };
    // Not while the lease may be lost: it is written or it is not, and that has to be known.
    let begun = match put {
        Ok(identity) => cluster.begin(&identity, &progress).await,
        Err(error) => Err(error),
    };
    lease.give_back().await;
    begun
}

struct Cluster<'a> {
    names: &'a Names,
    log: &'a LogStream,
    settings: &'a Settings,
}

impl Cluster<'_> {
    /// Puts the first state into the bucket. For whoever has the lease.
    async fn put(
        &self,
        folder: DataFolder,
        snapshots: &Snapshots,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Identity, Error> {
        // Whoever had the lease before may have begun it.
        insistently(progress, async || self.refuse_used().await).await?;
        // What is there is of one that was broken off, and not what this folder has.
        insistently(progress, async || snapshots.remove_all().await).await?;
        copy_first(folder, self.log, snapshots, progress).await
    }

    /// Makes it the cluster that this identity is of.
    async fn begin(
        &self,
        identity: &Identity,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), Error> {
        // Another one may have been faster, or a node without messages.
        insistently(progress, async || self.refuse_used().await).await?;
        if !insistently(progress, async || identity.create(self.settings).await).await? {
            return Err(Error::InUse {
                stream: self.names.stream().to_owned(),
                what: "it has just been given an identity",
            });
        }
        tracing::info!(epoch = %identity.epoch, "the folder is the cluster's first state");
        Ok(())
    }

    /// Refuses a cluster that has anything that would then be another chat's.
    async fn refuse_used(&self) -> Result<(), Error> {
        let what = if Identity::read(self.settings).await?.is_some() {
            "it has an identity"
        } else if self.log.extent().await?.last > 0 {
            "its log has messages"
        } else {
            return Ok(());
        };
        Err(Error::InUse {
            stream: self.names.stream().to_owned(),
            what,
        })
    }
}

async fn copy_first(
    folder: DataFolder,
    log: &LogStream,
    snapshots: &Snapshots,
    progress: &(dyn Fn(String) + Send + Sync),
) -> Result<Identity, Error> {
    let to_be = log.clone();
    progress("copying the database".to_owned());
    let (folder, (scratch, copy, mut identity)) = blocking(folder, move |folder| {
        let scratch = Scratch::make(folder.path())?;
        let copy = scratch.file("copy.db");
        let standing = chat::make_first_state(folder, &copy)?;
        let mut identity = Identity::of_first(folder, Some(&standing), &to_be)?;
        identity.is_seeded = true;
        identity.keep(folder)?;
        // It is what others are compared with from now on.
        differing::clear(folder.path())?;
        Ok((scratch, copy, identity))
    })
    .await?;
    let bytes = tokio::fs::metadata(&copy)
        .await
        .map_or(0, |metadata| metadata.len());
    let told = |read: u64| {
        let percent = read * 100 / bytes.max(1);
        progress(format!("putting the database into the cluster: {percent} %"));
    };
    let uploading = snapshots.upload(&copy, identity.epoch, LogPoint::default(), &told);
    identity.first_state = Some(uploading.await?.id().to_owned());
    drop(scratch);
    let (kept, stream) = (identity.clone(), log.name().to_owned());
    let keeping = blocking(folder, move |folder| {
        kept.keep(folder)?;
        belonging::write(folder.path(), &stream)
    });
    keeping.await?;
    Ok(identity)
}

async fn wait_for(lease: &mut Lease, progress: &(dyn Fn(String) + Send + Sync)) -> Result<(), Error> {
    let deadline = Instant::now() + 2 * Duration::from_millis(LEASE_MS);
    while !lease.take().await? {
        if Instant::now() >= deadline {
            return Err(Error::LeaseTaken);
        }
        progress("waiting for another that seeds this cluster".to_owned());
        sleep(Duration::from_millis(SEED_LOOK_MS)).await;
    }
    Ok(())
}

/// Renews the lease until it is lost; why.
async fn keep(lease: &mut Lease) -> Error {
    loop {
        sleep(Duration::from_millis(LEASE_RENEWED_MS)).await;
        match lease.renew().await {
            Ok(true) => {}
            Ok(false) => return Error::LeaseTaken,
            Err(error) => return error,
        }
    }
}
