//! What the measurement asks of the kernel: cores, open files, the clock tick, which device a folder is on.

use std::fs;
use std::os::linux::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A core for the server and another for the load; of different physical cores where there is a choice.
///
/// # Errors
/// When this process may run on fewer than two cores: server and load would measure each other.
pub(crate) fn cores() -> Result<(usize, usize)> {
    let allowed = sched_getaffinity(None).context("asking which cores may be used")?;
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|&core| allowed.is_set(core))
        .collect();
    let [first, others @ ..] = cores.as_slice() else {
        bail!("the kernel names no core this process may run on")
    };
    let sibling = siblings(*first);
    let Some(second) = others
        .iter()
        .find(|&&core| siblings(core) != sibling)
        .or(others.first())
    else {
        bail!("the bench needs two cores, one for the server and one for the load; this machine offers one")
    };
    Ok((*first, *second))
}

/// Which logical cores share the physical core of this one, as the kernel writes it.
fn siblings(core: usize) -> Option<String> {
    fs::read_to_string(format!(
        "/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list"
    ))
    .ok()
}

/// Keeps this thread, and every process it starts from now on, on these cores.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn pin(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    sched_setaffinity(None, &set).with_context(|| format!("pinning to the cores {cores:?}"))
}

/// Raises the number of open files to what is allowed, for this process and those it starts.
///
/// # Errors
/// When `needed` is more than is allowed.
pub(crate) fn raise_open_files(needed: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        bail!("the bench needs {needed} open files and this user may have fewer: raise `ulimit -Hn`");
    }
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).context("raising the number of open files")
}

/// How many ticks of `/proc/PID/stat` make a second.
pub(crate) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// The counters of the disk that holds `folder` (Linux, `Documentation/block/stat.rst`), if it has any: a network or
/// memory file system has none. The kernel counts flushes for whole disks only, so a partition leads to its disk.
pub(crate) fn disk_counters_of(folder: &Path) -> Option<PathBuf> {
    let device = fs::metadata(folder).ok()?.st_dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let block = fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")).ok()?;
    let disk = if block.join("partition").exists() {
        block.parent()?.to_owned()
    } else {
        block
    };
    Some(disk.join("stat"))
}
