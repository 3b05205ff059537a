//! `bind`, the project's own wasm-bindgen (`xtask/bind`): a crate apart, so that nobody waits for it who needs no WASM.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::process::{command, output};

/// The name that other tools look for it by.
const NAME: &str = "wasm-bindgen";

/// Builds it, if it is not built, and returns the program.
pub(crate) fn ensure() -> Result<PathBuf> {
    let read =
        |file: &str| fs::read_to_string(paths::root().join(file)).with_context(|| format!("reading {file}"));
    check_versions(&read("Cargo.lock")?, &read("xtask/bind/src/main.rs")?)?;
    output(command("cargo").args(["build", "--quiet", "--package=bind"]))?;
    Ok(paths::target_dir()?.join("debug/bind"))
}

/// Makes `NAME.js` and `NAME_bg.wasm` in the folder `to`.
pub(crate) fn run(bind: &Path, wasm: &Path, to: &Path, name: &str) -> Result<()> {
    output(
        command(bind)
            .args([
                "--target=web",
                "--no-typescript",
                "--silent-panics",
                &format!("--out-name={name}"),
                "--out-dir",
            ])
            .args([to, wasm]),
    )?;
    Ok(())
}

/// A folder for PATH, in which the program goes by the name that Trunk and cargo-leptos look for.
pub(crate) fn folder_for_path() -> Result<PathBuf> {
    let bind = ensure()?;
    let folder = paths::target_dir()?.join("xtask-path");
    let program = folder.join(NAME);
    if fs::read_link(&program).is_ok_and(|there| there == bind) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let _ = fs::remove_file(&program);
    symlink(&bind, &program).with_context(|| format!("making {}", program.display()))?;
    Ok(folder)
}

/// What is bound and what binds it speak a format of their own that changes with every version.
fn check_versions(lock: &str, source: &str) -> Result<()> {
    let bound = locked_version(lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen in it")?;
    let binds = locked_version(lock, "wasm-bindgen-cli-support")
        .context("Cargo.lock has no wasm-bindgen-cli-support in it")?;
    let says = source
        .lines()
        .find_map(|line| line.strip_prefix("const VERSION: &str = \"")?.strip_suffix("\";"))
        .context("xtask/bind says no version")?;
    if bound != binds || bound != says {
        bail!(
            "Cargo.lock has wasm-bindgen {bound} and wasm-bindgen-cli-support {binds}, and xtask/bind says {says}: they \
             must be the same, so change Cargo.toml or xtask/bind/src/main.rs"
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

    const SOURCE: &str = "const VERSION: &str = \"0.2.128\";\n";

    fn lock(bound: &str, binds: &str) -> String {
        let package = |name: &str, version: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n")
        };
        package("wasm-bindgen-futures", "0.4.78")
            + &package("wasm-bindgen", bound)
            + &package("wasm-bindgen-cli-support", binds)
    }

    #[test]
    fn versions_that_disagree_are_refused_and_named() {
        assert!(check_versions(&lock("0.2.128", "0.2.128"), SOURCE).is_ok());
        for (bound, binds) in [
            ("0.2.129", "0.2.128"),
            ("0.2.128", "0.2.129"),
            ("0.2.129", "0.2.129"),
        ] {
            let error = check_versions(&lock(bound, binds), SOURCE)
                .unwrap_err()
                .to_string();
            assert!(error.contains("0.2.129") && error.contains("0.2.128"), "{error}");
        }
        assert!(check_versions("", SOURCE).is_err());
        assert!(check_versions(&lock("0.2.128", "0.2.128"), "").is_err());
    }

    #[test]
    fn the_repositorys_own_versions_agree() {
        let lock = fs::read_to_string(paths::root().join("Cargo.lock")).unwrap();
        let source = fs::read_to_string(paths::root().join("xtask/bind/src/main.rs")).unwrap();
        check_versions(&lock, &source).unwrap();
    }
}
