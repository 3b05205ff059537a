//! The real server: its release binary, killed and started again on the same folder and port.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use client::testing::Random;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::watch;

/// How long a server may take to listen.
const START_MAX: Duration = Duration::from_secs(30);
/// How often a start is tried again.
const STARTS_MAX: u32 = 20;
/// Lines of its log kept for the report.
const LOG_LINES: usize = 200;

/// Where a server runs from, and how.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The `madang` binary.
    pub binary: PathBuf,
    /// The folder of its data and its log.
    pub folder: PathBuf,
    /// Flags beside those for address and folder.
    pub flags: Vec<String>,
    /// What it is to log.
    pub log: &'static str,
}

/// What a server alone is to log: without the built page's files, which nobody asks for here.
pub const LOG: &str = "warn,server::application=info,server::assets=error";

/// A server that can be killed and started again. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    address: SocketAddr,
    process: Option<Process>,
    log: Log,
}

#[derive(Debug)]
struct Process {
    child: Child,
    listens: watch::Receiver<bool>,
}

/// The last lines of its log over all its processes; the file has all of them.
#[derive(Clone, Debug)]
struct Log {
    file: PathBuf,
    lines: Arc<Mutex<VecDeque<String>>>,
    panics: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Chooses a port, and starts on it.
    ///
    /// The port lies below those that the system gives to outgoing connections: between two processes of the server
    /// nobody can be given it.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(setup: Setup, random: &mut Random) -> anyhow::Result<Self> {
        let mut server = Self::new(setup, random)?;
        server.launch()?;
        server.wait_until_listening().await?;
        Ok(server)
    }

    /// Chooses a port, and does not start.
    ///
    /// # Errors
    /// When no port is free.
    pub fn new(setup: Setup, random: &mut Random) -> anyhow::Result<Self> {
        let log = Log {
            file: setup.folder.join("server.log"),
            lines: Arc::default(),
            panics: Arc::default(),
        };
        Ok(Self {
            setup,
            address: free_port(random)?,
            process: None,
            log,
        })
    }

    /// Where it listens, under all its processes.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder of its data.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.setup.folder.join("data")
    }

    /// The last lines it logged.
    #[must_use]
    pub fn log_tail(&self) -> Vec<String> {
        lock(&self.log.lines).iter().cloned().collect()
    }

    /// The first line of each panic in its log.
    #[must_use]
    pub fn panics(&self) -> Vec<String> {
        lock(&self.log.panics).clone()
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// When it had ended by itself before.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        if let Some(status) = process.child.try_wait()? {
            bail!("the server ended by itself ({status})");
        }
        process.child.kill().await.context("killing the server")
    }

    /// Starts the process, and does not wait until it listens.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn launch(&mut self) -> anyhow::Result<()> {
        self.launch_with(&[])
    }

    /// Starts the process with further flags, and does not wait until it listens.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn launch_with(&mut self, further: &[&str]) -> anyhow::Result<()> {
        let mut child = Command::new(&self.setup.binary)
            .env_clear()
            .arg("--listen")
            .arg(self.address.to_string())
            .arg("--data-dir")
            .arg(self.data_dir())
            .args(["--log", self.setup.log])
            .args(&self.setup.flags)
            .args(further)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.setup.binary.display()))?;
        let stderr = child.stderr.take().context("the server has no stderr")?;
        let (sender, listens) = watch::channel(false);
        tokio::spawn(follow(stderr, self.log.clone(), sender));
        self.process = Some(Process { child, listens });
        Ok(())
    }

    /// Waits until it listens; starts it again when it could not have its port.
    ///
    /// # Errors
    /// When it ends instead, again and again, or takes too long.
    pub async fn wait_until_listening(&mut self) -> anyhow::Result<()> {
        for _ in 0..STARTS_MAX {
            let Some(process) = &mut self.process else {
                bail!("the server was not started");
            };
            let mut listens = process.listens.clone();
            let heard = tokio::time::timeout(START_MAX, listens.wait_for(|listens| *listens)).await;
            match heard {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(_)) => {
                    let _ = process.child.wait().await;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    self.launch()?;
                }
                Err(_) => bail!("the server did not listen within {} s", START_MAX.as_secs()),
            }
        }
        bail!("the server does not start:\n{}", self.log_tail().join("\n"))
    }

    /// Holds it with SIGSTOP, or lets it go on with SIGCONT.
    ///
    /// # Errors
    /// When it had ended by itself before.
    pub fn hold(&mut self, is_held: bool) -> anyhow::Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        match process.child.id() {
            Some(id) => signal(id, if is_held { Signal::STOP } else { Signal::CONT }),
            None => bail!("the server ended by itself"),
        }
    }

    /// Sends SIGTERM and waits until it has ended.
    ///
    /// # Errors
    /// When it ends with another status than success, or not in time.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        let Some(id) = process.child.id() else {
            bail!("the server ended by itself");
        };
        signal(id, Signal::TERM)?;
        let status = tokio::time::timeout(START_MAX, process.child.wait()).await??;
        anyhow::ensure!(
            status.success(),
            "the server ended with {status} when it was asked to end"
        );
        Ok(())
    }
}

/// Sends a signal to a process of ours.
pub(crate) fn signal(id: u32, signal: Signal) -> anyhow::Result<()> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    kill_process(id.context("there is no such process")?, signal).context("sending a signal")
}

/// A port on loopback that nobody has, below those that the system gives to outgoing connections.
pub(crate) fn free_port(random: &mut Random) -> anyhow::Result<SocketAddr> {
    for _ in 0..1_000 {
        let port = 10_000 + u16::try_from(random.below(20_000))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port is free between 10000 and 30000")
}

/// Reads what a process logs, so that it never waits for a reader.
async fn follow(stderr: ChildStderr, log: Log, listens: watch::Sender<bool>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains("listening on http://") {
            listens.send_replace(true);
        }
        log.keep(line);
    }
}

impl Log {
    fn keep(&self, line: String) {
        if line.contains("panicked at") {
            lock(&self.panics).push(line.clone());
        }
        // A log that cannot be written is no reason to end a run.
        let _ = append(&self.file, &line);
        let mut lines = lock(&self.lines);
        if lines.len() == LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(file, "{line}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
