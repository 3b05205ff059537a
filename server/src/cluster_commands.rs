//! `madang cluster …`: what is done for a cluster once, by somebody who runs it.

use std::io::Write as _;
use std::path::PathBuf;

use chat::DataFolder;
use clap::{Args, Subcommand};
use tracing_subscriber::filter::Targets;

use crate::cluster_flags::NatsFlags;
use crate::telemetry;

/// What there is to do instead of serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Set up a cluster: several nodes on one NATS JetStream log.
    #[command(subcommand)]
    Cluster(ClusterCommand),
}

/// What can be done for a cluster.
#[derive(Clone, Debug, Subcommand)]
pub enum ClusterCommand {
    /// Make the folder of a single server the first state of a new cluster.
    ///
    /// Stop the server first. Everything in its folder, and who everybody is, becomes the cluster's; the folder keeps all messages and
    /// can be started as the first node with the same --nats and --nats-stream. One that was a node's gets a new epoch, and belongs
    /// to the new cluster then: give a copy of it. Refused where the cluster has a state already.
    Seed(SeedFlags),
}

/// What a cluster is seeded with.
#[derive(Clone, Debug, Args)]
pub struct SeedFlags {
    #[command(flatten)]
    pub nats: NatsFlags,

    /// Folder of the single server.
    #[arg(
        long,
        env = "MADANG_DATA_DIR",
        value_name = "DIR",
        default_value = "madang-data"
    )]
    pub data_dir: PathBuf,

    /// What is logged to stderr, as for the server.
    #[arg(long, env = "MADANG_LOG", value_name = "FILTER", default_value = "info", value_parser = telemetry::parse_filter)]
    pub log: Targets,
}

impl Command {
    /// What is logged meanwhile.
    #[must_use]
    pub const fn log(&self) -> &Targets {
        match self {
            Self::Cluster(ClusterCommand::Seed(flags)) => &flags.log,
        }
    }

    /// Does it, and says on standard output how far it is.
    ///
    /// # Errors
    /// What is in the way, in a sentence that says what to do.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Cluster(ClusterCommand::Seed(flags)) => seed(flags).await,
        }
    }
}

async fn seed(flags: SeedFlags) -> anyhow::Result<()> {
    let config = flags.nats.config()?;
    let stream = config.stream.clone();
    // Opening would make it.
    anyhow::ensure!(
        flags.data_dir.is_dir(),
        "there is no folder {}: --data-dir names that of the server whose chat the cluster is to go on with",
        flags.data_dir.display()
    );
    let folder = DataFolder::open(&flags.data_dir)?;
    cluster::seed(config, folder, |progress| say(&progress)).await?;
    say(&format!(
        "{} is the first state of the cluster {stream} now; start its nodes with the same --nats and with --nats-stream {stream}",
        flags.data_dir.display()
    ));
    Ok(())
}

/// Where nobody reads it, it is not missed.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
