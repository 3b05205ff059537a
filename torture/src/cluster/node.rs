//! The nodes: real processes, each with a data folder of its own and links to every NATS server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use client::testing::Random;
use tokio::time::Instant;

use super::ask::{Answer, ask};
use super::corruption;
use super::faults::{Fault, Step};
use super::journal::Journal;
use super::network::Link;
use crate::server::{self, Server};

/// What nodes are to log.
const LOG: &str = "warn,server::application=info,server::assets=error,cluster=info";
/// How long a node may take to be ready, NATS being away for a while meanwhile.
pub const READY_MAX: Duration = Duration::from_secs(120);
/// How long a node that differs may take to be found.
const FOUND_MAX: Duration = Duration::from_secs(90);
/// How long it is waited for a node before the next fault.
const OVER_MAX: Duration = Duration::from_secs(20);
/// How often they are asked.
const PAUSE: Duration = Duration::from_millis(100);
/// Flags for what the nodes have in common.
const COMMON: &[&str] = &["--post-rate", "0", "--nats-replicas", "3"];

/// Where nodes run from, and what they find.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The `madang` binary.
    pub binary: PathBuf,
    /// The folder of their folders.
    pub folder: PathBuf,
    pub stream: String,
    /// The NATS servers, and where they are watched.
    pub nats: Vec<SocketAddr>,
    pub monitors: Vec<SocketAddr>,
}

/// One node.
#[derive(Debug)]
pub struct Node {
    name: String,
    server: Server,
    /// To each NATS server.
    links: Vec<Link>,
    /// The NATS servers themselves, past the links, and the log's stream there.
    nats: Vec<SocketAddr>,
    stream: String,
}

/// All nodes.
#[derive(Debug)]
pub struct Nodes(Vec<Node>);

impl Nodes {
    /// Starts so many and waits until each serves.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start(setup: &Setup, count: usize, random: &mut Random) -> anyhow::Result<Self> {
        let mut nodes = Vec::new();
        for number in 1..=count {
            nodes.push(Node::new(setup, number, random).await?);
        }
        for node in &mut nodes {
            node.server.launch()?;
        }
        let mut nodes = Self(nodes);
        nodes.all_ready().await?;
        Ok(nodes)
    }

    /// Where they listen.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().map(|node| node.server.address()).collect()
    }

    /// Their names and the folders of their data.
    pub fn data_dirs(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        self.0
            .iter()
            .map(|node| (node.name.as_str(), node.server.data_dir()))
    }

    /// Waits until every node serves.
    ///
    /// # Errors
    /// When one does not come to it, or ended by itself.
    pub async fn all_ready(&mut self) -> anyhow::Result<()> {
        for node in &mut self.0 {
            node.server.wait_until_listening().await?;
            node.ready_within(READY_MAX).await?;
        }
        Ok(())
    }

    /// Carries out a step of the plan, to its end.
    ///
    /// # Errors
    /// When a node ended by itself, does not come back, or something was not found that should have been.
    pub async fn carry_out(
        &mut self,
        step: &Step,
        random: &mut Random,
        journal: &Journal,
    ) -> anyhow::Result<()> {
        let count = self.0.len().max(1);
        let node = self.0.get_mut(step.of % count).context("there is no node")?;
        journal.begins(step.fault, &node.name);
        match step.fault {
            Fault::NodeKilled => {
                node.server.kill().await?;
                tokio::time::sleep(step.lasts).await;
                node.server.launch()?;
                if step.is_hasty && random.chance(40) {
                    // It is killed while it starts.
                    tokio::time::sleep(random.ms(0, 300)).await;
                    journal.begins(step.fault, &node.name);
                    let _ = node.server.kill().await;
                    node.server.launch()?;
                }
            }
            Fault::NodeHeld => {
                node.server.hold(true)?;
                tokio::time::sleep(step.lasts).await;
                node.server.hold(false)?;
            }
            Fault::NodeEnded => {
                node.server.stop().await?;
                tokio::time::sleep(step.lasts).await;
                node.server.launch()?;
            }
            Fault::NodeWithoutNats => node.cut_off(step, |_| true).await,
            Fault::NodeWithoutOne => node.cut_off(step, |number| number == step.other).await,
            Fault::NodeCorrupted => node.corrupt(journal).await?,
            _ => bail!("{:?} is nothing that happens to nodes", step.fault),
        }
        journal.say(&format!("{} is over: {}", step.fault.name(), node.name));
        node.server.wait_until_listening().await?;
        if !step.is_hasty && node.ready_within(OVER_MAX).await.is_err() {
            journal.say(&format!("{} does not serve yet", node.name));
        }
        Ok(())
    }

    /// Starts a node again with which something was wrong, so that the run can go on.
    ///
    /// # Errors
    /// When there is no such program.
    pub async fn revive(&mut self, which: usize) -> anyhow::Result<()> {
        let count = self.0.len().max(1);
        let node = self.0.get_mut(which % count).context("there is no node")?;
        for link in &node.links {
            link.heal();
        }
        // It may have ended already.
        let _ = node.server.kill().await;
        node.server.launch()
    }

    /// Restarts one node as an upgrade does, and waits until it serves again.
    ///
    /// # Errors
    /// When it does not end well or does not come back.
    pub async fn restart(&mut self, which: usize) -> anyhow::Result<()> {
        let count = self.0.len().max(1);
        let node = self.0.get_mut(which % count).context("there is no node")?;
        node.server.stop().await?;
        node.server.launch()?;
        node.server.wait_until_listening().await?;
        node.ready_within(READY_MAX).await
    }

    /// Asks every node to end, one after the other.
    ///
    /// # Errors
    /// When one does not end well.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        for node in &mut self.0 {
            node.server.stop().await.with_context(|| node.name.clone())?;
        }
        Ok(())
    }

    /// The first line of each panic in their logs.
    #[must_use]
    pub fn panics(&self) -> Vec<String> {
        let of = |node: &Node| {
            node.server
                .panics()
                .into_iter()
                .map(|line| format!("{}: {line}", node.name))
                .collect()
        };
        self.0
            .iter()
            .flat_map(|node: &Node| -> Vec<String> { of(node) })
            .collect()
    }

    /// The last lines that each logged.
    #[must_use]
    pub fn log_tail(&self, lines: usize) -> Vec<String> {
        let mut tail = Vec::new();
        for node in &self.0 {
            let logged = node.server.log_tail();
            let last = logged.iter().rev().take(lines).rev();
            tail.extend(last.map(|line| format!("{}: {line}", node.name)));
        }
        tail
    }
}

