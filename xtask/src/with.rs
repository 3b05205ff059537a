//! `cargo xtask with`: one command with the pinned tools in front of PATH.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::{prerequisites, process, tools};

/// Becomes the command, so that its signals, its terminal and its exit code are its own.
pub(crate) fn command(words: &[String]) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    let (program, rest) = words
        .split_first()
        .context("with what? For example: cargo xtask with cargo leptos watch")?;
    prerequisites::ensure()?;
    let toolbox = tools::ensure(tools::FOR_ALL)?;
    let mut command = toolbox.command(program);
    command.args(rest).stdin(Stdio::inherit());
    println!("$ {}", process::show(&command));
    let error = command.exec();
    Err(error).with_context(|| format!("cannot run `{}`", process::show(&command)))
}
