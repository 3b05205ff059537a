//! What keeps a node from joining its cluster, in sentences that say what to do.

use std::path::PathBuf;

use protocol::Epoch;

use crate::status::{SEED_ANEW, Stopped};

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream's name is none.
    #[error("{0:?} cannot name a stream: use 1 to 32 letters, digits, - and _")]
    StreamName(String),
    /// Not an address of a NATS server.
    #[error("{0:?} is no address of a NATS server: write nats://host:port or tls://host:port")]
    ServerAddress(String),
    /// A file of the configuration.
    #[error("the NATS {what} {} cannot be used ({source}): give a whole one that this user may read", path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// No server can be reached.
    #[error("no NATS server at {servers} can be reached ({reason}): start them, or correct --nats")]
    NoServer { servers: String, reason: String },
    /// A server does not accept who we are.
    #[error(
        "the NATS servers at {servers} do not let this node in: give --nats a user and password that they accept \
         (nats://user:password@host:4222), or --nats-credentials a file, or --nats-tls-cert and --nats-tls-key"
    )]
    NotLetIn { servers: String },
    /// The two do not trust each other.
    #[error(
        "there is no TLS connection to the NATS servers at {servers} ({reason}): see that --nats-tls-ca signed their certificate \
         for the name they are called by, and that --nats-tls-cert and --nats-tls-key are what they ask for"
    )]
    Tls { servers: String, reason: String },
    /// A server is too old.
    #[error("the NATS server {server} is version {version}, which is too old: install 2.15 or later")]
    OldServer { server: String, version: String },
    /// A server does not take messages as large as ours.
    #[error(
        "the NATS server {server} takes messages of {bytes} bytes at most: set its max_payload to 1MB, which is what it has by itself"
    )]
    SmallPayload { server: String, bytes: usize },
    /// There is nothing that keeps messages.
    #[error(
        "NATS has no JetStream for this node ({reason}): put jetstream {{}} into its configuration, and allow it to this user"
    )]
    NoJetStream { reason: String },
    /// Fewer servers than copies are to be kept.
    #[error(
        "NATS has fewer servers with JetStream than the {replicas} copies that are to be kept: start {replicas} of them as one \
         cluster, or say --nats-replicas 1, which loses what is on the disk of that one with it"
    )]
    FewServers { replicas: usize },
    /// A stream is not as it must be.
    #[error(
        "the NATS stream {stream} has {field} {is}, and must have {must}: put that right (nats stream edit {stream}), or give this \
         cluster a name of its own with --nats-stream"
    )]
    Stream {
        stream: String,
        field: &'static str,
        is: String,
        must: String,
    },
    /// A stream has another number of copies than this node was told.
    #[error(
        "the NATS stream {stream} has {is} copies (num_replicas), and this node was told {told}: give it --nats-replicas {is}, as the \
         other nodes have; only where there are to be {told}, change those of the stream and of both its buckets instead"
    )]
    Replicas { stream: String, is: usize, told: usize },
    /// Another stream takes what is for the log.
    #[error(
        "NATS has another stream that takes subjects of the log of {stream}: give --nats-stream a name that nothing else there uses, or \
         remove {stream}.> from the other stream's subjects"
    )]
    Overlap { stream: String },
    /// There is no log for a folder that was a node's.
    #[error(
        "there is no log in the stream {stream} in NATS, and {} is the folder of a node that has applied one. If its cluster is another, \
         correct --nats-stream or --nats; if NATS has lost the log, {SEED_ANEW}",
        folder.display()
    )]
    NoLog { folder: PathBuf, stream: String },
    /// The folder is that of a node of another stream.
    #[error(
        "{} is the folder of a node of the stream {kept}, and this one was told {stream}: correct --nats-stream, or give --data-dir an \
         empty folder",
        folder.display()
    )]
    OtherStream {
        folder: PathBuf,
        kept: String,
        stream: String,
    },
    /// The cluster's stream is gone.
    #[error(
        "the stream {stream} is gone from NATS, and with it the log of the cluster that has its identity there: {SEED_ANEW}"
    )]
    LogGone { stream: String },
    /// The cluster's stream is another one than it began with.
    #[error(
        "the stream {stream} was made anew, and is not the log that this cluster began with: what was acknowledged before may be in the \
         nodes' folders alone. Keep them, use no --rebuild, and {SEED_ANEW}"
    )]
    LogReplaced { stream: String },
    /// NATS did not do something.
    #[error("NATS did not {what}: {reason}")]
    Nats { what: &'static str, reason: String },
    /// What the cluster is was written by a newer version.
    #[error(
        "what the cluster is was written in form {found} and this madang knows {known}; start the version that the others have"
    )]
    NewerIdentity {
        /// The form found.
        found: u32,
        /// The newest form this version knows.
        known: u32,
    },
    /// What the cluster is cannot be read.
    #[error(
        "the key `identity` in the cluster's settings bucket is damaged; put it back from a backup, for without it nobody's cookie \
         is known"
    )]
    IdentityUnreadable,
    /// There is a log, and nothing that says whose.
    #[error(
        "the cluster's log has messages, and the key `identity` in its settings bucket is gone: NATS has lost it. Put the bucket back \
         from a backup; or give --nats-stream another name, and make a node's data folder the first state of a new cluster with \
         `madang cluster seed`"
    )]
    IdentityMissing,
    /// The folder has messages and the cluster has none.
    #[error(
        "{} has messages and the stream {stream} has none: if the folder is of another cluster, correct --nats-stream or --nats. Else make \
         it the first state of this one with `madang cluster seed`, or give --data-dir an empty folder",
        folder.display()
    )]
    NotSeeded {
        /// The folder.
        folder: PathBuf,
        /// The cluster's stream.
        stream: String,
    },
    /// The cluster has nothing that a damaged folder could be built anew from.
    #[error("the database is damaged, and the cluster has nothing to build it anew from; put back a backup")]
    NothingToRebuildFrom,
    /// The folder's database was changed by something else than the log.
    #[error(
        "the database in {} was changed without the cluster, as by a madang that was started without --nats: the others do not have \
         that. Keep a copy if it matters, then start with --rebuild, which takes what the cluster has",
        folder.display()
    )]
    WasAlone {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no snapshot to begin with.
    #[error(
        "the cluster has no sound snapshot from which the log goes on; start a node that has what the log does not have any more, and \
         wait until it has made one (within a minute)"
    )]
    NoSnapshot,
    /// It has, or others would have, to be looked after first.
    #[error("{0}")]
    Stopped(Stopped),
    /// The database cannot be written any more.
    #[error(
        "the database failed while the log was applied to it; see the log above, and check the disk before starting again"
    )]
    DatabaseFailed,
    /// The cluster is not to be seeded.
    #[error(
        "the cluster {stream} is in use already ({what}); give --nats-stream a name that no cluster has, or start the folder as a \
         node, if it is one of this cluster"
    )]
    InUse {
        /// Its stream.
        stream: String,
        /// What shows it.
        what: &'static str,
    },
    /// The folder has nothing to seed with.
    #[error("{} has no database: give --data-dir the folder of a server that was stopped", folder.display())]
    NothingToSeed {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has messages and no key.
    #[error(
        "{} is missing, though there are messages: without it nobody is known any more. Put it back from a backup; to go on with a new \
         one, where everybody is somebody new, start once without --nats and with --new-signing-key",
        path.display()
    )]
    KeyMissing {
        /// The key's file.
        path: PathBuf,
    },
    /// Another seeding, or a snapshot, is under way.
    #[error("something else is being put into the cluster's snapshots; try again in a minute")]
    LeaseTaken,
    /// The folder is of another chat.
    #[error(
        "the data folder {} holds another chat (epoch {found}) than the cluster (epoch {cluster}), and is left as it is; give \
         --data-dir an empty folder, or --nats-stream the stream of the folder's own cluster",
        folder.display()
    )]
    AnotherChat {
        /// The folder.
        folder: PathBuf,
        /// Its database's epoch.
        found: Epoch,
        /// The cluster's.
        cluster: Epoch,
    },
    /// The folder has another chat's key and no database.
    #[error(
        "{} is not the key of this cluster, and there is no database beside it: it may be all that is left of another chat, and \
         is left as it is. Move it away, or give --data-dir an empty folder",
        path.display()
    )]
    AnotherKey {
        /// The key's file.
        path: PathBuf,
    },
    /// A snapshot could not be written or read on this machine's disk.
    #[error(
        "{} cannot be written or read: {source}; a snapshot needs as much free room as the database has bytes",
        path.display()
    )]
    SnapshotFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// Something could not be written as JSON.
    #[error("something could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A thread ended in a panic, or the process ends.
    #[error("a thread of this process did not end as it should: {0}")]
    Thread(#[from] tokio::task::JoinError),
    /// The chat's own folder or database.
    #[error(transparent)]
    Chat(#[from] chat::Error),
}

impl Error {
    pub(crate) fn nats(what: &'static str, error: &impl ToString) -> Self {
        Self::Nats {
            what,
            reason: error.to_string(),
        }
    }
}
