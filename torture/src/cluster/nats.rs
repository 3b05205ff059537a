//! Three real NATS servers, each with its own disk, and links between them.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};
use client::testing::Random;
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::ask::ask;
use super::disks::Disk;
use super::faults::{Fault, NATS_SERVERS, Step};
use super::flip::flip;
use super::journal::Journal;
use super::network::{Cut, Link};
use crate::server::{free_port, signal};

/// How long servers may take until each has everything.
const HEALTHY_MAX: Duration = Duration::from_secs(60);
/// How long one may take after a power cut before its store is thrown away.
const RECOVERY_MAX: Duration = Duration::from_secs(30);
/// How long it is waited before the next fault for all of them to have everything.
const OVER_MAX: Duration = Duration::from_secs(20);
/// How often they are asked.
const PAUSE: Duration = Duration::from_millis(500);
/// An address at which nobody is: servers tell it one another as theirs, so that they connect by the links alone.
const NOWHERE: &str = "127.0.0.1:9";

/// The servers and the links between them.
#[derive(Debug)]
pub struct Nats {
    servers: Vec<Server>,
    routes: Vec<Route>,
    /// The stream whose blocks are damaged.
    stream: String,
}

/// A link from one server to another.
#[derive(Debug)]
struct Route {
    from: usize,
    to: usize,
    link: Link,
}

/// One server.
#[derive(Debug)]
struct Server {
    name: String,
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    disk: Disk,
    client: SocketAddr,
    monitor: SocketAddr,
    process: Option<Child>,
}

/// What the servers keep their data on.
#[derive(Debug)]
pub struct Disks {
    pub disks: Vec<Disk>,
    /// Why they are plain folders, where they are.
    pub why_plain: Option<String>,
}

impl Disks {
    /// Makes them in this folder: file systems of their own where that can be done.
    ///
    /// # Errors
    /// When not even folders can be made.
    pub async fn make(folder: &Path) -> anyhow::Result<Self> {
        let mut disks = Vec::new();
        for number in 1..=NATS_SERVERS {
            let store = folder.join(format!("nats-{number}"));
            let image = folder.join(format!("nats-{number}.img"));
            match Disk::mounted(&store, &image).await {
                Ok(disk) => disks.push(disk),
                Err(error) => {
                    disks.clear();
                    for number in 1..=NATS_SERVERS {
                        disks.push(Disk::plain(&folder.join(format!("nats-{number}-plain")))?);
                    }
                    let why_plain = Some(format!("{error:#}"));
                    return Ok(Self { disks, why_plain });
                }
            }
        }
        Ok(Self {
            disks,
            why_plain: None,
        })
    }
}

impl Nats {
    /// Starts them and waits until they have a leader.
    ///
    /// # Errors
    /// When they do not start, or do not find one another.
    pub async fn start(
        binary: &Path,
        folder: &Path,
        stream: &str,
        disks: Vec<Disk>,
        random: &mut Random,
    ) -> anyhow::Result<Self> {
        let mut ports = Vec::new();
        for _ in &disks {
            ports.push([free_port(random)?, free_port(random)?, free_port(random)?]);
        }
        let mut routes = Vec::new();
        for (from, _) in ports.iter().enumerate() {
            for (to, [_, _, route]) in ports.iter().enumerate().filter(|(to, _)| *to != from) {
                let link = Link::start(*route).await?;
                routes.push(Route { from, to, link });
            }
        }
        let mut servers = Vec::new();
        for (number, (disk, [client, monitor, route])) in disks.into_iter().zip(ports).enumerate() {
            let name = format!("nats-{}", number + 1);
            let config = folder.join(format!("{name}.conf"));
            let of_it = routes.iter().filter(|route| route.from == number);
            let links: Vec<_> = of_it.map(|route| route.link.address()).collect();
            let text = configuration(&name, [client, monitor, route], disk.folder(), &links);
            std::fs::write(&config, text).with_context(|| format!("writing {}", config.display()))?;
            servers.push(Server {
                binary: binary.to_owned(),
                log: folder.join(format!("{name}.log")),
                name,
                config,
                disk,
                client,
                monitor,
                process: None,
            });
        }
        let mut nats = Self {
            servers,
            routes,
            stream: stream.to_owned(),
        };
        for server in &mut nats.servers {
            server.launch()?;
        }
        anyhow::ensure!(
            nats.all_healthy_within(HEALTHY_MAX).await,
            "the NATS servers did not find one another within {} s; see {}",
            HEALTHY_MAX.as_secs(),
            folder.join("nats-1.log").display()
        );
        Ok(nats)
    }

