//! `cargo xtask bench`: Madang beside its peers.

use anyhow::Result;

use crate::handover::{self, Needed};
use crate::process::{command as new_command, run};
use crate::{nats, paths};

/// Everything after `bench` goes to the load generator.
pub(crate) fn command(words: &[String]) -> Result<()> {
    handover::to("bench", words, || {
        run(new_command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(paths::root().join("bench/peers")))?;
        // Only what is measured of a cluster needs it, and says so.
        match nats::ensure() {
            Ok(program) => Ok(vec![(nats::VARIABLE, program)]),
            Err(error) => {
                println!("{error:#}");
                Ok(Needed::new())
            }
        }
    })
}
