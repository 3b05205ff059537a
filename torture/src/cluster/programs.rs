//! Everything that runs: the NATS servers, the nodes, and the proxy before them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use client::testing::Random;

use super::journal::Journal;
use super::nats::{Disks, Nats};
use super::node::{Nodes, Setup};
use crate::proxy::{FaultPlan, Proxy};

/// The stream that the nodes share.
const STREAM: &str = "TORTURE";
// What the numbers that are drawn are for.
const FOR_PORTS: u64 = 4 << 40;

/// The options of a run of several nodes.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `madang` binary.
    pub binary: PathBuf,
    /// The `nats-server` binary.
    pub nats_server: PathBuf,
    /// Where data and logs go.
    pub folder: PathBuf,
    /// How many nodes there are.
    pub nodes: usize,
    /// How long it lasts, the quiet end included.
    pub length: Duration,
    /// What everything that is left to chance is drawn from.
    pub seed: u64,
    /// Browsers that use one transport each, in equal shares.
    pub clients: usize,
    /// Browsers beside them that may use all transports.
    pub roaming: usize,
}

/// What runs. All of it ends when this is dropped.
#[derive(Debug)]
pub struct Programs {
    pub nodes: Nodes,
    pub nats: Nats,
    pub proxy: Proxy,
    pub journal: Journal,
    /// What could not be done on this machine, a sentence each.
    pub left_out: Vec<String>,
}

impl Programs {
    /// Starts everything; `plan` says what goes wrong on each connection of a client.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(
        options: &Options,
        plan: impl Fn(u64) -> FaultPlan + Send + 'static,
    ) -> anyhow::Result<Self> {
        let mut random = Random::for_purpose(options.seed, FOR_PORTS);
        let Disks { disks, why_plain } = Disks::make(&options.folder).await?;
        let left_out = why_plain.map(|why| {
            format!("The NATS servers have no disks of their own here ({why}): none was filled and none lost its power.")
        });
        let nats = Nats::start(&options.nats_server, &options.folder, STREAM, disks, &mut random).await?;
        let setup = Setup {
            binary: options.binary.clone(),
            folder: options.folder.clone(),
            stream: STREAM.to_owned(),
            nats: nats.clients(),
            monitors: nats.monitors(),
        };
        let nodes = Nodes::start(&setup, options.nodes, &mut random).await?;
        let proxy = Proxy::start_among(nodes.addresses(), plan)
            .await
            .context("starting the proxy")?;
        Ok(Self {
            nodes,
            nats,
            proxy,
            journal: Journal::new(&options.folder),
            left_out: left_out.into_iter().collect(),
        })
    }
}