    /// Where nodes would reach them without links.
    #[must_use]
    pub fn clients(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.client).collect()
    }

    /// Where they are watched.
    #[must_use]
    pub fn monitors(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.monitor).collect()
    }

    /// Whether they have file systems of their own.
    #[must_use]
    pub fn has_disks(&self) -> bool {
        self.servers.iter().all(|server| server.disk.is_mounted())
    }

    /// Waits until each of them has everything; whether that came.
    pub async fn all_healthy_within(&self, longest: Duration) -> bool {
        let began = Instant::now();
        for server in &self.servers {
            if !server
                .is_healthy_within(longest.saturating_sub(began.elapsed()))
                .await
            {
                return false;
            }
        }
        true
    }

    /// Carries out a step of the plan, to its end: everything is as it was before.
    ///
    /// # Errors
    /// When a server ended by itself, or does not come back.
    pub async fn carry_out(
        &mut self,
        step: &Step,
        random: &mut Random,
        journal: &Journal,
    ) -> anyhow::Result<()> {
        if step.fault.needs_all() && !self.all_healthy_within(OVER_MAX).await {
            journal.say("the NATS servers are not all well: the next fault is left out");
            return Ok(());
        }
        let whose = self.servers[step.of].name.clone();
        let other = self.servers[step.other].name.clone();
        match step.fault {
            Fault::NatsPair => journal.begins(step.fault, &format!("{whose} and {other}")),
            Fault::NatsAllKilled => journal.begins(step.fault, "all"),
            fault => journal.begins(fault, &whose),
        }
        match step.fault {
            Fault::NatsKilled => self.kill(&[step.of], step.lasts).await?,
            Fault::NatsAllKilled => self.kill(&[0, 1, 2], step.lasts).await?,
            Fault::NatsHeld => {
                self.servers[step.of].signal(Signal::STOP)?;
                tokio::time::sleep(step.lasts).await;
                self.servers[step.of].signal(Signal::CONT)?;
            }
            Fault::NatsAlone => {
                self.cut(step.cut, |route| route.from == step.of || route.to == step.of);
                tokio::time::sleep(step.lasts).await;
                self.heal();
            }
            Fault::NatsPair => {
                let pair = [step.of, step.other];
                self.cut(step.cut, |route| {
                    pair.contains(&route.from) && pair.contains(&route.to)
                });
                tokio::time::sleep(step.lasts).await;
                self.heal();
            }
            Fault::DiskFull => self.fill(step, journal).await?,
            Fault::PowerCut => self.cut_power(step, journal).await?,
            Fault::BitFlipped => self.flip_a_bit(step, random, journal).await?,
            _ => bail!("{:?} is nothing that happens to NATS", step.fault),
        }
        journal.say(&format!("{} is over: {whose}", step.fault.name()));
        if !step.is_hasty && !self.all_healthy_within(OVER_MAX).await {
            journal.say("the NATS servers are not all well yet");
        }
        Ok(())
    }

    /// Starts servers again that do not run, and makes every link whole, so that a run can go on in which something was wrong.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        self.heal();
        for server in &mut self.servers {
            let _ = server.disk.free();
            if server.process.is_none() || server.has_ended().is_err() {
                server.launch()?;
            }
        }
        Ok(())
    }

    async fn kill(&mut self, which: &[usize], lasts: Duration) -> anyhow::Result<()> {
        for at in which {
            self.servers[*at].kill().await?;
        }
        tokio::time::sleep(lasts).await;
        for at in which {
            self.servers[*at].launch()?;
        }
        Ok(())
    }

    fn cut(&self, how: Cut, which: impl Fn(&Route) -> bool) {
        for route in self.routes.iter().filter(|route| which(route)) {
            route.link.cut(how);
        }
    }

    fn heal(&self) {
        for route in &self.routes {
            route.link.heal();
        }
    }

    /// NATS turns JetStream off when its disk is full; what an operator does is to make room and to start it again.
    async fn fill(&mut self, step: &Step, journal: &Journal) -> anyhow::Result<()> {
        let server = &mut self.servers[step.of];
        server.disk.fill()?;
        tokio::time::sleep(step.lasts).await;
        server.disk.free()?;
        server.kill().await?;
        server.launch()?;
        self.recovered(step.of, journal).await
    }

    async fn cut_power(&mut self, step: &Step, journal: &Journal) -> anyhow::Result<()> {
        let server = &mut self.servers[step.of];
        server.disk.cut_power()?;
        server.kill().await?;
        tokio::time::sleep(step.lasts).await;
        server.disk.restore_power().await?;
        server.launch()?;
        self.recovered(step.of, journal).await
    }

    /// A bit is flipped while the server runs, or while it is stopped.
    async fn flip_a_bit(
        &mut self,
        step: &Step,
        random: &mut Random,
        journal: &Journal,
    ) -> anyhow::Result<()> {
        let is_stopped = random.chance(50);
        let server = &mut self.servers[step.of];
        if is_stopped {
            server.kill().await?;
        }
        match flip(server.disk.folder(), &self.stream, random)? {
            Some(flipped) => journal.say(&format!(
                "flipped while {}: {flipped:?}",
                if is_stopped { "stopped" } else { "running" }
            )),
            None => journal.say("there was no block to flip a bit of"),
        }
        tokio::time::sleep(step.lasts).await;
        if is_stopped {
            server.launch()?;
        }
        self.recovered(step.of, journal).await
    }

    /// Waits until a server has everything again. One that does not come to it gets an empty disk, as an operator would do; the
    /// other two have everything.
    async fn recovered(&mut self, at: usize, journal: &Journal) -> anyhow::Result<()> {
        let server = &mut self.servers[at];
        let is_running = |server: &mut Server| server.has_ended().is_ok();
        if server.is_healthy_within(RECOVERY_MAX).await && is_running(server) {
            return Ok(());
        }
        journal.wiped.fetch_add(1, Ordering::Relaxed);
        journal.say(&format!(
            "{} does not come back: its store is thrown away",
            server.name
        ));
        if let Some(mut process) = server.process.take() {
            process.kill().await?;
        }
        server.disk.wipe()?;
        server.launch()?;
        anyhow::ensure!(
            server.is_healthy_within(HEALTHY_MAX).await,
            "{} does not come back with an empty store either",
            server.name
        );
        Ok(())
    }
}

