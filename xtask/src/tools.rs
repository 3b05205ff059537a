//! The tools for working on the page, in the versions they are known to work in, kept per user in the cache. Neither is
//! needed to build Madang.
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

use crate::paths;
use crate::process::{self, command};

/// A tool of crates.io and its pin; why these: docs/dependencies.md, "Pins".
pub(crate) struct Tool {
    /// The package, and the program in it.
    pub(crate) name: &'static str,
    version: &'static str,
    /// How long installing it took on two slow cores, for people who wait.
    takes: &'static str,
}

/// Builds both halves again while they are edited. 0.3.11 needs a newer Rust.
pub(crate) const CARGO_LEPTOS: Tool = Tool {
    name: "cargo-leptos",
    version: "0.3.10",
    takes: "4 to 12 minutes",
};

/// The client-side-only development build. 0.22 needs a newer Rust.
pub(crate) const TRUNK: Tool = Tool {
    name: "trunk",
    version: "0.21.14",
    takes: "4 to 6 minutes",
};

/// The programs of a PATH that has the pinned tools in front.
pub(crate) struct Toolbox {
    path: OsString,
}

impl Toolbox {
    /// A command that finds the pinned tools first.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        command.env("PATH", &self.path);
        if program == TRUNK.name {
            // Trunk 0.21 takes only `true` and `false` here and refuses the usual `1`.
            command.env_remove("NO_COLOR");
        }
        command
    }

    /// Where one of its tools lies.
    pub(crate) fn program(&self, tool: &Tool) -> Result<PathBuf> {
        process::find_in(&self.path, tool.name)
            .with_context(|| format!("{} was made sure of but is not to be found", tool.name))
    }
}

/// Makes sure of this tool, installing it if it is missing, and puts it and these folders in front of PATH.
pub(crate) fn ensure(tool: Option<&Tool>, mut folders: Vec<PathBuf>) -> Result<Toolbox> {
    if let Some(tool) = tool {
        let cache = paths::cache_dir()?.join("tools");
        if tool.is_installed(&cache) || !tool.is_on_path() {
            tool.install(&cache)?;
            folders.push(tool.bin_dir(&cache));
        }
    }
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path =
        env::join_paths(folders).context("a folder on PATH or of the cache has a colon in its name")?;
    Ok(Toolbox { path })
}

impl Tool {
    fn dir(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.name, self.version))
    }

    fn bin_dir(&self, cache: &Path) -> PathBuf {
        self.dir(cache).join("bin")
    }

    fn is_installed(&self, cache: &Path) -> bool {
        self.bin_dir(cache).join(self.name).is_file()
    }

    fn is_on_path(&self) -> bool {
        process::find(self.name).is_some_and(|program| self.says_its_version(&program))
    }

    fn says_its_version(&self, program: &Path) -> bool {
        process::output(command(program).arg("--version"))
            .is_ok_and(|said| said.split_whitespace().any(|word| word == self.version))
    }

    /// Installs into a folder that is renamed when it is whole; an interrupted one is thrown away the next time.
    fn install(&self, cache: &Path) -> Result<()> {
        fs::create_dir_all(cache).with_context(|| format!("making {}", cache.display()))?;
        let _turn = take_turn(cache)?;
        if self.is_installed(cache) {
            return Ok(());
        }
        let dir = self.dir(cache);
        let partial = cache.join(format!("{}-{}.partial", self.name, self.version));
        for left_over in [&dir, &partial] {
            remove_dir(left_over)?;
        }
        println!(
            "\nInstalling {} {} into {} (about {}).",
            self.name,
            self.version,
            dir.display(),
            self.takes
        );
        let started = Instant::now();
        self.install_from_crates(&partial)
            .with_context(|| format!("{} {} could not be installed", self.name, self.version))?;
        if !self.says_its_version(&partial.join("bin").join(self.name)) {
            bail!(
                "{} was installed but does not run or is not {}",
                self.name,
                self.version
            );
        }
        fs::rename(&partial, &dir).with_context(|| format!("renaming {}", partial.display()))?;
        println!(
            "Installed {} {} in {}.",
            self.name,
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
                self.name,
                "--version",
                self.version,
                "--locked",
                "--root",
            ])
            .arg(root)
            // These tools' own release profiles trade many minutes of the user's for milliseconds of theirs.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
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
        let package = format!("{}@{}", self.name, self.version);
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
        if !self.says_its_version(&root.join("bin").join(self.name)) {
            bail!("what `cargo binstall` installed does not run");
        }
        Ok(())
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
