//! What failed in a run and when, for whoever has to find out why something went wrong.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::faults::Fault;

/// The counts of all faults, and a file with a line of each.
#[derive(Debug)]
pub struct Journal {
    file: PathBuf,
    counts: Vec<AtomicU64>,
    /// NATS servers whose store had to be thrown away.
    pub wiped: AtomicU64,
}

impl Journal {
    /// A journal in this folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            file: folder.join("faults.log"),
            counts: Fault::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            wiped: AtomicU64::new(0),
        }
    }

    /// Counts a fault that begins.
    pub fn begins(&self, fault: Fault, whose: &str) {
        if let Some(count) = Self::index(fault).and_then(|at| self.counts.get(at)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.say(&format!("{}: {whose}", fault.name()));
    }

    /// Writes a line, with the time of the day in UTC as the programs' own logs have it.
    pub fn say(&self, line: &str) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, ms) = (since.as_secs() % 86_400, since.subsec_millis());
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        // A journal that cannot be written is no reason to end a run.
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(&self.file) {
            let _ = writeln!(file, "{hour:02}:{minute:02}:{second:02}.{ms:03} {line}");
        }
    }

    /// How often a fault happened.
    #[must_use]
    pub fn of(&self, fault: Fault) -> u64 {
        let count = Self::index(fault).and_then(|at| self.counts.get(at));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// How often anything failed.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The counts, a line for each kind.
    #[must_use]
    pub fn table(&self) -> String {
        let line = |fault: &Fault| format!("{:>6}  {}", self.of(*fault), fault.name());
        let mut lines: Vec<String> = Fault::ALL.iter().map(line).collect();
        let wiped = self.wiped.load(Ordering::Relaxed);
        lines.push(format!(
            "{wiped:>6}  a NATS server's store thrown away, as its own files were torn"
        ));
        lines.join("\n")
    }

    fn index(fault: Fault) -> Option<usize> {
        Fault::ALL.iter().position(|one| *one == fault)
    }
}
