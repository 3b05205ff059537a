//! `cargo xtask torture`: real clients of every transport and a real server, with everything between them failing.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use torture::cluster;
use torture::figures;
use torture::run::{Options, run};

/// Kills the server, cuts connections, and holds what was written, acknowledged, stored and shown against one another.
///
/// What is drawn by chance comes from the seed: the faults of each connection, when the server is killed, what each
/// person does. Which connection is which, and what meets what, is up to the machine's scheduler: a seed makes a run
/// alike, not the same.
#[derive(Parser)]
#[command(name = "torture")]
struct Arguments {
    /// How long it lasts. The last tenth, a minute at most, is quiet: nothing fails any more. It ends when every client
    /// has everything, after a minute at the latest.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// What chance is drawn from; by default from the clock.
    #[arg(long)]
    seed: Option<u64>,
    /// Clients that are held to one transport, in equal shares.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Clients beside them that may use every transport.
    #[arg(long, default_value_t = 4)]
    roaming: usize,
    /// Whether the server limits how much a person posts.
    #[arg(long, value_enum, default_value_t = Limits::Off)]
    limits: Limits,
    /// So many nodes on three NATS servers instead of a server alone: nodes and NATS are killed and held, links between them
    /// cut, disks filled, their power cut, a bit flipped and a node's database changed.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(2..=9))]
    nodes: Option<u8>,
    /// Nothing fails, but nodes are restarted so many times, one after another, while people write. Three nodes, unless
    /// `--nodes` says otherwise.
    #[arg(long, value_name = "COUNT", conflicts_with = "minutes")]
    rolling: Option<u64>,
    /// No faults: measures what a delivered message weighs on each transport, and how soon the first one is there when
    /// the network is back. Takes about five minutes.
    #[arg(long, conflicts_with_all = ["minutes", "seed", "clients", "roaming", "limits", "nodes", "rolling"])]
    figures: bool,
    /// The server's binary.
    #[arg(long, value_name = "FILE")]
    madang: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Limits {
    /// As it comes: 30 posts in 10 s.
    Normal,
    /// None.
    Off,
}

/// Nodes of a cluster, where nothing is said.
const NODES: usize = 3;

#[tokio::main]
async fn main() -> ExitCode {
    match torture(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing was wrong.
async fn torture(arguments: Arguments) -> anyhow::Result<bool> {
    let binary = match arguments.madang {
        Some(binary) => binary,
        None => std::env::current_exe()?.with_file_name("madang"),
    };
    anyhow::ensure!(
        binary.is_file(),
        "{} is not there; build it with `cargo build --release -p server`, or name another with --madang",
        binary.display()
    );
    if arguments.figures {
        let folder = tempfile::tempdir().context("making a folder")?;
        println!("{}", figures::measure(binary, folder.path().to_owned()).await?);
        return Ok(true);
    }
    let seed = arguments.seed.unwrap_or_else(seed_of_the_clock);
    let folder = tempfile::Builder::new()
        .prefix("madang-torture-")
        .tempdir()
        .context("making a folder")?;
    if arguments.nodes.is_some() || arguments.rolling.is_some() {
        let options = cluster::programs::Options {
            binary,
            nats_server: cluster::nats::binary()?,
            folder: folder.path().to_owned(),
            nodes: arguments.nodes.map_or(NODES, usize::from),
            length: Duration::from_secs_f64(arguments.minutes * 60.0),
            seed,
            clients: arguments.clients,
            roaming: arguments.roaming,
        };
        let summary = of_cluster(&options, arguments.rolling).await;
        if !summary.as_ref().is_ok_and(cluster::run::Summary::is_clean) {
            let kept = folder.keep();
            println!(
                "Its data, its logs and faults.log are kept in {}.",
                kept.display()
            );
        }
        let summary = summary?;
        println!("{summary}");
        if !summary.is_clean() {
            println!("`--nodes {} --seed {seed}` draws the same.", options.nodes);
        }
        return Ok(summary.is_clean());
    }
    println!(
        "seed {seed}: {} clients of four transports and {} of all, {} minutes",
        arguments.clients, arguments.roaming, arguments.minutes
    );
    let summary = run(Options {
        binary,
        folder: folder.path().to_owned(),
        length: Duration::from_secs_f64(arguments.minutes * 60.0),
        seed,
        clients: arguments.clients,
        roaming: arguments.roaming,
        limited: matches!(arguments.limits, Limits::Normal),
    })
    .await?;
    println!("{summary}");
    let is_clean = summary.violations.is_empty();
    if !is_clean {
        println!(
            "Its data and its log are kept in {}; --seed {seed} draws the same.",
            folder.keep().display()
        );
    }
    Ok(is_clean)
}

/// A run of several nodes. SIGINT and SIGTERM end it, and all that runs with it.
async fn of_cluster(
    options: &cluster::programs::Options,
    rolling: Option<u64>,
) -> anyhow::Result<cluster::run::Summary> {
    println!(
        "seed {}: {} nodes, {} clients of four transports and {} of all",
        options.seed, options.nodes, options.clients, options.roaming
    );
    let running = async {
        match rolling {
            Some(restarts) => cluster::rolling::run(options, restarts).await,
            None => cluster::run::run(options).await,
        }
    };
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        summary = running => summary,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
        _ = terminate.recv() => anyhow::bail!("terminated"),
    }
}

fn seed_of_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() % 1_000_000
}