impl Node {
    async fn new(setup: &Setup, number: usize, random: &mut Random) -> anyhow::Result<Self> {
        let name = format!("node-{number}");
        let folder = setup.folder.join(&name);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let mut links = Vec::new();
        for server in &setup.nats {
            links.push(Link::start(*server).await?);
        }
        let urls = |scheme: &str, addresses: &mut dyn Iterator<Item = SocketAddr>| -> String {
            let urls: Vec<_> = addresses.map(|address| format!("{scheme}://{address}")).collect();
            urls.join(",")
        };
        let mut flags: Vec<String> = COMMON.iter().map(|&flag| flag.to_owned()).collect();
        for (flag, value) in [
            ("--nats", urls("nats", &mut links.iter().map(Link::address))),
            (
                "--nats-monitor",
                urls("http", &mut setup.monitors.iter().copied()),
            ),
            ("--nats-stream", setup.stream.clone()),
            ("--node-name", name.clone()),
        ] {
            flags.extend([flag.to_owned(), value]);
        }
        let server = server::Setup {
            binary: setup.binary.clone(),
            folder,
            flags,
            log: LOG,
        };
        Ok(Self {
            name,
            server: Server::new(server, random)?,
            links,
            nats: setup.nats.clone(),
            stream: setup.stream.clone(),
        })
    }

    async fn readiness(&self) -> Option<Answer> {
        ask(self.server.address(), "/readyz").await
    }

    async fn ready_within(&self, longest: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let answer = self.readiness().await;
            if answer.as_ref().is_some_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if began.elapsed() >= longest {
                bail!(
                    "{} does not serve within {} s; it says {answer:?}",
                    self.name,
                    longest.as_secs()
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn cut_off(&self, step: &Step, which: impl Fn(usize) -> bool) {
        let links = || self.links.iter().enumerate().filter(|(number, _)| which(*number));
        for (_, link) in links() {
            link.cut(step.cut);
        }
        tokio::time::sleep(step.lasts).await;
        for (_, link) in links() {
            link.heal();
        }
    }

    /// Changes its history by hand: it must be found and stop, and be sound again once it was built anew.
    async fn corrupt(&mut self, journal: &Journal) -> anyhow::Result<()> {
        self.server.wait_until_listening().await?;
        self.ready_within(READY_MAX).await?;
        self.server.stop().await?;
        corruption::corrupt(&self.server.data_dir(), &self.nats, &self.stream).await?;
        self.server.launch()?;
        let said = self.found_within(FOUND_MAX).await?;
        journal.say(&format!("{} says: {said}", self.name));
        let logged = self.server.log_tail();
        ensure!(
            logged.iter().any(|line| line.contains("ERROR")),
            "{} differs and its log has no error",
            self.name
        );
        self.server.stop().await?;
        self.server.launch_with(&["--rebuild"])?;
        self.server.wait_until_listening().await?;
        self.ready_within(READY_MAX).await?;
        // The flag is for one start only.
        self.server.stop().await?;
        self.server.launch()
    }

    /// Waits until it says that it has stopped; what it says.
    async fn found_within(&self, longest: Duration) -> anyhow::Result<String> {
        let began = Instant::now();
        loop {
            let answer = self.readiness().await;
            match answer {
                Some(Answer { status: 503, body }) if body.contains("other history") => return Ok(body),
                answer if began.elapsed() >= longest => {
                    bail!(
                        "the history of {} was changed by hand, and it has not stopped within {} s; it says {answer:?}",
                        self.name,
                        longest.as_secs()
                    )
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}
