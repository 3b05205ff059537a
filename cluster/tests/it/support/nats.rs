//! NATS servers on loopback, as many as a cluster has.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use cluster::Config;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What [`Nats::fill_log`] puts into the log: nothing that a node would say.
pub(crate) const FILLING: &[u8] = b"filling";

/// One server, or several that are one cluster. They sync whatever they acknowledge, and end with the test.
pub(crate) struct Nats {
    servers: Vec<Server>,
    _folder: TempDir,
}

struct Server {
    config: PathBuf,
    port: u16,
    monitor: u16,
    child: Option<Child>,
}

impl Nats {
    /// Starts so many, and waits until each of them is ready.
    pub(crate) fn start(servers: usize) -> Self {
        Self::start_with(servers, "sync_interval: always", "")
    }

    /// The same with other words in the `jetstream` part of their configuration, and outside of it. `{folder}` stands for a
    /// folder of theirs.
    pub(crate) fn start_with(servers: usize, jetstream: &str, more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let more = more.replace("{folder}", &folder.path().display().to_string());
        let ports: Vec<[u16; 3]> = free_ports(servers);
        let mut routes = String::new();
        for [_, _, route] in &ports {
            write!(routes, "nats://node:same@127.0.0.1:{route}, ").unwrap();
        }
        let servers = ports.iter().enumerate().map(|(index, &[port, monitor, route])| {
            let store = folder.path().join(format!("n{index}"));
            let mut text = format!(
                "server_name: n{index}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
                 jetstream {{ store_dir: \"{}\", {jetstream} }}\n{more}\n",
                store.display()
            );
            if ports.len() > 1 {
                writeln!(
                    text,
                    "cluster {{ name: test, listen: \"127.0.0.1:{route}\", routes: [{routes}], no_advertise: true\n\
                     authorization {{ user: node, password: same }} }}"
                )
                .unwrap();
            }
            let config = folder.path().join(format!("n{index}.conf"));
            fs::write(&config, text).unwrap();
            Server {
                config,
                port,
                monitor,
                child: None,
            }
        });
        let mut nats = Self {
            servers: servers.collect(),
            _folder: folder,
        };
        for server in &mut nats.servers {
            server.start();
        }
        for server in &nats.servers {
            server.wait_until_ready();
        }
        nats
    }

    /// What a node is told to find them by.
    pub(crate) fn config(&self) -> Config {
        Config {
            servers: self
                .servers
                .iter()
                .map(|server| format!("nats://127.0.0.1:{}", server.port))
                .collect(),
            credentials: None,
            tls_ca: None,
            tls_certificate: None,
            stream: "MADANG".to_owned(),
            replicas: self.servers.len(),
            monitors: self
                .servers
                .iter()
                .map(|server| format!("http://127.0.0.1:{}", server.monitor))
                .collect(),
            name: "a node".to_owned(),
            rebuild: false,
        }
    }

    /// A client besides the nodes.
    pub(crate) async fn client(&self) -> async_nats::Client {
        let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
        options.connect(self.config().servers).await.unwrap()
    }

    /// The same, of JetStream.
    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(self.client().await)
    }

    /// Puts so many messages into the log that say nothing.
    pub(crate) async fn fill_log(&self, messages: u64) {
        let jetstream = self.jetstream().await;
        let mut acks = Vec::new();
        for _ in 0..messages {
            let publishing = jetstream.publish("MADANG.log", FILLING.into());
            acks.push(publishing.await.unwrap());
        }
        for ack in acks {
            ack.await.unwrap();
        }
    }

    /// Which server leads a stream.
    pub(crate) async fn leader(&self, stream: &str) -> usize {
        let jetstream = self.jetstream().await;
        let begun = Instant::now();
        loop {
            let info = match jetstream.get_stream(stream).await {
                Ok(stream) => stream.get_info().await.ok(),
                Err(_) => None,
            };
            let leader = info
                .and_then(|info| info.cluster)
                .and_then(|cluster| cluster.leader);
            if let Some(index) = leader.and_then(|name| name.strip_prefix('n')?.parse().ok()) {
                return index;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody leads {stream}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.servers[index].child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGKILL to all.
    pub(crate) fn kill_all(&mut self) {
        for index in 0..self.servers.len() {
            self.kill(index);
        }
    }

    /// Starts those again that were killed, with what they have on their disks. Does not wait for them.
    pub(crate) fn restart(&mut self) {
        for server in self.servers.iter_mut().filter(|server| server.child.is_none()) {
            server.start();
        }
    }

    /// Kills one and starts it again as one that the others do not let in, nor it them: only clients reach it. Waits until they
    /// do.
    pub(crate) fn cut_off(&mut self, index: usize) {
        self.kill(index);
        let server = &mut self.servers[index];
        let config = fs::read_to_string(&server.config).unwrap();
        fs::write(&server.config, config.replace("same", "other")).unwrap();
        server.start();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", server.port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "a NATS server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGSTOP: it keeps its connections and answers nothing.
    pub(crate) fn freeze(&self, index: usize) {
        self.servers[index].signal("STOP");
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self, index: usize) {
        self.servers[index].signal("CONT");
    }
}

impl Server {
    fn start(&mut self) {
        let log = fs::File::options()
            .append(true)
            .create(true)
            .open(self.log())
            .unwrap();
        let mut command = Command::new(program());
        command
            .arg("-c")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    fn log(&self) -> PathBuf {
        self.config.with_extension("log")
    }

    /// Until it says that it is well, which it does when it has met the others.
    fn wait_until_ready(&self) {
        let begun = Instant::now();
        while !self.is_well() {
            let log = || fs::read_to_string(self.log()).unwrap_or_default();
            assert!(
                begun.elapsed() < PATIENCE,
                "a NATS server is not ready:\n{}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_well(&self) -> bool {
        use std::io::{Read as _, Write as _};
        let address = SocketAddr::from(([127, 0, 0, 1], self.monitor));
        let Ok(mut stream) = TcpStream::connect(address) else {
            return false;
        };
        let mut answer = String::new();
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.contains(" 200 ")
    }

    fn signal(&self, name: &str) {
        let child = self.child.as_ref().unwrap();
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(child.id().to_string())
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The one that `NATS_SERVER` names, else the one on PATH.
fn program() -> PathBuf {
    let name = "nats-server";
    let named = env::var_os("NATS_SERVER")
        .filter(|named| !named.is_empty())
        .map(PathBuf::from);
    let on_path = || {
        env::split_paths(&env::var_os("PATH")?)
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    };
    let found = named
        .or_else(on_path)
        .filter(|path: &PathBuf| Path::is_file(path));
    found.expect("these tests need nats-server 2.15 or newer: run them with NATS_SERVER=$(cargo xtask nats), or put one on PATH")
}

/// Three for each server. They are given back before the servers take them: nothing else here asks for a port by its number.
fn free_ports(servers: usize) -> Vec<[u16; 3]> {
    let listeners: Vec<_> = (0..3 * servers)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    listeners
        .chunks(3)
        .map(|three| [port(&three[0]), port(&three[1]), port(&three[2])])
        .collect()
}
