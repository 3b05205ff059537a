//! Handing over to a program of the workspace.

use anyhow::Result;

use crate::process::{command, run};
use crate::{args, paths, release};

/// Builds the release and the package, and runs the package's program with these words (without a leading `--`).
/// `prepare` comes before the program; nothing but the program is built when it is only asked for its help.
pub(crate) fn to(package: &str, words: &[String], prepare: impl FnOnce() -> Result<()>) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    if !args::asks_for_help(words) {
        release::ensure()?;
        prepare()?;
    }
    alone(package, words)
}

/// Builds the package alone, and runs its program with these words (without a leading `--`).
pub(crate) fn alone(package: &str, words: &[String]) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    run(command("cargo").args(["build", "--release", "--package", package]))?;
    run(command(paths::release_dir()?.join(package)).args(words))
}
