//! `cargo xtask torture`: the proof of delivery, under faults.

use anyhow::Result;

use crate::handover;

/// Everything after `torture` goes to the program.
pub(crate) fn command(words: &[String]) -> Result<()> {
    handover::to("torture", words, || Ok(()))
}

/// A short run, as a step of `cargo xtask test`.
pub(crate) fn short() -> Result<()> {
    command(&["--minutes=0.6".to_owned()])
}
