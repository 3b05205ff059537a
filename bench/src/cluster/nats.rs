//! Three NATS servers that sync everything at once, with their stores in the bench's folder.

use std::env;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::ports;
use crate::subject::Cores;
use crate::{machine, wire};

/// As many as the log has copies.
pub(super) const SERVERS: usize = 3;
/// The variable that names the program.
const VARIABLE: &str = "NATS_SERVER";
const PROGRAM: &str = "nats-server";
/// How long they may take until each has everything.
const HEALTHY_MAX: Duration = Duration::from_secs(60);
/// How often they are asked.
const PAUSE: Duration = Duration::from_millis(50);

/// The servers. They are killed when this is dropped.
pub(super) struct Nats {
    program: PathBuf,
    cores: Cores,
    servers: Vec<Server>,
}

struct Server {
    name: String,
    /// Where its configuration, its store and what it logs are.
    folder: PathBuf,
    nodes: SocketAddr,
    monitor: SocketAddr,
    process: Option<Child>,
}

impl Nats {
    /// Starts them with empty stores in this folder, and waits until they are one cluster.
    ///
    /// # Errors
    /// When there is no `nats-server`, or the three do not find one another.
    pub(super) fn start(folder: &Path, cores: &Cores) -> Result<Self> {
        let addresses = ports::free(3 * SERVERS)?;
        let (nodes, rest) = addresses.split_at(SERVERS);
        let (monitors, routes) = rest.split_at(SERVERS);
        let mut servers = Vec::new();
        for (number, (&nodes, &monitor)) in nodes.iter().zip(monitors).enumerate() {
            let server = Server {
                name: format!("nats-{}", number + 1),
                folder: folder.to_owned(),
                nodes,
                monitor,
                process: None,
            };
            fs::write(server.file("conf"), server.configuration(routes[number], routes))?;
            servers.push(server);
        }
        let mut nats = Self {
            program: program()?,
            cores: cores.clone(),
            servers,
        };
        for which in 0..SERVERS {
            nats.launch(which)?;
        }
        nats.wait_until_healthy()?;
        Ok(nats)
    }

    /// What a node is told of them: the servers, and where they are watched.
    pub(super) fn flags(&self) -> [String; 4] {
        let list = |scheme: &str, address: fn(&Server) -> SocketAddr| {
            let urls = self.servers.iter().map(address);
            urls.map(|address| format!("{scheme}://{address}"))
                .collect::<Vec<_>>()
                .join(",")
        };
        [
            "--nats".to_owned(),
            list("nats", |server| server.nodes),
            "--nats-monitor".to_owned(),
            list("http", |server| server.monitor),
        ]
    }

    /// The server that leads this stream.
    ///
    /// # Errors
    /// When none that can be asked knows it within 60 s.
    pub(super) fn leader(&self, stream: &str) -> Result<usize> {
        let began = Instant::now();
        loop {
            for server in &self.servers {
                let answer = wire::get_body(server.monitor, "/jsz?accounts=true&streams=true");
                let leader = answer.ok().and_then(|answer| leader_in(&answer, stream));
                let which = leader.and_then(|leader| self.servers.iter().position(|of| of.name == leader));
                if let Some(which) = which {
                    return Ok(which);
                }
            }
            ensure!(
                began.elapsed() < HEALTHY_MAX,
                "no NATS server knows who leads the stream {stream}"
            );
            thread::sleep(PAUSE);
        }
    }

    /// Kills one without a word to it.
    ///
    /// # Errors
    /// When the kernel does not.
    pub(super) fn kill(&mut self, which: usize) -> Result<()> {
        if let Some(mut process) = self.servers[which].process.take() {
            process.kill().context("killing a NATS server")?;
            process.wait().context("waiting for a NATS server's end")?;
        }
        Ok(())
    }

