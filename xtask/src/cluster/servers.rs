//! The NATS servers of a cluster on this machine: what they are configured with, and when they can be used.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::part::Part;
use super::ports;
use crate::process::command;

/// As many as can lose one and go on; the log has a copy on each.
pub(crate) const COUNT: usize = 3;
/// Where their ports are looked for from.
const PORTS_FROM: u16 = 14_222;

/// Where a server listens: for nodes, for the others, for who asks how it is.
struct Server {
    name: String,
    nodes: SocketAddr,
    routes: SocketAddr,
    monitor: SocketAddr,
}

/// The servers, not started yet, and what a node is told of them.
pub(crate) struct Servers {
    pub(crate) parts: Vec<Part>,
    /// `nats://…`, with commas between.
    pub(crate) urls: String,
    /// `http://…`, with commas between.
    pub(crate) monitors: String,
}

/// Writes their configurations into this folder, where their stores are, too.
pub(crate) fn prepare(program: &Path, folder: &Path) -> Result<Servers> {
    let ports = ports::free(PORTS_FROM, 3 * COUNT)?;
    let servers: Vec<Server> = (0..COUNT)
        .map(|index| Server {
            name: format!("nats-{}", index + 1),
            nodes: ports[index],
            routes: ports[index + COUNT],
            monitor: ports[index + 2 * COUNT],
        })
        .collect();
    let mut parts = Vec::new();
    for server in &servers {
        let file = write_configuration(server, &servers, folder)?;
        let mut start = command(program);
        start.arg("--config").arg(file);
        parts.push(Part::new(
            server.name.clone(),
            (server.monitor, "/healthz"),
            start,
        ));
    }
    let list = |scheme: &str, address: fn(&Server) -> SocketAddr| {
        let urls = servers
            .iter()
            .map(|server| format!("{scheme}://{}", address(server)));
        urls.collect::<Vec<_>>().join(",")
    };
    Ok(Servers {
        parts,
        urls: list("nats", |server| server.nodes),
        monitors: list("http", |server| server.monitor),
    })
}

fn write_configuration(server: &Server, all: &[Server], folder: &Path) -> Result<PathBuf> {
    let file = folder.join(format!("{}.conf", server.name));
    fs::write(&file, configuration(server, all, folder))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

/// As `deploy/cluster/nats.conf`, without what keeps strangers out: nobody but this machine reaches loopback.
fn configuration(server: &Server, all: &[Server], folder: &Path) -> String {
    let Server {
        name,
        nodes,
        routes,
        monitor,
    } = server;
    let folder = folder.display();
    let mut text = format!(
        "server_name: {name}\n\
         listen: \"{nodes}\"\n\
         http: \"{monitor}\"\n\
         log_file: \"{folder}/{name}.log\"\n\
         logfile_size_limit: 10MB\n\
         logfile_max_num: 2\n\
         jetstream {{\n  store_dir: \"{folder}/{name}\"\n  sync_interval: always\n}}\n\
         cluster {{\n  name: madang\n  listen: \"{routes}\"\n  routes: [\n"
    );
    for other in all {
        let _ = writeln!(text, "    \"nats://{}\"", other.routes);
    }
    text + "  ]\n}\n"
}
