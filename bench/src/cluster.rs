//! Three nodes on three NATS servers that sync everything at once, beside a single server: what a cluster gives and costs.

mod audit;
mod elsewhere;
mod leader;
mod moving;
mod nats;
mod nodes;
mod ports;
mod posters;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

pub(crate) use self::leader::Interruption;
pub(crate) use self::moving::{CLIENTS, Moved};
pub(crate) use self::posters::Posting;

use self::nats::Nats;
use self::nodes::Nodes;
use self::posters::{Cpu, Crowd};
use crate::machine;
use crate::procfs::cpu_seconds;
use crate::subject::{Cores, Places, Subject};

/// Posters of the two crowds.
pub(crate) const MANY_POSTERS: usize = 256;
pub(crate) const FEW_POSTERS: usize = 16;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    /// [`FEW_POSTERS`] on a single server.
    pub(crate) single: Posting,
    /// [`MANY_POSTERS`] and [`FEW_POSTERS`] over the nodes.
    pub(crate) many: Posting,
    pub(crate) few: Posting,
    pub(crate) moved: Moved,
    pub(crate) interruption: Interruption,
}

/// Measures it. Everything that runs shares the cores of the server and of the load.
///
/// # Errors
/// When a server is missing or does not start, or a connection fails that should not.
pub(crate) fn run(
    places: &Places,
    warm_up: Duration,
    window: Duration,
    say: &impl Fn(&str),
) -> Result<Cluster> {
    let all = all_cores(&places.cores);
    machine::pin(&all)?;
    let shared = Places {
        cores: Cores {
            server: all.clone(),
            load: all,
        },
        ..places.clone()
    };
    let measured = measure(&shared, warm_up, window, say);
    machine::pin(&places.cores.load)?;
    measured
}

/// Where the servers and the nodes have their data.
pub(crate) fn folder(places: &Places) -> PathBuf {
    places.data.join("cluster")
}

fn measure(places: &Places, warm_up: Duration, window: Duration, say: &impl Fn(&str)) -> Result<Cluster> {
    let crowd = |posters, watches_elsewhere| Crowd {
        posters,
        watches_elsewhere,
        warm_up,
        window,
    };
    let few_on_one = crowd(FEW_POSTERS, false);
    let few_on_many = crowd(FEW_POSTERS, true);

    say("a single server, 16 posters");
    let running = Subject::Madang.start(places, 0)?;
    let cpu = || {
        Ok(Cpu {
            nodes: cpu_seconds(running.pid())?,
            nats: 0.0,
            load: cpu_seconds(std::process::id())?,
        })
    };
    let single = posters::run(&[running.address], few_on_one, cpu).with_context(|| running.last_words())?;
    drop(running);

    say("three nodes and three NATS servers start");
    let folder = folder(places);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut nats = Nats::start(&folder, &places.cores)?;
    let mut nodes = Nodes::start(places, folder, &nats)?;
    let post = |crowd: Crowd| {
        say(&format!("three nodes, {} posters", crowd.posters));
        posters::run(&nodes.addresses(), crowd, || cpu_of(&nodes, &nats))
            .with_context(|| nodes.last_words())
            .with_context(|| format!("{} posters", crowd.posters))
    };
    let few = post(few_on_many)?;
    let many = post(crowd(MANY_POSTERS, false))?;

    say("a node is killed");
    let moved = moving::run(&mut nodes).context("killing a node")?;
    nodes.restart(moving::KILLED)?;

    say("the leading NATS server is killed");
    let interruption = leader::run(&nodes, &mut nats).context("killing the leading NATS server")?;
    Ok(Cluster {
        single,
        many,
        few,
        moved,
        interruption,
    })
}

fn cpu_of(nodes: &Nodes, nats: &Nats) -> Result<Cpu> {
    Ok(Cpu {
        nodes: nodes.pids().map(cpu_seconds).sum::<Result<f64>>()?,
        nats: nats.pids().map(cpu_seconds).sum::<Result<f64>>()?,
        load: cpu_seconds(std::process::id())?,
    })
}

/// Those of the server and of the load, each once.
fn all_cores(cores: &Cores) -> Vec<usize> {
    let mut all = [cores.server.as_slice(), &cores.load].concat();
    all.sort_unstable();
    all.dedup();
    all
}