    /// Starts one on its store.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) fn launch(&mut self, which: usize) -> Result<()> {
        let server = &mut self.servers[which];
        let mut command = Command::new(&self.program);
        command
            .arg("--config")
            .arg(server.file("conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(server.file("stderr"))?);
        machine::pin(&self.cores.server)?;
        let process = command.spawn();
        machine::pin(&self.cores.load)?;
        server.process = Some(process.with_context(|| format!("starting {command:?}"))?);
        Ok(())
    }

    /// Waits until each has everything.
    ///
    /// # Errors
    /// When that does not come within 60 s, or one ends.
    pub(super) fn wait_until_healthy(&mut self) -> Result<()> {
        let began = Instant::now();
        for server in &mut self.servers {
            while wire::get_head(server.monitor, "/healthz").is_err() {
                let ended = server.process.as_mut().map(Child::try_wait).transpose()?;
                ensure!(
                    ended.flatten().is_none(),
                    "{} ended: {}",
                    server.name,
                    fs::read_to_string(server.file("stderr")).unwrap_or_default()
                );
                ensure!(
                    began.elapsed() < HEALTHY_MAX,
                    "{} is not well after {HEALTHY_MAX:?}; see {}",
                    server.name,
                    server.file("log").display()
                );
                thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// The processes that run.
    pub(super) fn pids(&self) -> impl Iterator<Item = u32> {
        self.servers
            .iter()
            .filter_map(|server| server.process.as_ref().map(Child::id))
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        for which in 0..self.servers.len() {
            // There is nobody left to tell.
            let _ = self.kill(which);
        }
    }
}

impl Server {
    fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.name))
    }

    fn configuration(&self, route: SocketAddr, routes: &[SocketAddr]) -> String {
        let Self {
            name,
            folder,
            nodes,
            monitor,
            ..
        } = self;
        let folder = folder.display();
        let routes: Vec<_> = routes.iter().map(|other| format!("\"nats://{other}\"")).collect();
        format!(
            "server_name: {name}\n\
             listen: \"{nodes}\"\n\
             http: \"{monitor}\"\n\
             log_file: \"{folder}/{name}.log\"\n\
             jetstream {{ store_dir: \"{folder}/{name}\", sync_interval: always }}\n\
             cluster {{ name: bench, listen: \"{route}\", routes: [{}] }}\n",
            routes.join(", ")
        )
    }
}

/// What the variable names, or the first one on the path.
fn program() -> Result<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&path).map(|folder| folder.join(PROGRAM));
    candidates.find(|file| file.is_file()).with_context(|| {
        format!("there is no {PROGRAM} on the path: `cargo xtask nats` gets one, and {VARIABLE} names it")
    })
}

/// The name of the server that leads a stream, as `/jsz?accounts=true&streams=true` tells it.
fn leader_in(answer: &[u8], stream: &str) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let accounts = answer.get("account_details")?.as_array()?;
    let streams = accounts
        .iter()
        .filter_map(|account| account.get("stream_detail")?.as_array());
    let named = streams
        .flatten()
        .find(|detail| detail.get("name").and_then(Value::as_str) == Some(stream))?;
    Some(named.get("cluster")?.get("leader")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_is_that_of_the_stream_and_not_of_the_cluster() {
        let answer =
            br#"{"meta_cluster":{"leader":"nats-2"},"account_details":[{"name":"$G","stream_detail":[
            {"name":"KV_MADANG","cluster":{"leader":"nats-1"}},
            {"name":"MADANG","cluster":{"name":"bench","leader":"nats-3","replicas":[{"name":"nats-1"}]}},
            {"name":"LEADERLESS","cluster":{"name":"bench"}}]}]}"#;
        assert_eq!(leader_in(answer, "MADANG").as_deref(), Some("nats-3"));
        assert_eq!(leader_in(answer, "LEADERLESS"), None);
        assert_eq!(leader_in(answer, "ANOTHER"), None);
        assert_eq!(leader_in(b"{}", "MADANG"), None);
        assert_eq!(leader_in(b"", "MADANG"), None);
    }

    #[test]
    fn every_server_knows_all_routes_and_syncs_always() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let server = Server {
            name: "nats-1".to_owned(),
            folder: PathBuf::from("/data"),
            nodes: address(1),
            monitor: address(2),
            process: None,
        };
        let text = server.configuration(address(3), &[address(3), address(4)]);
        for part in [
            "sync_interval: always",
            "store_dir: \"/data/nats-1\"",
            "listen: \"127.0.0.1:3\", routes: [\"nats://127.0.0.1:3\", \"nats://127.0.0.1:4\"]",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
