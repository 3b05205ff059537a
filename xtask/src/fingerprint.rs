//! Whether a release build would make anything new.
//!
//! cargo knows that for its own part, but the page is bound, optimised and compressed anew each time (`site.rs`). So the contents of everything it builds from, and what came out, are noted beside the
//! result; while both are as noted, there is nothing to build.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Crates that are no part of the product.
const NOT_IN_THE_PRODUCT: &[&str] = &["xtask", "bench", "torture"];
/// Files beside the crates that a build reads.
const ROOT_FILES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "xtask/site/package-lock.json",
    "xtask/site/finish.mjs",
    "xtask/bind/src/main.rs",
    "xtask/bind/src/silence.rs",
    "xtask/src/bind.rs",
];
/// What changes a build without changing a file.
const VARIABLES: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CC",
    "CFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// A number for what a build is made from: the sources, the tools (as text) and the environment.
pub(crate) fn of_inputs(root: &Path, tools: &str) -> Result<u64> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("reading Cargo.toml")?;
    let mut hasher = DefaultHasher::new();
    tools.hash(&mut hasher);
    for name in VARIABLES {
        env::var_os(name).hash(&mut hasher);
    }
    for name in ROOT_FILES {
        fs::read(root.join(name)).ok().hash(&mut hasher);
    }
    for folder in input_folders(&manifest) {
        for file in files_below(&root.join(folder))? {
            let text = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            (file.strip_prefix(root).unwrap_or(&file), text).hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// A number for what a build made: the binary and every file of the site. It is of sizes and times, for these files are
/// large and nobody edits them.
pub(crate) fn of_outputs(binary: &Path, site: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut files = files_below(site)?;
    files.push(binary.to_path_buf());
    for file in files {
        let meta = fs::metadata(&file).with_context(|| format!("looking at {}", file.display()))?;
        (file, meta.len(), meta.modified()?).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The folders a build reads, from the manifest itself, so that a new crate is not forgotten here.
fn input_folders(manifest: &str) -> Vec<&str> {
    let mut folders = Vec::new();
    for line in manifest.lines() {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        if matches!(key.trim(), "members" | "assets-dir") {
            folders.extend(quoted(value));
        }
    }
    folders.push("style");
    folders.retain(|folder| !NOT_IN_THE_PRODUCT.contains(folder));
    folders
}

/// The texts between quotation marks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// Every file below a folder, sorted; none when there is no such folder.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("reading {}", folder.display())),
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "members = [\"chat\", \"bench\"]\nassets-dir = \"public\"\n";

    fn scratch(name: &str) -> PathBuf {
        let root = env::temp_dir().join(format!("madang-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (file, text) in [
            ("Cargo.toml", MANIFEST),
            ("chat/src/lib.rs", "a"),
            ("bench/src/main.rs", "b"),
        ] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), text).unwrap();
        }
        root
    }

    #[test]
    fn a_changed_source_a_new_asset_and_another_tool_each_ask_for_a_build() {
        let root = scratch("inputs");
        let before = of_inputs(&root, "tool 1").unwrap();
        assert_eq!(of_inputs(&root, "tool 1").unwrap(), before);
        assert_ne!(of_inputs(&root, "tool 2").unwrap(), before);

        fs::write(root.join("chat/src/lib.rs"), "A").unwrap();
        let edited = of_inputs(&root, "tool 1").unwrap();
        assert_ne!(edited, before);

        fs::create_dir(root.join("public")).unwrap();
        fs::write(root.join("public/icon.svg"), "").unwrap();
        assert_ne!(of_inputs(&root, "tool 1").unwrap(), edited);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_no_part_of_the_product_asks_for_no_build() {
        let root = scratch("others");
        let before = of_inputs(&root, "").unwrap();
        fs::write(root.join("bench/src/main.rs"), "B").unwrap();
        fs::write(root.join("README.md"), "").unwrap();
        assert_eq!(of_inputs(&root, "").unwrap(), before);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn an_output_that_is_missing_or_was_replaced_is_noticed() {
        let root = scratch("outputs");
        let (binary, site) = (root.join("madang"), root.join("site"));
        fs::create_dir(&site).unwrap();
        assert!(of_outputs(&binary, &site).is_err());
        fs::write(&binary, "1").unwrap();
        fs::write(site.join("a.js"), "1").unwrap();
        let before = of_outputs(&binary, &site).unwrap();
        assert_eq!(of_outputs(&binary, &site).unwrap(), before);
        fs::remove_file(site.join("a.js")).unwrap();
        assert_ne!(of_outputs(&binary, &site).unwrap(), before);
        fs::remove_dir_all(root).unwrap();
    }
}
