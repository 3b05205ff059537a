//! The real binary, in a process and a folder of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;

use super::in_time;

const BINARY: &str = env!("CARGO_BIN_EXE_madang");

/// How often a restart tries again for its port: between two lives of the server somebody's outgoing connection may
/// have been given it.
const RESTARTS_MAX: usize = 50;

/// How to start a server.
#[derive(Debug)]
pub(crate) struct Setup {
    arguments: Vec<String>,
    listen: String,
    variables: Vec<(String, String)>,
    /// What the shell is told before it becomes the server, and the program that runs the shell.
    before: Option<String>,
    shell: Vec<String>,
    folder: TempDir,
}

impl Setup {
    /// With its data on the disk.
    pub(crate) fn new() -> Self {
        Self::below(tempfile::tempdir().unwrap())
    }

    /// With its data in memory where the system has such a place: for much load that is not about the disk.
    pub(crate) fn in_memory() -> Self {
        Self::below(tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap()))
    }

    fn below(folder: TempDir) -> Self {
        let package = folder.path().join("site/pkg");
        fs::create_dir_all(&package).unwrap();
        for name in ["madang.css", "madang.js", "madang.wasm"] {
            fs::write(package.join(name), "").unwrap();
        }
        Self {
            arguments: Vec::new(),
            listen: "127.0.0.1:0".to_owned(),
            variables: Vec::new(),
            before: None,
            shell: vec!["sh".to_owned()],
            folder,
        }
    }

    /// With these arguments too.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// On this address.
    pub(crate) fn listening_on(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// With this in its environment.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Started by a shell that does this first, itself run by `program`, if there is one.
    pub(crate) fn after(mut self, program: &[&str], script: &str) -> Self {
        self.before = Some(script.to_owned());
        let shell = program.iter().chain(&["sh"]).map(|&word| word.to_owned());
        self.shell = shell.collect();
        self
    }

    /// With so many open files, `hard` when it may not ask for more.
    pub(crate) fn with_open_files(self, count: usize, hard: bool) -> Self {
        let kind = if hard { "-n" } else { "-Sn" };
        self.after(&[], &format!("ulimit {kind} {count}"))
    }

    /// Without a bound on how fast one identity posts.
    pub(crate) fn without_rate(self) -> Self {
        self.with(&["--post-rate", "0"])
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn start(self) -> Server {
        let process = Process::start(self.command(), &self.arguments, &self.data_dir(), &self.listen);
        let address = process.address().await.expect("the server starts");
        Server {
            setup: self,
            process,
            address,
        }
    }

    /// Starts one that cannot start: how it ended, and what it logged.
    pub(crate) async fn fail(self) -> (ExitStatus, Vec<String>) {
        let mut process = Process::start(self.command(), &self.arguments, &self.data_dir(), &self.listen);
        let status = process.wait().await;
        (status, process.lines.borrow().clone())
    }

    /// Its data folder.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = match &self.before {
            None => Command::new(BINARY),
            Some(before) => {
                let mut shell = Command::new(&self.shell[0]);
                shell.args(&self.shell[1..]);
                shell.args(["-c", &format!("{before} && exec \"$0\" \"$@\""), BINARY]);
                shell
            }
        };
        command.env_clear();
        // For what the shell calls.
        command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    setup: Setup,
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// A server as it comes.
    pub(crate) async fn start() -> Self {
        Setup::new().start().await
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its data folder.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.setup.data_dir()
    }

    /// A second process on the same folder: how it ended, and what it logged.
    pub(crate) async fn second_on_the_same_folder(&self) -> (ExitStatus, Vec<String>) {
        let mut command = Command::new(BINARY);
        command.env_clear();
        let mut second = Process::start(command, &[], &self.data_dir(), "127.0.0.1:0");
        let status = second.wait().await;
        (status, second.lines.borrow().clone())
    }

    /// A start on the folder of one that has ended, which is ended again; or how it ended by itself, and what it logged.
    pub(crate) async fn start_again(&self, arguments: &[&str]) -> Result<(), (ExitStatus, Vec<String>)> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let command = self.setup.command();
        let mut process = Process::start(command, &arguments, &self.data_dir(), "127.0.0.1:0");
        let has_started = process.address().await.is_some();
        if has_started {
            process.signal("TERM");
        }
        let status = process.wait().await;
        let lines = process.lines.borrow().clone();
        if has_started { Ok(()) } else { Err((status, lines)) }
    }

    /// SIGKILL: the process has no say in it.
    pub(crate) async fn kill(&mut self) {
        self.process.child.kill().unwrap();
        self.process.wait().await;
    }

    /// SIGKILL, without waiting for what comes of it.
    pub(crate) fn kill_now(&self) {
        self.process.signal("KILL");
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        self.process.signal("TERM");
    }

    /// Another signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Waits until the process has ended.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        self.process.wait().await
    }

    /// What it has logged until now.
    pub(crate) fn log(&self) -> Vec<String> {
        self.process.lines.borrow().clone()
    }

    /// Starts again, after it has ended, on the same folder and the same port.
    pub(crate) async fn restart(&mut self) {
        let listen = self.address.to_string();
        for _ in 0..RESTARTS_MAX {
            let (command, arguments) = (self.setup.command(), &self.setup.arguments);
            self.process = Process::start(command, arguments, &self.setup.data_dir(), &listen);
            if self.process.address().await.is_some() {
                return;
            }
            self.process.wait().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server did not come back on {listen}");
    }

    /// As [`Server::restart`], with these arguments too from now on.
    pub(crate) async fn restart_with(&mut self, arguments: &[&str]) {
        let more = arguments.iter().map(|&argument| argument.to_owned());
        self.setup.arguments.extend(more);
        self.restart().await;
    }

    /// Runs the binary to its end, with these arguments and the folder of this server.
    pub(crate) async fn run_beside(&self, arguments: &[&str]) -> Output {
        let mut command = self.setup.command();
        command.args(arguments).arg("--data-dir").arg(self.data_dir());
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        in_time("a command to end", run).await.unwrap()
    }

    /// Waits for a line of the log that contains all these.
    pub(crate) async fn logged(&self, parts: &[&str]) {
        self.process.logged(parts, 1).await;
    }

    /// As [`Server::logged`], until there are so many such lines.
    pub(crate) async fn logged_times(&self, parts: &[&str], times: usize) {
        self.process.logged(parts, times).await;
    }

    /// The anonymous memory that is resident, in bytes: without the executable's own pages, which come as they are
    /// first used.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The bytes its connections have written and their peers have not acknowledged: what the system holds for them.
    pub(crate) fn unacknowledged_bytes(&self) -> u64 {
        let own = format!(":{:04X}", self.address.port());
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let queues = table.lines().skip(1).filter_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next()?;
            let (unacknowledged, _) = fields.nth(2)?.split_once(':')?;
            local
                .ends_with(&own)
                .then(|| u64::from_str_radix(unacknowledged, 16).ok())?
        });
        queues.sum()
    }

    /// How many files and sockets it has open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.child.id()))
            .unwrap()
            .count()
    }
}

