//! A database that is changed by hand.

use std::path::Path;

use anyhow::{Context as _, ensure};
use rusqlite::Connection;

/// Makes the history of a node that has ended another one: its running hash is what it would be had it applied another message
/// some time ago. Nothing in the database disagrees with anything else in it.
///
/// # Errors
/// When the database cannot be changed, or has no history.
pub fn corrupt(data_dir: &Path) -> anyhow::Result<()> {
    let file = data_dir.join("madang.db");
    let connection = Connection::open(&file).with_context(|| format!("opening {}", file.display()))?;
    let changed = connection.execute("UPDATE log_hashes SET hash = randomblob(32)", ())?;
    ensure!(changed > 0, "{} has no history to change", file.display());
    Ok(())
}
