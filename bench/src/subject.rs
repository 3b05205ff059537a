//! The servers under test: how each is started, found and stopped.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use crate::machine;

/// How long a server may take to say its address.
const START_MAX: Duration = Duration::from_secs(20);
/// The last lines a server wrote, kept for the error message.
const LINES_KEPT: usize = 12;
/// A peer's frame around message and padding, as `bun.js` and `node.js` make it.
const PEER_FRAME: &str = r#"{"type":"message","message":"","pad":""}"#;

/// A server that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// Bun's WebSocket `publish`, which stores nothing: what Madang is measured by.
    Bun,
    /// Madang, storing every message.
    Madang,
    /// Node with `ws`, which stores nothing.
    Node,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Madang's release binary.
    pub(crate) madang: PathBuf,
    /// The folder of the peers, after `npm ci`.
    pub(crate) peers: PathBuf,
    /// Madang's data go into a folder in here.
    pub(crate) data: PathBuf,
    pub(crate) cores: Cores,
}

/// The cores of the server and of the load. Where the server has the load's core too, it shows what its threads wait for
/// one another.
#[derive(Clone, Debug)]
pub(crate) struct Cores {
    pub(crate) server: Vec<usize>,
    pub(crate) load: Vec<usize>,
}

/// A server that runs; it is killed when this is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    child: Child,
    log: Log,
}

