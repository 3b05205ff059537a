//! Three nodes of Madang on the NATS servers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::nats::Nats;
use super::ports;
use crate::subject::{self, Places, Running};
use crate::wire;

/// How many there are.
pub(super) const NODES: usize = 3;
/// The stream that is their log.
pub(super) const STREAM: &str = "MADANG";
/// How long a node may take to serve.
const READY_MAX: Duration = Duration::from_secs(60);
/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(50);

/// The nodes. They are killed when this is dropped.
pub(super) struct Nodes {
    places: Places,
    folder: PathBuf,
    /// What they are told of the NATS servers.
    flags: Vec<String>,
    nodes: Vec<Node>,
}

struct Node {
    address: SocketAddr,
    running: Option<Running>,
}

impl Nodes {
    /// Starts them with empty folders in this one and waits until all serve.
    ///
    /// # Errors
    /// When one does not.
    pub(super) fn start(places: &Places, folder: PathBuf, nats: &Nats) -> Result<Self> {
        let addresses = ports::free(NODES)?;
        let mut flags = nats.flags().to_vec();
        flags.extend(["--nats-stream", STREAM].map(str::to_owned));
        let nodes = addresses.into_iter().map(|address| Node {
            address,
            running: None,
        });
        let mut nodes = Self {
            places: places.clone(),
            folder,
            flags,
            nodes: nodes.collect(),
        };
        for which in 0..NODES {
            nodes.launch(which)?;
        }
        for which in 0..NODES {
            nodes.wait_until_ready(which)?;
        }
        Ok(nodes)
    }

    /// Where they listen.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.address).collect()
    }

    /// Kills one without a word to it; returns when it is gone.
    pub(super) fn kill(&mut self, which: usize) {
        self.nodes[which].running = None;
    }

    /// Starts one with the data it has, and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub(super) fn restart(&mut self, which: usize) -> Result<()> {
        self.launch(which)?;
        self.wait_until_ready(which)
    }

    /// The processes that run.
    pub(super) fn pids(&self) -> impl Iterator<Item = u32> {
        self.nodes
            .iter()
            .filter_map(|node| node.running.as_ref().map(Running::pid))
    }

    /// The last lines that each wrote, to stand behind what went wrong.
    pub(super) fn last_words(&self) -> String {
        let of = |node: &Node| node.running.as_ref().map(Running::last_words);
        self.nodes.iter().filter_map(of).collect::<Vec<_>>().join("\n")
    }

    fn launch(&mut self, which: usize) -> Result<()> {
        let name = format!("node-{}", which + 1);
        let node = &mut self.nodes[which];
        let mut command = subject::madang(&self.places, &self.folder.join(&name))?;
        command
            .args(["--listen", &node.address.to_string(), "--node-name", &name])
            .args(&self.flags);
        let child = subject::spawn(command, &self.places.cores)?;
        node.running = Some(Running::wait_for_address(child).with_context(|| format!("starting {name}"))?);
        Ok(())
    }

    fn wait_until_ready(&self, which: usize) -> Result<()> {
        let began = Instant::now();
        while let Err(error) = wire::get_head(self.nodes[which].address, "/readyz") {
            ensure!(
                began.elapsed() < READY_MAX,
                "node {} does not serve after {READY_MAX:?}: {error}; {}",
                which + 1,
                self.last_words()
            );
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}