impl Server {
    fn launch(&mut self) -> anyhow::Result<()> {
        let log = |file: &Path| -> std::io::Result<File> {
            OpenOptions::new().create(true).append(true).open(file)
        };
        let child = Command::new(&self.binary)
            .arg("-c")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(log(&self.log)?)
            .stderr(log(&self.log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.binary.display()))?;
        self.process = Some(child);
        Ok(())
    }

    /// An error when it ended by itself.
    fn has_ended(&mut self) -> anyhow::Result<()> {
        match self.process.as_mut().map(Child::try_wait).transpose()?.flatten() {
            Some(status) => bail!(
                "{} ended by itself ({status}); see {}",
                self.name,
                self.log.display()
            ),
            None => Ok(()),
        }
    }

    async fn kill(&mut self) -> anyhow::Result<()> {
        let ended = self.has_ended();
        if let Some(mut process) = self.process.take() {
            process.kill().await.context("killing a NATS server")?;
        }
        ended
    }

    fn signal(&mut self, which: Signal) -> anyhow::Result<()> {
        self.has_ended()?;
        match self.process.as_ref().and_then(Child::id) {
            Some(id) => signal(id, which),
            None => bail!("{} does not run", self.name),
        }
    }

    async fn is_healthy_within(&self, longest: Duration) -> bool {
        let began = Instant::now();
        loop {
            if ask(self.monitor, "/healthz")
                .await
                .is_some_and(|answer| answer.status == 200)
            {
                return true;
            }
            if began.elapsed() >= longest {
                return false;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn configuration(
    name: &str,
    [client, monitor, route]: [SocketAddr; 3],
    store: &Path,
    links: &[SocketAddr],
) -> String {
    let links: Vec<String> = links
        .iter()
        .map(|link| format!("\"nats-route://{link}\""))
        .collect();
    format!(
        "server_name: {name}\n\
         listen: \"{client}\"\n\
         http: \"{monitor}\"\n\
         jetstream {{ store_dir: \"{}\", max_memory_store: 256MB, max_file_store: 64GB, sync_interval: always }}\n\
         cluster {{ name: torture, listen: \"{route}\", no_advertise: true, advertise: \"{NOWHERE}\", routes: [{}] }}\n",
        store.display(),
        links.join(", ")
    )
}

/// Where `nats-server` is: what the variable `NATS_SERVER` says, or the first one on the path.
///
/// # Errors
/// When there is none.
pub fn binary() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("NATS_SERVER") {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    found.into_iter().find(|file| file.is_file()).context(
        "there is no nats-server on the path; `cargo xtask nats` gets it, or name one in NATS_SERVER",
    )
}
