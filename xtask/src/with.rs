//! `cargo xtask with`: one command with the pinned tools that it needs in front of PATH.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::tools::{self, CARGO_LEPTOS, TRUNK, Tool, Toolbox};
use crate::{bind, npm, prerequisites, process};

/// Becomes the command, so that its signals, its terminal and its exit code are its own.
pub(crate) fn command(words: &[String]) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    let (program, rest) = words
        .split_first()
        .context("with what? For example: cargo xtask with cargo leptos watch")?;
    let toolbox = ensure(&Needs::of(words))?;
    let mut command = toolbox.command(program);
    command.args(rest).stdin(Stdio::inherit());
    println!("$ {}", process::show(&command));
    let error = command.exec();
    Err(error).with_context(|| format!("cannot run `{}`", process::show(&command)))
}

/// Installs and builds what a command needs.
pub(crate) fn ensure(needs: &Needs) -> Result<Toolbox> {
    prerequisites::ensure()?;
    let mut folders = Vec::new();
    if needs.wasm_opt {
        npm::ensure()?;
        folders.push(npm::bin_dir());
    }
    if needs.wasm_bindgen {
        folders.push(bind::folder_for_path()?);
    }
    tools::ensure(needs.tool, folders)
}

/// What a command needs that is not on every machine.
#[derive(Clone, Copy, Default)]
pub(crate) struct Needs {
    pub(crate) tool: Option<&'static Tool>,
    pub(crate) wasm_bindgen: bool,
    pub(crate) wasm_opt: bool,
}

impl Needs {
    pub(crate) const WATCH: Self = Self {
        tool: Some(&CARGO_LEPTOS),
        wasm_bindgen: true,
        wasm_opt: false,
    };
    pub(crate) const TRUNK: Self = Self {
        tool: Some(&TRUNK),
        wasm_bindgen: true,
        wasm_opt: false,
    };

    fn of(words: &[String]) -> Self {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["cargo-leptos", rest @ ..] | ["cargo", "leptos", rest @ ..] => Self {
                wasm_opt: rest.iter().any(|word| matches!(*word, "--release" | "-r")),
                ..Self::WATCH
            },
            ["trunk", ..] => Self::TRUNK,
            ["wasm-bindgen", ..] => Self {
                wasm_bindgen: true,
                ..Self::default()
            },
            ["wasm-opt", ..] => Self {
                wasm_opt: true,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(line: &str) -> (Option<&'static str>, bool, bool) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let needs = Needs::of(&words);
        (
            needs.tool.map(|tool| tool.name),
            needs.wasm_bindgen,
            needs.wasm_opt,
        )
    }

    #[test]
    fn a_command_gets_the_tools_it_needs_and_no_other() {
        assert_eq!(needs("cargo leptos watch"), (Some("cargo-leptos"), true, false));
        assert_eq!(
            needs("cargo leptos build --release"),
            (Some("cargo-leptos"), true, true)
        );
        assert_eq!(needs("trunk serve"), (Some("trunk"), true, false));
        assert_eq!(needs("cargo build"), (None, false, false));
    }
}
