//! The release build: the server's binary, and the site folder with WASM, JavaScript and styles under hashed names,
//! each with a `.br` and a `.gz` beside it.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::tools::{self, Toolbox};
use crate::{fingerprint, paths, prerequisites, process};

/// Makes sure of everything a release takes, builds it unless it stands already, and returns the server's binary.
pub(crate) fn ensure() -> Result<PathBuf> {
    prerequisites::ensure()?;
    let toolbox = tools::ensure(tools::FOR_RELEASE)?;
    let inputs = fingerprint::of_inputs(&paths::root(), &tools::versions(tools::FOR_RELEASE))?;
    let binary = paths::server_binary()?;
    if is_as_noted(inputs) {
        println!("The release build is up to date.");
        return Ok(binary);
    }
    build(&toolbox)?;
    if !binary.is_file() {
        bail!("the build ended well but {} is not there", binary.display());
    }
    // Noted are the inputs as they were before the build: what was edited meanwhile is built the next time.
    let outputs = fingerprint::of_outputs(&binary, &paths::site_dir())?;
    fs::write(note()?, note_of(inputs, outputs)).context("noting what was built")?;
    Ok(binary)
}

fn build(toolbox: &Toolbox) -> Result<()> {
    println!("\nBuilding the release: server, WASM, styles (4 to 7 minutes the first time).");
    let started = Instant::now();
    let _ = fs::remove_file(note()?);
    process::run(
        toolbox
            .command("cargo")
            .args(["leptos", "build", "--release", "--precompress"])
            // What it failed at is a line; where in itself it failed is of use to its own authors.
            .env("RUST_BACKTRACE", "0")
            // These would override the manifest's.
            .env_remove("LEPTOS_SITE_ROOT")
            .env_remove("LEPTOS_SITE_PKG_DIR"),
    )?;
    println!("Built in {}.", process::duration(started.elapsed()));
    Ok(())
}

fn is_as_noted(inputs: u64) -> bool {
    let noted = note().and_then(|note| Ok(fs::read_to_string(note)?));
    let outputs =
        paths::server_binary().and_then(|binary| fingerprint::of_outputs(&binary, &paths::site_dir()));
    matches!((noted, outputs), (Ok(noted), Ok(outputs)) if noted == note_of(inputs, outputs))
}

fn note_of(inputs: u64, outputs: u64) -> String {
    format!("inputs {inputs:016x}\noutputs {outputs:016x}\n")
}

fn note() -> Result<PathBuf> {
    Ok(paths::release_dir()?.join("madang.built"))
}
