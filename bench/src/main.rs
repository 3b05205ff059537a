//! `cargo xtask bench`: Madang and its peers in turn, on the same machine, in one table.
//!
//! The server is pinned to one core and the load to another. Speed is measured per unit of work and against the
//! peers of the same run; nothing here is a timed test.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]
#![allow(
    clippy::print_stderr,
    reason = "its progress goes to stderr, so that the table can be piped"
)]

mod campaign;
mod chance;
mod cluster;
mod disk;
mod durable;
mod habits;
mod handshakes;
mod histogram;
mod load;
#[cfg_attr(target_os = "linux", path = "machine/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "machine/elsewhere.rs")]
mod machine;
mod memory;
mod people;
mod procfs;
mod reconnect;
mod report;
mod sockets;
mod speech;
mod stamp;
mod subject;
mod table;
mod verdicts;
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use crate::campaign::{Part, Plan};
use crate::people::{LARGE_CROWD_TIME, READING_SECONDS_MIN};
use crate::subject::{Cores, Places, Subject};

/// Measures Madang against its peers and prints one table.
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the table shows medians.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=99))]
    runs: u16,
    /// One short run, to see that it works; its figures mean little.
    #[arg(long)]
    quick: bool,
    /// Ends with an error when a bound does not hold or a delivery is missing.
    #[arg(long)]
    check: bool,
    /// Speaks Madang's full protocol to Madang, with an identity for each connection.
    #[arg(long)]
    full: bool,
    /// Length of each measured window, in seconds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// The servers to measure, in this order; ratios are to the first.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "bun,madang,node")]
    servers: Vec<Subject>,
    /// Only these parts. `cluster` is measured only when it is named here: it starts three NATS servers, found by NATS_SERVER or
    /// on the path.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "fan-out,people,memory,handshakes,durable,reconnect"
    )]
    only: Vec<Part>,
    /// Gives the servers both cores, one of which they share with the load.
    #[arg(long)]
    two_cores: bool,
    /// How long the peers make their frames, in bytes [default: as long as Madang's].
    #[arg(long)]
    peer_frame_bytes: Option<usize>,
    /// Madang's release binary [default: beside this program].
    #[arg(long)]
    madang: Option<PathBuf>,
    /// The folder with the peers [default: `bench/peers` of the sources].
    #[arg(long)]
    peers: Option<PathBuf>,
    /// A folder on a real disk for Madang's data [default: target/bench-data].
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match measure(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints, and says whether all is well: whether the bounds hold matters only with `--check`.
fn measure(arguments: Arguments) -> Result<bool> {
    let check = arguments.check;
    let plan = arguments.plan()?;
    print_head(&plan)?;
    let findings = plan.run(|step| eprintln!("{step}"))?;

    println!("{}", report::table(&findings));
    for note in report::notes(&findings) {
        println!("{note}");
    }
    println!();
    let verdicts = verdicts::verdicts(&findings);
    for verdict in &verdicts {
        println!(
            "{}: {}",
            if verdict.holds { "pass" } else { "FAIL" },
            verdict.sentence
        );
    }
    Ok(!check || verdicts.iter().all(|verdict| verdict.holds))
}

impl Arguments {
    fn plan(self) -> Result<Plan> {
        let (server, load) = machine::cores()?;
        let cores = Cores {
            server: if self.two_cores {
                vec![server, load]
            } else {
                vec![server]
            },
            load: vec![load],
        };
        let program = std::env::current_exe().context("asking where this program is")?;
        let beside = program.parent().unwrap_or(Path::new("."));
        let places = Places {
            madang: self.madang.unwrap_or_else(|| beside.join("madang")),
            peers: self
                .peers
                .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")),
            data: self
                .data_dir
                .unwrap_or_else(|| beside.with_file_name("bench-data")),
            cores,
        };
        let seconds = |normal, quick| Duration::from_millis(if self.quick { quick } else { 1_000 * normal });
        Ok(Plan {
            places,
            subjects: self.servers,
            parts: self.only,
            runs: if self.quick { 1 } else { usize::from(self.runs) },
            warm_up: seconds(2, 500),
            window: seconds(self.seconds, 1_000),
            durable_window: seconds(5, 1_000),
            people_window: seconds((2 * self.seconds).max(READING_SECONDS_MIN), 2_000),
            large_crowd_window: seconds(LARGE_CROWD_TIME.as_secs(), 2_000),
            full: self.full,
            peer_frame_bytes: self.peer_frame_bytes,
        })
    }
}

fn print_head(plan: &Plan) -> Result<()> {
    let versions: Result<Vec<String>> = plan
        .subjects
        .iter()
        .map(|subject| subject.version(&plan.places))
        .collect();
    let Cores { server, load } = &plan.places.cores;
    println!(
        "{}; server on core {server:?}, load on core {load:?}.",
        versions?.join(", ")
    );
    println!(
        "Medians over {} of {} s each{}.\n",
        if plan.runs == 1 {
            "1 run".to_owned()
        } else {
            format!("{} runs", plan.runs)
        },
        plan.window.as_secs(),
        if plan.full {
            "; full clients to Madang, plain ones to the peers"
        } else {
            "; plain clients"
        }
    );
    eprintln!("This takes about {} min.", plan.estimate().as_secs().div_ceil(60));
    Ok(())
}
