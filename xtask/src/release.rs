//! The release build: the server's binary, and beside it the folder of what the page loads.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::process::{self, command};
use crate::{fingerprint, paths, prerequisites, site, wasm};

/// Makes sure of everything a release takes, builds it unless it stands already, and returns the server's binary.
pub(crate) fn ensure() -> Result<PathBuf> {
    prerequisites::ensure()?;
    let inputs = fingerprint::of_inputs(&paths::root(), &wasm::passes())?;
    let binary = paths::server_binary()?;
    if is_as_noted(inputs) {
        println!("The release build is up to date.");
        return Ok(binary);
    }
    build()?;
    if !binary.is_file() {
        bail!("the build ended well but {} is not there", binary.display());
    }
    // Noted are the inputs as they were before the build: what was edited meanwhile is built the next time.
    let outputs = fingerprint::of_outputs(&binary, &paths::site_dir()?)?;
    fs::write(note()?, note_of(inputs, outputs)).context("noting what was built")?;
    Ok(binary)
}

/// Builds the server and the page at the same time: linking and optimising the WASM keeps one core busy, not two.
/// Cargo lets them, for they are of different profiles.
fn build() -> Result<()> {
    println!(
        "\nBuilding Madang: the server, and the page as WebAssembly beside it. The first time this takes 3 to 8 minutes \
         on two cores,\nlater less than one. What runs below is the server's build; the page's says when it gets on."
    );
    let started = Instant::now();
    let _ = fs::remove_file(note()?);
    let page = thread::spawn(|| {
        let built = site::build();
        if built.is_err() {
            println!("\npage: FAILED. Why is said when the server is built.");
        }
        built
    });
    let server = process::run(command("cargo").args(["build", "--release", "--package=server"]));
    if server.is_ok() && !page.is_finished() {
        println!("The server is built; waiting for the page.");
    }
    let page = page
        .join()
        .unwrap_or_else(|_| Err(anyhow!("building the page panicked")));
    server.and(page)?;
    println!("Built in {}.", process::duration(started.elapsed()));
    Ok(())
}

fn is_as_noted(inputs: u64) -> bool {
    let noted = note().and_then(|note| Ok(fs::read_to_string(note)?));
    let outputs =
        paths::server_binary().and_then(|binary| fingerprint::of_outputs(&binary, &paths::site_dir()?));
    matches!((noted, outputs), (Ok(noted), Ok(outputs)) if noted == note_of(inputs, outputs))
}

fn note_of(inputs: u64, outputs: u64) -> String {
    format!("inputs {inputs:016x}\noutputs {outputs:016x}\n")
}

fn note() -> Result<PathBuf> {
    Ok(paths::release_dir()?.join("madang.built"))
}
