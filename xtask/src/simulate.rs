//! `cargo xtask simulate`: the cluster in virtual time, seed by seed.

use anyhow::Result;

use crate::handover;

/// Everything after `simulate` goes to the program.
pub(crate) fn command(words: &[String]) -> Result<()> {
    handover::alone("simulate", words)
}

/// So many seeds, as a step of `cargo xtask test`.
pub(crate) fn short() -> Result<()> {
    command(&["--seeds=10000".to_owned()])
}
