//! `cargo xtask bench`: Madang beside its peers.

use anyhow::Result;

use crate::process::{command as new_command, run};
use crate::{handover, paths};

/// Everything after `bench` goes to the load generator.
pub(crate) fn command(words: &[String]) -> Result<()> {
    handover::to("bench", words, || {
        run(new_command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(paths::root().join("bench/peers")))
    })
}
