//! The cluster in virtual time.
//!
//! A seed is a small world: a log server, two to four nodes and their clients, and what goes wrong between them. The nodes are
//! made of the cluster's own `core` and chat's own queue and `apply`; the network, the log, the disk and time are pretended, in
//! one thread, so that a seed goes the same way each time. A judge that sees everything says what should not have been.

mod faults;
mod judge;
mod rng;
mod run;
mod world;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

use faults::Fault;
use run::Seeds;

/// Goes through what can happen to a cluster, seed by seed, in virtual time.
///
/// Each seed is a world of its own: 2 to 4 nodes, 2 to 4 clients who say, change and take back things, repeat what goes unanswered
/// and go from node to node, and a log that loses, delays, doubles and reorders what it is given and what it delivers, has
/// elections, is away, forgets its oldest messages and now and then its last. Nodes are killed and lose what was not synced, stand
/// still, are cut off, have full disks, and are sent flipped bits; those that stop are rebuilt, or only started again. Then all is well for a while, and everything has to come
/// right.
///
/// What is found is said with its seed, with what happened last, and with the command that shows it again.
///
/// With --fault a defect is put into the world, to see that it is found:
/// `simulate --fault no-hold` has to end with a violation, and says so if it does not.
#[derive(Debug, Parser)]
#[command(name = "simulate", max_term_width = 100)]
struct Flags {
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// This seed alone, with its trace
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// A defect to put into the world
    #[arg(long, value_name = "NAME")]
    fault: Option<Fault>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Flags {
        seeds,
        from,
        seed,
        fault,
    } = Flags::parse();
    let seeds = match seed {
        Some(seed) => Seeds::alone(seed, fault),
        None => Seeds::from(from, seeds, fault),
    };
    let report = seeds.run()?;
    write!(std::io::stdout().lock(), "{report}")?;
    Ok(if report.is_as_expected() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
