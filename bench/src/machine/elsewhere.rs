//! Where there is no `/proc`, nothing can be measured; this keeps the workspace building there.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

pub(crate) fn cores() -> Result<(usize, usize)> {
    bail!("the bench reads /proc and pins processes to cores: it runs on Linux only")
}

pub(crate) fn pin(_cores: &[usize]) -> Result<()> {
    Ok(())
}

pub(crate) fn raise_open_files(_needed: u64) -> Result<()> {
    Ok(())
}

pub(crate) fn ticks_per_second() -> u64 {
    100
}

pub(crate) fn disk_counters_of(_folder: &Path) -> Option<PathBuf> {
    None
}