/// One life of the binary.
#[derive(Debug)]
struct Process {
    child: Child,
    lines: watch::Receiver<Vec<String>>,
}

impl Process {
    fn start(mut command: Command, arguments: &[String], data_dir: &Path, listen: &str) -> Self {
        let mut child = command
            .env("MADANG_SITE_DIR", data_dir.with_file_name("site"))
            .args(["--listen", listen, "--data-dir"])
            .arg(data_dir)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = follow(child.stderr.take().unwrap());
        Self { child, lines }
    }

    /// The address in the first line logged; `None` when it ended instead.
    async fn address(&self) -> Option<SocketAddr> {
        let mut lines = self.lines.clone();
        let has_one = lines.wait_for(|lines| !lines.is_empty());
        let first = in_time("the first line of the log", has_one)
            .await
            .ok()
            .map(|lines| lines[0].clone())?;
        let (_, address) = first.split_once("http://")?;
        Some(address.trim().parse().unwrap())
    }

    async fn logged(&self, parts: &[&str], times: usize) {
        let mut lines = self.lines.clone();
        let is_there = |lines: &Vec<String>| {
            let such = lines
                .iter()
                .filter(|line| parts.iter().all(|part| line.contains(part)));
            such.count() >= times
        };
        in_time(
            &format!("a line of the log with {parts:?}"),
            lines.wait_for(is_there),
        )
        .await
        .unwrap();
    }

    fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status().unwrap();
        assert!(status.success());
    }

    async fn wait(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let status = in_time("the end of the process", ended).await;
        // What it said last is read to the end.
        let mut lines = self.lines.clone();
        let _ = in_time("the end of the log", lines.wait_for(|_| false)).await;
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            for line in self.lines.borrow().iter().rev().take(40).rev() {
                eprintln!("server: {line}");
            }
        }
    }
}

/// Gathers what a process logs, so that it never waits for a reader.
fn follow(stderr: ChildStderr) -> watch::Receiver<Vec<String>> {
    let (sender, lines) = watch::channel(Vec::new());
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            sender.send_modify(|lines| lines.push(line));
        }
    });
    lines
}
