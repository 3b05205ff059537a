//! `cargo xtask cluster`: several nodes on this machine, as one chat, to be played with and killed.

mod http;
mod part;
mod ports;
mod proxy;
mod servers;
mod supervisor;
mod watchdog;

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::args::{self, Args};
use crate::process::{command as new_command, run};
use crate::{nats, paths, release};
use part::Part;
use servers::Servers;
use supervisor::Supervisor;

const HELP: &str = "\
cargo xtask cluster [--nodes N] [--port P] [--fresh] [--dev] [-- FLAGS…]

Three NATS servers and three nodes of Madang on this machine, and a proxy that spreads clients over the nodes. Installs what is
missing and builds a release first. Says which address to open, and which process is what, so that you can kill some: what ends
is said, and starts again after 2 seconds. Ctrl-C ends all of it.

  --nodes N     how many nodes (1 to 9, default 3)
  --port P      where to open it (default 8080; 0 takes a free one); the nodes themselves are on the ports above it
  --fresh       begins with an empty chat; without it, with what is in target/cluster
  --dev         the server as cargo builds it for development, with the page of the last release
  -- FLAGS…     further flags of the nodes; see `target/release/madang --help`
";

const NODES_MAX: usize = 9;
const PORT: u16 = 8080;
/// Where a port is looked for when it does not matter which.
const PORTS_FROM: u16 = 8080;
/// How long nodes take leave for when all ends; `--drain-seconds` in the flags says otherwise.
const DRAIN: (&str, &str) = ("MADANG_DRAIN_SECONDS", "1");

struct Options {
    nodes: usize,
    port: u16,
    fresh: bool,
    dev: bool,
    flags: Vec<String>,
}

/// Builds, starts, and looks after it until Ctrl-C.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    let options = Options::parse(words.to_vec())?;
    let program = nats::ensure()?;
    let binary = options.build()?;
    let folder = paths::target_dir()?.join("cluster");
    let _lock = lock(&folder.with_extension("lock"))?;
    if options.fresh && folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;

    let listener = match options.port {
        0 => proxy::listen(ports::free(PORTS_FROM, 1)?[0].port())?,
        port => proxy::listen(port)?,
    };
    let address = listener.local_addr()?;
    let servers = servers::prepare(&program, &folder)?;
    let ports = ports::free(address.port().saturating_add(1), options.nodes)?;
    let mut nodes = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let name = format!("node-{}", index + 1);
        let start = options.node(&binary, &folder, &name, *port, &servers)?;
        nodes.push(Part::new(name, (*port, "/readyz"), start));
    }

    let mut supervisor = Supervisor::start(servers.parts, nodes)?;
    let outcome = supervisor.wait_until_ready().and_then(|is_ready| {
        if is_ready {
            let proxy = proxy::Proxy::start(listener, &ports);
            supervisor.introduce(address, &folder);
            supervisor.look_after(&proxy)?;
        }
        Ok(())
    });
    supervisor.end()?;
    outcome
}

/// Two of these would write into one another's stores. The lock ends with the file.
fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("making {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another `cargo xtask cluster` of this folder is running; end that one first")
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}

impl Options {
    fn parse(mut words: Vec<String>) -> Result<Self> {
        let fresh = args::take_switch(&mut words, "--fresh");
        let dev = args::take_switch(&mut words, "--dev");
        let args = Args::parse(&words, &["--nodes", "--port"])?;
        let nodes = args.get("--nodes").map_or(Ok(3), str::parse::<usize>);
        let nodes = nodes.context("`--nodes` wants a number")?;
        if !(1..=NODES_MAX).contains(&nodes) {
            bail!("`--nodes` wants a number from 1 to {NODES_MAX}");
        }
        let port = args.get("--port").map_or(Ok(PORT), str::parse);
        Ok(Self {
            nodes,
            port: port.context("`--port` wants a port, or 0 for a free one")?,
            fresh,
            dev,
            flags: args.rest,
        })
    }

    /// Builds the nodes' program, unless it stands already.
    fn build(&self) -> Result<PathBuf> {
        if !self.dev {
            return release::ensure();
        }
        if !paths::site_dir()?.is_dir() {
            release::ensure()?;
        }
        run(new_command("cargo").args(["build", "--package=server"]))?;
        Ok(paths::target_dir()?.join("debug/madang"))
    }

    fn node(
        &self,
        binary: &Path,
        folder: &Path,
        name: &str,
        port: std::net::SocketAddr,
        servers: &Servers,
    ) -> Result<Command> {
        let mut node = new_command(binary);
        // Paths the user gave are relative to where the user stands.
        node.current_dir(env::current_dir().context("the current folder is gone")?);
        node.arg("--listen").arg(port.to_string());
        node.arg("--data-dir").arg(folder.join(name));
        node.arg("--site-dir").arg(paths::site_dir()?);
        node.args(["--node-name", name]);
        node.args(["--nats", &servers.urls, "--nats-monitor", &servers.monitors]);
        if env::var_os(DRAIN.0).is_none() {
            node.env(DRAIN.0, DRAIN.1);
        }
        node.args(&self.flags);
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options> {
        Options::parse(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_second_cluster_in_the_same_folder_is_refused_until_the_first_has_ended() {
        let path = env::temp_dir().join(format!("madang-cluster-{}.lock", std::process::id()));
        let first = lock(&path).unwrap();
        assert!(lock(&path).is_err());
        drop(first);
        assert!(lock(&path).is_ok());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn three_nodes_are_the_default_and_an_impossible_number_is_refused() {
        assert_eq!(parse(&[]).unwrap().nodes, 3);
        let options = parse(&["--fresh", "--nodes=5", "--port", "0", "--", "--post-rate", "0"]).unwrap();
        assert_eq!((options.nodes, options.port, options.fresh), (5, 0, true));
        assert_eq!(options.flags, ["--post-rate", "0"]);
        assert!(parse(&["--nodes", "0"]).is_err());
        assert!(parse(&["--nodes", "many"]).is_err());
    }
}
