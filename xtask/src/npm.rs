//! The npm packages that make the page's files small; `xtask/site/package-lock.json` pins them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::paths;
use crate::process::{command, output};

/// Where they and the script that uses them are.
pub(crate) fn folder() -> PathBuf {
    paths::root().join("xtask/site")
}

/// Where their programs are.
pub(crate) fn bin_dir() -> PathBuf {
    folder().join("node_modules/.bin")
}

/// Installs them, unless those that the lock file names are installed.
pub(crate) fn ensure() -> Result<()> {
    let lock = fs::read_to_string(folder().join("package-lock.json"))
        .context("reading xtask/site/package-lock.json")?;
    let installed = folder().join("node_modules/.installed");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing binaryen, lightningcss and terser into xtask/site/node_modules (about 10 seconds).");
    output(
        command("npm")
            .args([
                "ci",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--loglevel=error",
            ])
            .current_dir(folder()),
    )?;
    fs::write(&installed, lock).with_context(|| format!("writing {}", installed.display()))
}
