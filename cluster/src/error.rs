//! What keeps a node from joining its cluster, in sentences that say what to do.

use std::path::PathBuf;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream's name is none.
    #[error("{0:?} cannot name a stream: use 1 to 32 letters, digits, - and _")]
    StreamName(String),
    /// The part that joins a cluster is not there yet.
    #[error("this version of madang cannot join a cluster yet; start it without --nats")]
    NotBuilt,
    /// Not an address of a NATS server.
    #[error("{0:?} is no address of a NATS server: write nats://host:port or tls://host:port")]
    ServerAddress(String),
    /// A file of the configuration.
    #[error("the NATS {what} {} cannot be read ({source}): give a file that this user may read", path.display())]
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
        "the NATS servers at {servers} do not let this node in: give --nats-credentials a file that they accept"
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
    /// NATS did not do something.
    #[error("NATS did not {what}: {reason}")]
    Nats { what: &'static str, reason: String },
    /// The chat's own folder or database.
    #[error(transparent)]
    Chat(#[from] chat::Error),
}
