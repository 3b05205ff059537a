//! Handing over to a program of the workspace.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{command, run};
use crate::{args, paths, release};

/// What a program needs besides, each with the variable by which it finds it.
pub(crate) type Needed = Vec<(&'static str, PathBuf)>;

/// Builds the release and the package, and runs the package's program with these words (without a leading `--`).
/// `prepare` comes before the program; nothing but the program is built when it is only asked for its help.
pub(crate) fn to(package: &str, words: &[String], prepare: impl FnOnce() -> Result<Needed>) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    let mut needed = Needed::new();
    if !args::asks_for_help(words) {
        release::ensure()?;
        needed = prepare()?;
    }
    build_and_run(package, words, needed)
}

/// Builds the package alone, and runs its program with these words (without a leading `--`).
pub(crate) fn alone(package: &str, words: &[String]) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    build_and_run(package, words, Needed::new())
}

fn build_and_run(package: &str, words: &[String], needed: Needed) -> Result<()> {
    run(command("cargo").args(["build", "--release", "--package", package]))?;
    run(command(paths::release_dir()?.join(package))
        .args(words)
        .envs(needed))
}
