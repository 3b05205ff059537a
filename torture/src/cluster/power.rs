//! A power cut: what a file system had not yet written to its disk is gone.

#![expect(unsafe_code, reason = "the kernel is asked by an ioctl, which nobody wraps")]

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use rustix::ioctl::{Setter, ioctl};

/// `EXT4_IOC_SHUTDOWN`, which is `_IOR('X', 125, __u32)` (linux/fs/ext4/ext4.h).
const SHUTDOWN: rustix::ioctl::Opcode = 0x8004_587d;
/// `EXT4_GOING_FLAGS_NOLOGFLUSH`: the journal's last part is not written either.
const WITHOUT_JOURNAL: u32 = 2;

/// Cuts the power of the file system that is mounted at this folder. Everything that touches it fails until it is unmounted and
/// mounted again.
///
/// # Errors
/// When the file system cannot be told, which takes root and an ext4.
pub fn cut(folder: &Path) -> anyhow::Result<()> {
    let folder = File::open(folder).with_context(|| format!("opening {}", folder.display()))?;
    // SAFETY: the kernel reads a `__u32` through the pointer, and that is what it points to.
    let shutdown = unsafe { Setter::<SHUTDOWN, u32>::new(WITHOUT_JOURNAL) };
    // SAFETY: as above; it writes nothing into this process.
    unsafe { ioctl(&folder, shutdown) }.context("cutting the power of a file system")
}
