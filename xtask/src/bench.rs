//! `cargo xtask bench`: builds what is measured and hands over to the load generator.

use anyhow::Result;

use crate::process::{command as new_command, run};
use crate::{paths, release};

/// Everything after `bench` (and an optional `--`) goes to the load generator.
pub(crate) fn command(words: &[String]) -> Result<()> {
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    let asks_only = words.iter().any(|word| word == "--help" || word == "-h");
    if !asks_only {
        release::ensure()?;
        run(new_command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(paths::root().join("bench/peers")))?;
    }
    run(new_command("cargo").args(["build", "--release", "--package", "bench"]))?;
    run(new_command(paths::release_dir()?.join("bench")).args(words))
}
