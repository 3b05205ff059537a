//! What the kernel knows of a process and of a disk: processor time, resident memory, flushes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::machine;

/// The processor time a process has used, all its threads, user and system, in seconds.
///
/// # Errors
/// When the process is gone.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("reading {path}: did the server end?"))?;
    let ticks = cpu_ticks(&stat).with_context(|| format!("{path} is not of the known shape"))?;
    Ok(ticks as f64 / machine::ticks_per_second() as f64)
}

/// The resident memory of a process, in KiB.
///
/// # Errors
/// When the process is gone.
pub(crate) fn resident_kib(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("reading {path}: did the server end?"))?;
    vm_rss_kib(&status).with_context(|| format!("{path} has no VmRSS"))
}

/// A disk's flush requests so far, and the time they took together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flushes {
    pub(crate) count: u64,
    pub(crate) ms: u64,
}

/// Reads the counters of a disk; `None` where the kernel or the device does not count flushes.
pub(crate) fn flushes(counters: &Path) -> Option<Flushes> {
    disk_flushes(&fs::read_to_string(counters).ok()?)
}

/// `utime` and `stime` (proc_pid_stat(5), fields 14 and 15). The name in field 2 may hold blanks and parentheses, so
/// counting starts after the last parenthesis.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn vm_rss_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Fields 16 and 17 of a disk's `stat` (Linux 5.5, `Documentation/block/stat.rst`).
fn disk_flushes(stat: &str) -> Option<Flushes> {
    let mut fields = stat.split_ascii_whitespace().skip(15);
    let count = fields.next()?.parse().ok()?;
    let ms = fields.next()?.parse().ok()?;
    Some(Flushes { count, ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_plus_system_whatever_the_process_is_called() {
        let stat = "77 (a) b (c)) S 1 77 77 0 -1 4194560 1000 50 3 4 250 130 9 8 20 0 5 0 1234 99 10 18446744073709551615";
        assert_eq!(cpu_ticks(stat), Some(380));
        assert_eq!(cpu_ticks("77 (short) S 1 2"), None);
        assert_eq!(cpu_ticks(""), None);
    }

    #[test]
    fn resident_memory_is_read_and_not_its_peak() {
        let status =
            "Name:\tmadang\nVmPeak:\t  900 kB\nVmHWM:\t  800 kB\nVmRSS:\t   12345 kB\nRssAnon:\t 7 kB\n";
        assert_eq!(vm_rss_kib(status), Some(12_345));
        assert_eq!(vm_rss_kib("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn flushes_are_the_last_two_fields_and_older_kernels_have_none() {
        let stat = "81703 15487 5239058 335835 35085 111119 11772312 93343 0 59972 446392 33611 55 7116032 17044 3155 169\n";
        assert_eq!(disk_flushes(stat), Some(Flushes { count: 3155, ms: 169 }));
        assert_eq!(disk_flushes("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"), None);
    }
}
