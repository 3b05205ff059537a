//! What must be on the machine before anything can be installed: each missing thing is one sentence with the command
//! that mends it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{self, command};

/// The compilation target of what runs in the browser.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node that npm's `binaryen` and Playwright work with.
const NODE_MAJOR_MIN: u32 = 20;

/// Checks everything at once, so that a newcomer mends it at once, and adds the WASM target if it is missing.
pub(crate) fn ensure() -> Result<()> {
    let missing: Vec<String> = [c_compiler(), node(), npm()].into_iter().flatten().collect();
    if !missing.is_empty() {
        bail!(
            "something is missing on this machine:\n  {}",
            missing.join("\n  ")
        );
    }
    ensure_wasm_target()
}

/// Adds a component of the Rust toolchain (`clippy`, `rustfmt`) if it is missing.
pub(crate) fn ensure_component(component: &str, subcommand: &str) -> Result<()> {
    if process::output(command("cargo").args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    require_rustup(&format!("the toolchain's {component}"))?;
    println!("Adding {component} to the Rust toolchain (seconds).");
    process::run(command("rustup").args(["component", "add", component]))
}

fn ensure_wasm_target() -> Result<()> {
    let sysroot = process::output(command("rustc").args(["--print", "sysroot"]))
        .context("the Rust toolchain does not answer: install it with `rustup toolchain install`")?;
    if has_wasm_target(&PathBuf::from(sysroot)) {
        return Ok(());
    }
    require_rustup("the WASM target")?;
    println!("Adding the target {WASM_TARGET} to the Rust toolchain (seconds).");
    process::run(command("rustup").args(["target", "add", WASM_TARGET]))
}

fn has_wasm_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib").is_dir()
}

fn require_rustup(what: &str) -> Result<()> {
    if process::find("rustup").is_none() {
        bail!(
            "{what} is missing and rustup, which would add it, is too: install rustup from https://rustup.rs"
        );
    }
    Ok(())
}

fn c_compiler() -> Option<String> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let program = compiler.split_whitespace().next().unwrap_or("cc");
    if process::find(program).is_some() || Path::new(program).is_file() {
        return None;
    }
    let mend = if std::env::consts::OS == "macos" {
        "`xcode-select --install` installs one"
    } else if process::find("apt-get").is_some() {
        "`sudo apt-get install build-essential` installs one"
    } else if process::find("dnf").is_some() {
        "`sudo dnf install gcc` installs one"
    } else {
        "your package manager's gcc or clang will do"
    };
    Some(format!(
        "There is no C compiler (`{program}`), which SQLite is built with: {mend}."
    ))
}

fn node() -> Option<String> {
    let found = match process::output(command("node").arg("--version")) {
        Ok(version) if node_major(&version).is_some_and(|major| major >= NODE_MAJOR_MIN) => return None,
        Ok(version) => format!("is {version}"),
        Err(_) => "is missing".to_owned(),
    };
    Some(format!(
        "Node {found} but must be {NODE_MAJOR_MIN} or newer: {}.",
        mend_node()
    ))
}

fn npm() -> Option<String> {
    let missing = process::find("npm").is_none();
    missing.then(|| format!("npm is missing, which comes with Node: {}.", mend_node()))
}

fn mend_node() -> &'static str {
    if process::find("brew").is_some() {
        "`brew install node` installs it"
    } else if process::find("dnf").is_some() {
        "`sudo dnf install nodejs npm` installs it"
    } else if process::find("apt-get").is_some() {
        "`sudo apt-get install nodejs npm` installs it (before Debian 13: see https://nodejs.org/en/download)"
    } else {
        "https://nodejs.org/en/download has the command for this system"
    }
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_version_is_read_from_what_it_says() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert_eq!(node_major("v9.0.0"), Some(9));
        assert_eq!(node_major("command not found"), None);
    }
}
