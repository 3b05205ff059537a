//! The tools the build needs, in the versions it is known to work with, kept per user in the cache.
//!
//! A tool whose right version is on PATH is used from there. Any other is installed into
//! `<cache>/tools/<name>-<version>`: first into a folder beside it, which takes that name only when it is whole.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{self, command};
use crate::{paths, short_names, wasm_opt};

/// A tool and its pin. All pins of tools stand here; why these: docs/ARCHITECTURE.md, "Pins".
pub(crate) struct Tool {
    /// The package, as its registry calls it.
    package: &'static str,
    /// The package's version.
    version: &'static str,
    /// The program in it that is used.
    program: &'static str,
    /// What `program --version` calls that version.
    said_version: &'static str,
    source: Source,
    /// How long installing it took on two slow cores, for people who wait.
    takes: &'static str,
}

#[derive(Clone, Copy)]
enum Source {
    /// crates.io: by `cargo binstall` where that is installed, else built from source.
    Cargo,
    /// npm.
    Npm,
}

/// Builds both halves, the server and the WASM. 0.3.11 needs a newer Rust.
pub(crate) const CARGO_LEPTOS: Tool = Tool {
    package: "cargo-leptos",
    version: "0.3.10",
    program: "cargo-leptos",
    said_version: "0.3.10",
    source: Source::Cargo,
    takes: "4 to 12 minutes",
};

/// Makes the JavaScript around the WASM. Must be of exactly the version of `wasm-bindgen` in `Cargo.lock`.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.128",
    program: "wasm-bindgen",
    said_version: "0.2.128",
    source: Source::Cargo,
    takes: "2 to 4 minutes",
};

/// Makes the WASM smaller.
pub(crate) const WASM_OPT: Tool = Tool {
    package: "binaryen",
    version: "132.0.0",
    program: "wasm-opt",
    said_version: "132",
    source: Source::Npm,
    takes: "10 seconds",
};

/// The client-side-only development build. 0.22 needs a newer Rust.
pub(crate) const TRUNK: Tool = Tool {
    package: "trunk",
    version: "0.21.14",
    program: "trunk",
    said_version: "0.21.14",
    source: Source::Cargo,
    takes: "4 to 6 minutes",
};

/// What a release build takes.
pub(crate) const FOR_RELEASE: &[&Tool] = &[&WASM_BINDGEN, &WASM_OPT, &CARGO_LEPTOS];
/// What every kind of build takes.
pub(crate) const FOR_ALL: &[&Tool] = &[&WASM_BINDGEN, &WASM_OPT, &CARGO_LEPTOS, &TRUNK];

/// The folders of tools that PATH does not have in the right version.
pub(crate) struct Toolbox {
    path: OsString,
    /// Where `wasm-opt` itself is, if it is among the tools.
    wasm_opt: Option<PathBuf>,
}

impl Toolbox {
    /// A command that finds the pinned tools first.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        command.env("PATH", &self.path);
        if let Some(real) = &self.wasm_opt {
            command.env(wasm_opt::REAL, real);
        }
        if program == TRUNK.program {
            // Trunk 0.21 takes only `true` and `false` here and refuses the usual `1`.
            command.env_remove("NO_COLOR");
        }
        command
    }

    /// Where one of its tools lies.
    pub(crate) fn program(&self, tool: &Tool) -> Result<PathBuf> {
        process::find_in(&self.path, tool.program)
            .with_context(|| format!("{} was made sure of but is not to be found", tool.program))
    }
}

/// Makes sure of these tools, installing what is missing.
pub(crate) fn ensure(tools: &[&Tool]) -> Result<Toolbox> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("reading Cargo.lock")?;
    check_wasm_bindgen(&lock)?;
    let cache = paths::cache_dir()?.join("tools");
    let mut dirs = Vec::new();
    for tool in tools {
        if !tool.is_installed(&cache) {
            if tool.is_on_path() {
                continue;
            }
            tool.install(&cache)?;
        }
        dirs.push(tool.bin_dir(&cache));
    }
    dirs.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path = |dirs: &[PathBuf]| {
        env::join_paths(dirs).context("a folder on PATH or of the cache has a colon in its name")
    };
    let wasm_opt = if tools.iter().any(|tool| tool.program == WASM_OPT.program) {
        let real = process::find_in(&path(&dirs)?, WASM_OPT.program);
        dirs.insert(0, wasm_opt::stand_in()?);
        real
    } else {
        None
    };
    let path = path(&dirs)?;
    Ok(Toolbox { path, wasm_opt })
}

/// The pins and how they came to be met, for a person.
pub(crate) fn versions(tools: &[&Tool]) -> String {
    let mut names: Vec<String> = tools
        .iter()
        .map(|tool| format!("{} {}", tool.program, tool.said_version))
        .collect();
    names.sort();
    names.extend([
        wasm_opt::BEFORE.join(" "),
        wasm_opt::AFTER.join(" "),
        short_names::PASS.to_owned(),
    ]);
    names.join(", ")
}

