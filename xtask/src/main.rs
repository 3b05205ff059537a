//! The project's own commands. `cargo xtask --help` lists them; each has a file of its own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for the terminal"
)]

mod args;
mod bench;
mod bind;
mod cluster;
mod debian;
mod docs;
mod figures;
mod fingerprint;
mod gallery;
mod handover;
mod nats;
mod npm;
mod paths;
mod prerequisites;
mod process;
mod release;
mod run;
mod short_names;
mod simulate;
mod site;
mod size;
mod test;
mod tools;
mod torture;
mod wasm;
mod with;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  run     Start Madang here. Installs what is missing, builds a release, serves it.
            --listen ADDR     address and port (default 127.0.0.1:8080; port 0 takes a free one)
            --data-dir DIR    where messages are kept (default madang-data)
            -- FLAGS…         further flags of the server; see `target/release/madang --help`
  cluster Three NATS servers and three nodes here, behind one address, to be killed at will.
            --nodes N --port P --fresh; see `cargo xtask cluster --help`
  test    Everything that must hold before a change goes in; what CI runs.
            STEPS…            only these, in this order: see `cargo xtask test --help`
  docs    Only the checks on documents and house rules (a step of `test`).
  gallery Pictures of every page and state, in both themes, both languages and three widths, in target/gallery.
            -- FLAGS…         flags of Playwright, like `-g offline` for only some states
  size    The bytes a browser loads first, against their bound (needs a release build).
  figures What the page takes of time and memory, in a real browser, each figure against its bound.
            -- FLAGS…         flags of Playwright, like `typing` for only that
  bench   Madang beside other chat servers, on this machine, in one table.
            FLAGS…            flags of the load generator; see `cargo xtask bench --help`
  torture Real clients and a real server with everything between them failing; counts what was lost.
            FLAGS…            see `cargo xtask torture --help`
  simulate  The cluster in virtual time, thousands of seeds; counts what was violated.
            FLAGS…            see `cargo xtask simulate --help`
  nats    Print the path of a nats-server, which the tests of a cluster need; fetch it where there is none.
  with    Run one command with the pinned tools it needs in front of PATH, which are installed first:
            cargo xtask with cargo leptos watch     rebuild and reload while you write
            cargo xtask with trunk serve            the same without server rendering, on port 8081

Only `with` and the steps of `test` that try it need such tools. They are built once per user and kept in ~/.cache/madang
(macOS: ~/Library/Caches/madang); MADANG_CACHE_DIR moves it. Delete the folder to be rid of them.
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<()> {
    let Some((command, rest)) = words.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match command.as_str() {
        "run" => run::command(rest),
        "cluster" => cluster::command(rest),
        "test" => test::command(rest),
        "docs" => docs::command(rest),
        "figures" => figures::command(rest),
        "gallery" => gallery::command(rest),
        "size" => size::command(rest),
        "bench" => bench::command(rest),
        "torture" => torture::command(rest),
        "simulate" => simulate::command(rest),
        "nats" => nats::command(rest),
        "with" => with::command(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no command `{other}`; `cargo xtask --help` lists those there are"),
    }
}
