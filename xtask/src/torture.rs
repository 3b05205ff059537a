//! `cargo xtask torture`: the proof of delivery, under faults.

use anyhow::Result;

use crate::handover::{self, Needed};
use crate::nats;

/// The flags that ask for several nodes.
const SEVERAL_NODES: [&str; 2] = ["--nodes", "--rolling"];

/// Everything after `torture` goes to the program.
pub(crate) fn command(words: &[String]) -> Result<()> {
    let needs_nats = words.iter().any(|word| {
        let flag = word.split('=').next().unwrap_or(word);
        SEVERAL_NODES.contains(&flag)
    });
    handover::to("torture", words, || {
        if needs_nats {
            return Ok(vec![(nats::VARIABLE, nats::ensure()?)]);
        }
        Ok(Needed::new())
    })
}

/// A short run, as a step of `cargo xtask test`.
pub(crate) fn short() -> Result<()> {
    command(&["--minutes=0.6".to_owned()])
}

/// A short run of three nodes, as a step of it.
pub(crate) fn short_cluster() -> Result<()> {
    command(&["--nodes=3".to_owned(), "--minutes=1".to_owned()])
}