impl Tool {
    fn dir(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.package, self.version))
    }

    fn bin_dir(&self, cache: &Path) -> PathBuf {
        self.bin_dir_in(&self.dir(cache))
    }

    fn bin_dir_in(&self, dir: &Path) -> PathBuf {
        match self.source {
            Source::Cargo => dir.join("bin"),
            Source::Npm => dir.join("node_modules/.bin"),
        }
    }

    fn is_installed(&self, cache: &Path) -> bool {
        self.bin_dir(cache).join(self.program).is_file()
    }

    fn is_on_path(&self) -> bool {
        process::find(self.program).is_some_and(|program| self.says_its_version(&program))
    }

    fn says_its_version(&self, program: &Path) -> bool {
        process::output(command(program).arg("--version"))
            .is_ok_and(|said| said.split_whitespace().any(|word| word == self.said_version))
    }

    /// Installs into a folder that is renamed when it is whole; an interrupted one is thrown away the next time.
    fn install(&self, cache: &Path) -> Result<()> {
        fs::create_dir_all(cache).with_context(|| format!("making {}", cache.display()))?;
        let _turn = take_turn(cache)?;
        if self.is_installed(cache) {
            return Ok(());
        }
        let dir = self.dir(cache);
        let partial = cache.join(format!("{}-{}.partial", self.package, self.version));
        for left_over in [&dir, &partial] {
            remove_dir(left_over)?;
        }
        println!(
            "\nInstalling {} {} into {} (about {}).",
            self.package,
            self.version,
            dir.display(),
            self.takes
        );
        let started = Instant::now();
        match self.source {
            Source::Cargo => self.install_from_crates(&partial),
            Source::Npm => self.install_from_npm(&partial),
        }
        .with_context(|| format!("{} {} could not be installed", self.package, self.version))?;
        if !self.says_its_version(&self.bin_dir_in(&partial).join(self.program)) {
            bail!(
                "{} was installed but does not run or is not {}",
                self.program,
                self.version
            );
        }
        fs::rename(&partial, &dir).with_context(|| format!("renaming {}", partial.display()))?;
        println!(
            "Installed {} {} in {}.",
            self.package,
            self.version,
            seconds(started)
        );
        Ok(())
    }

    fn install_from_crates(&self, root: &Path) -> Result<()> {
        if process::find("cargo-binstall").is_some() {
            match self.binstall(root) {
                Ok(()) => return Ok(()),
                Err(error) => println!("{error:#}; building it from source instead."),
            }
            remove_dir(root)?;
        }
        let mut install = command("cargo");
        install
            .args([
                "install",
                self.package,
                "--version",
                self.version,
                "--locked",
                "--root",
            ])
            .arg(root)
            // These tools' own release profiles trade many minutes of the user's for milliseconds of theirs.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            // What is set for this project is not meant for them.
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS");
        if !std::io::stderr().is_terminal() {
            install.arg("--quiet");
        }
        process::run(&mut install)
    }

    fn binstall(&self, root: &Path) -> Result<()> {
        let package = format!("{}@{}", self.package, self.version);
        process::run(
            command("cargo")
                .args([
                    "binstall",
                    "--no-confirm",
                    "--disable-strategies",
                    "compile",
                    "--root",
                ])
                .arg(root)
                .arg(package),
        )?;
        if !self.says_its_version(&root.join("bin").join(self.program)) {
            bail!("what `cargo binstall` installed does not run");
        }
        Ok(())
    }

    fn install_from_npm(&self, prefix: &Path) -> Result<()> {
        fs::create_dir_all(prefix)?;
        let package = format!("{}@{}", self.package, self.version);
        process::run(
            command("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--loglevel=error",
                    "--prefix",
                ])
                .arg(prefix)
                .arg(package),
        )
    }
}

/// Only one process installs at a time; the lock ends with the file.
fn take_turn(cache: &Path) -> Result<File> {
    let file = File::create(cache.join("lock")).context("making the lock of the cache")?;
    if file.try_lock().is_err() {
        println!("Another `cargo xtask` is installing tools; waiting for it.");
        file.lock().context("waiting for the lock of the cache")?;
    }
    Ok(file)
}

fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", dir.display()))
        }
        _ => Ok(()),
    }
}

fn seconds(since: Instant) -> String {
    process::duration(since.elapsed())
}

/// wasm-bindgen's program and its library speak a format of their own that changes with every version.
fn check_wasm_bindgen(lock: &str) -> Result<()> {
    let locked = locked_version(lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen in it")?;
    if locked != WASM_BINDGEN.version {
        bail!(
            "Cargo.lock has wasm-bindgen {locked} but xtask/src/tools.rs pins wasm-bindgen-cli {}: they must be the \
             same, so change one of the two",
            WASM_BINDGEN.version
        );
    }
    Ok(())
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.78\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";

    #[test]
    fn a_lock_file_that_disagrees_with_the_pin_is_refused_with_both_versions() {
        let error = check_wasm_bindgen(LOCK).unwrap_err().to_string();
        assert!(error.contains("0.2.129") && error.contains("0.2.128"), "{error}");
        assert!(check_wasm_bindgen("").is_err());
    }

    #[test]
    fn the_repositorys_own_lock_file_agrees_with_the_pin() {
        let lock = fs::read_to_string(paths::root().join("Cargo.lock")).unwrap();
        check_wasm_bindgen(&lock).unwrap();
    }
}