impl Subject {
    /// What the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bun => "Bun",
            Self::Madang => "Madang",
            Self::Node => "Node ws",
        }
    }

    /// Starts it on its cores, on a free port of the loopback interface, Madang with an empty data folder.
    /// `frame_bytes` is how long a peer makes its frames, by padding.
    ///
    /// # Errors
    /// When it is not there or does not say its address within 20 s.
    pub(crate) fn start(self, places: &Places, frame_bytes: usize) -> Result<Running> {
        if self == Self::Madang {
            let data = madang_data(places);
            if data.exists() {
                fs::remove_dir_all(&data)?;
            }
            fs::create_dir_all(&data)?;
        }
        self.launch(places, frame_bytes)
    }

    fn launch(self, places: &Places, frame_bytes: usize) -> Result<Running> {
        let mut command = self.command(places)?;
        let pad = frame_bytes.saturating_sub(PEER_FRAME.len() + crate::stamp::message(0).len());
        command.env("BENCH_PAD_BYTES", pad.to_string());
        let child = spawn(command, &places.cores)?;
        Running::wait_for_address(child).with_context(|| format!("starting {}", self.name()))
    }

    fn command(self, places: &Places) -> Result<Command> {
        match self {
            Self::Bun => {
                let mut command = Command::new(bun(&places.peers)?);
                command.arg(places.peers.join("bun.js"));
                Ok(command)
            }
            Self::Node => {
                ensure!(
                    places.peers.join("node_modules/ws").exists(),
                    peers_missing(&places.peers)
                );
                let mut command = Command::new("node");
                command.arg(places.peers.join("node.js"));
                Ok(command)
            }
            Self::Madang => {
                let mut command = madang(places, &madang_data(places))?;
                command.args(["--listen", "127.0.0.1:0"]);
                Ok(command)
            }
        }
    }

    /// Its version, for the line above the table.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn version(self, places: &Places) -> Result<String> {
        match self {
            Self::Bun => Ok(format!(
                "Bun {}",
                first_line(Command::new(bun(&places.peers)?).arg("--version"))?
            )),
            Self::Node => {
                let manifest = fs::read_to_string(places.peers.join("node_modules/ws/package.json"))
                    .with_context(|| peers_missing(&places.peers))?;
                let ws = manifest
                    .split_once(r#""version": ""#)
                    .and_then(|(_, rest)| rest.split('"').next());
                let node = first_line(Command::new("node").arg("--version"))?;
                Ok(format!("Node {node} with ws {}", ws.unwrap_or("?")))
            }
            Self::Madang => Ok(format!("Madang {}", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// Madang with its data in this folder; where it listens is still to be said.
///
/// # Errors
/// When it is not there.
pub(crate) fn madang(places: &Places, data: &Path) -> Result<Command> {
    ensure!(
        places.madang.exists(),
        "{} is missing: cargo build --release -p server --bin madang",
        places.madang.display()
    );
    let mut command = Command::new(&places.madang);
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("MADANG_") || name.starts_with("LEPTOS_"))
        {
            command.env_remove(name);
        }
    }
    command.args(["--post-rate", "0", "--data-dir"]).arg(data);
    Ok(command)
}

/// Starts a server on its cores, on which it stays. What it says on stderr is to be read.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn spawn(mut command: Command, cores: &Cores) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    // A process starts on the cores of the one that starts it.
    machine::pin(&cores.server)?;
    let child = command.spawn();
    machine::pin(&cores.load)?;
    child.with_context(|| format!("starting {command:?}"))
}

fn madang_data(places: &Places) -> PathBuf {
    places.data.join("madang")
}

/// Bun's binary. npm puts it into a package of the platform; Bun's install script, where npm runs it, moves it.
fn bun(peers: &Path) -> Result<PathBuf> {
    let moved = peers.join("node_modules/bun/bin/bun.exe");
    let platforms = fs::read_dir(peers.join("node_modules/@oven"))
        .into_iter()
        .flatten()
        .flatten();
    let candidates = platforms.map(|entry| entry.path().join("bin/bun")).chain([moved]);
    let works = |path: &PathBuf| first_line(Command::new(path).arg("--version")).is_ok();
    candidates
        .into_iter()
        .find(works)
        .with_context(|| peers_missing(peers))
}

fn peers_missing(peers: &Path) -> String {
    format!("the peers are not installed: run `npm ci` in {}", peers.display())
}

fn first_line(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::null())
        .output()
        .with_context(|| format!("running {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned())
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills Madang, without a word to it, and starts it again with the data it has.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn restarted(self, places: &Places) -> Result<Self> {
        drop(self);
        Subject::Madang.launch(places, 0)
    }

    /// The last lines it wrote, to stand behind what went wrong.
    pub(crate) fn last_words(&self) -> String {
        format!("the server's last words:\n{}", self.log.last_lines())
    }

    /// Waits until a server says its address.
    ///
    /// # Errors
    /// When it does not within 20 s, or ends.
    pub(crate) fn wait_for_address(mut child: Child) -> Result<Self> {
        let stderr = child.stderr.take().context("the server has no stderr")?;
        let (log, address) = Log::follow(stderr);
        let mut running = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            log,
        };
        match address.recv_timeout(START_MAX) {
            Ok(address) => running.address = address,
            Err(RecvTimeoutError::Disconnected) => bail!("it ended; {}", running.last_words()),
            Err(RecvTimeoutError::Timeout) => bail!("it did not say its address within {START_MAX:?}"),
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of what a server writes, read for as long as it runs so that it never blocks on us.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    /// Reads from now on; the first address in a line is sent on, and if there is none, the channel ends.
    fn follow(stderr: impl Read + Send + 'static) -> (Self, Receiver<SocketAddr>) {
        let (sender, receiver) = mpsc::sync_channel(1);
        let log = Self::default();
        let kept = log.clone();
        thread::spawn(move || {
            let mut sender = Some(sender);
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(address) = address_in(&line)
                    && let Some(sender) = sender.take()
                {
                    let _ = sender.send(address);
                }
                kept.keep(line);
            }
        });
        (log, receiver)
    }

    fn keep(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn last_lines(&self) -> String {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.make_contiguous().join("\n")
    }
}

/// The first `http://IP:PORT` of a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest
        .find(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c)))
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_line_of_log() {
        let address = SocketAddr::from(([127, 0, 0, 1], 40123));
        for line in [
            "listening on http://127.0.0.1:40123",
            "2026-01-01T00:00:00Z INFO madang: http://127.0.0.1:40123/ is ready",
            "\u{1b}[32mINFO\u{1b}[0m \"http://127.0.0.1:40123\"",
        ] {
            assert_eq!(address_in(line), Some(address), "{line}");
        }
        assert_eq!(address_in("no address"), None);
        assert_eq!(address_in("http://localhost:80"), None);
    }

    #[test]
    fn a_server_that_ends_without_an_address_is_quoted() {
        let (log, address) = Log::follow(&b"starting\nerror: the data folder is locked\n"[..]);
        assert!(address.recv().is_err());
        assert_eq!(log.last_lines(), "starting\nerror: the data folder is locked");
    }

    #[test]
    fn only_the_last_lines_of_a_talkative_server_are_kept() {
        let said: String = (0..100).map(|number| format!("line {number}\n")).collect();
        let (log, address) = Log::follow(std::io::Cursor::new(said));
        assert!(address.recv().is_err());
        assert_eq!(log.last_lines().lines().count(), LINES_KEPT);
        assert!(log.last_lines().ends_with("line 99"));
    }
}
