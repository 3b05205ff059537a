//! What the disk itself costs, measured where the server writes, in the same run.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::histogram::Histogram;

/// What is appended before each `fdatasync`: about a page of a write-ahead log.
const APPEND_BYTES: usize = 4096;
/// The probe ends after this many, or after [`PROBE_MAX`].
const PROBES: usize = 500;
const PROBE_MAX: Duration = Duration::from_secs(5);

/// The time of one small append made durable, with nothing else asked of the disk by us.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fsync {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Appends 4 KiB and calls `fdatasync`, up to 500 times, in a file of its own in `folder`.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn probe(folder: &Path) -> Result<Fsync> {
    let path = folder.join("fdatasync.probe");
    let mut file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
    let mut times = Histogram::new();
    let began = Instant::now();
    for _ in 0..PROBES {
        let before = Instant::now();
        file.write_all(&[0x6d; APPEND_BYTES])?;
        file.sync_data()?;
        times.record(before.elapsed().as_nanos() as u64);
        if began.elapsed() > PROBE_MAX {
            break;
        }
    }
    fs::remove_file(&path)?;
    Ok(Fsync {
        p50_ms: times.percentile_ms(50.0).unwrap_or(f64::NAN),
        p99_ms: times.percentile_ms(99.0).unwrap_or(f64::NAN),
    })
}

/// The type of the file system `folder` is on, as `/proc/self/mountinfo` names it.
pub(crate) fn file_system_of(folder: &Path) -> Option<String> {
    let folder = fs::canonicalize(folder).ok()?;
    file_system_in(&fs::read_to_string("/proc/self/mountinfo").ok()?, &folder)
}

/// Whether a file system of this type forgets everything with the power.
pub(crate) fn is_memory(file_system: &str) -> bool {
    matches!(file_system, "tmpfs" | "ramfs" | "devtmpfs")
}

/// The longest mount point that is above `folder` wins; of two on the same point, the later one.
fn file_system_in(mountinfo: &str, folder: &Path) -> Option<String> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        let point = Path::new(mount.split(' ').nth(4)?);
        folder
            .starts_with(point)
            .then_some((point.as_os_str().len(), source.split(' ').next()?))
    });
    mounts
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount_point() {
        let mountinfo = "22 27 0:21 / /proc rw - proc proc rw\n\
                         27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                         30 27 0:23 / /home/x rw shared:5 - btrfs /dev/vdb rw\n\
                         31 30 0:24 / /home/x/tmp rw - tmpfs tmpfs rw\n";
        for (folder, kind) in [
            ("/srv", "ext4"),
            ("/home/x/a", "btrfs"),
            ("/home/x/tmp/b", "tmpfs"),
            ("/home/xy", "ext4"),
        ] {
            assert_eq!(
                file_system_in(mountinfo, Path::new(folder)).as_deref(),
                Some(kind),
                "{folder}"
            );
        }
        assert!(is_memory("tmpfs") && !is_memory("ext4"));
    }

    #[test]
    fn a_probe_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("bench-probe-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let fsync = probe(&folder).unwrap();
        assert!(fsync.p50_ms > 0.0 && fsync.p50_ms <= fsync.p99_ms);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}
