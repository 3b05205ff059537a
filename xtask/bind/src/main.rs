//! `wasm-bindgen`: makes the JavaScript that loads a WASM file, and the WASM that fits it. It takes the flags that Trunk,
//! cargo-leptos and `cargo xtask` call wasm-bindgen's own program with, and `--silent-panics` besides. It is built in a quarter
//! of a minute: that one takes minutes, for the test runner it also holds.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for the terminal"
)]

mod silence;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use walrus::{Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

/// That of the library: `Cargo.toml` pins it, and xtask holds it against the `wasm-bindgen` of `Cargo.lock`.
const VERSION: &str = "0.2.128";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--version" || word == "-V") {
        println!("wasm-bindgen {VERSION}");
        return ExitCode::SUCCESS;
    }
    match Job::parse(&words).and_then(|job| job.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What to bind, and how.
#[derive(Debug, Default, PartialEq, Eq)]
struct Job {
    input: PathBuf,
    out_dir: PathBuf,
    out_name: Option<String>,
    typescript: bool,
    debug: bool,
    keep_debug: bool,
    keep_lld_exports: bool,
    demangle: bool,
    silent: bool,
}

impl Job {
    /// Reads the flags.
    ///
    /// # Errors
    /// A flag that is not known here, a target other than the web, or no input file or no `--out-dir`.
    fn parse(words: &[String]) -> Result<Self> {
        let mut job = Self {
            typescript: true,
            demangle: true,
            ..Self::default()
        };
        let mut words = words.iter();
        let mut target = None;
        while let Some(word) = words.next() {
            let (flag, inline) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| words.next().cloned())
                    .with_context(|| format!("`{flag}` wants a value after it"))
            };
            match flag {
                "--target" => target = Some(value()?),
                "--out-dir" => job.out_dir = value()?.into(),
                "--out-name" => job.out_name = Some(value()?),
                "--no-typescript" => job.typescript = false,
                "--debug" => job.debug = true,
                "--keep-debug" => job.keep_debug = true,
                "--keep-lld-exports" => job.keep_lld_exports = true,
                "--no-demangle" => job.demangle = false,
                "--silent-panics" => job.silent = true,
                _ if flag.starts_with('-') || !job.input.as_os_str().is_empty() => {
                    bail!("`{word}` is not known here: this is Madang's own wasm-bindgen, see xtask/bind");
                }
                _ => job.input = word.into(),
            }
        }
        match target.as_deref() {
            Some("web") => {}
            other => bail!("the target must be `web`, not {other:?}"),
        }
        if job.input.as_os_str().is_empty() || job.out_dir.as_os_str().is_empty() {
            bail!("a WASM file and `--out-dir` are needed");
        }
        Ok(job)
    }

    fn run(&self) -> Result<()> {
        let mut bindgen = Bindgen::new();
        bindgen
            .web(true)?
            .input_path(&self.input)
            .typescript(self.typescript)
            .debug(self.debug)
            .keep_debug(self.keep_debug)
            .keep_lld_exports(self.keep_lld_exports)
            .demangle(self.demangle);
        if self.silent {
            bindgen.input_module(&self.name()?, self.silenced()?);
        }
        if let Some(name) = &self.out_name {
            bindgen.out_name(name);
        }
        bindgen
            .generate(&self.out_dir)
            .with_context(|| format!("binding {}", self.input.display()))
    }

    /// The input, in which panics say nothing.
    fn silenced(&self) -> Result<Module> {
        let reading = || format!("reading {}", self.input.display());
        let bytes = fs::read(&self.input).with_context(reading)?;
        let mut config = ModuleConfig::new();
        // As wasm-bindgen reads it.
        config.strict_validate(false).generate_dwarf(false);
        let mut module = config.parse(&bytes).with_context(reading)?;
        if silence::silence(&mut module) == 0 {
            bail!(
                "{} has no names of functions: it was stripped of them",
                self.input.display()
            );
        }
        Ok(module)
    }

    /// What the files that are made are called.
    fn name(&self) -> Result<String> {
        let stem = self.input.file_stem().and_then(|stem| stem.to_str());
        let name = self.out_name.as_deref().or(stem);
        name.map(str::to_owned).context("the WASM file's name is no text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Job> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Job::parse(&words)
    }

    #[test]
    fn the_flags_are_read_as_cargo_leptos_and_trunk_write_them() {
        let leptos = parse("--target=web --out-name=madang --out-dir=site/pkg front.wasm").unwrap();
        assert_eq!(leptos.out_name.as_deref(), Some("madang"));
        assert_eq!(
            (leptos.out_dir, leptos.input),
            ("site/pkg".into(), "front.wasm".into())
        );
        assert!(leptos.typescript && leptos.demangle && !leptos.debug);
        let trunk = parse("--target web --out-dir d --out-name n in.wasm --no-typescript --debug").unwrap();
        assert!(!trunk.typescript && trunk.debug && !trunk.silent);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(parse("--target=web --out-dir=d --split-linked-modules a.wasm").is_err());
        assert!(parse("--target=nodejs --out-dir=d a.wasm").is_err());
        assert!(parse("--target=web a.wasm").is_err());
        assert!(parse("--target=web --out-dir=d").is_err());
        assert!(parse("--target=web --out-dir=d a.wasm b.wasm").is_err());
    }
}
