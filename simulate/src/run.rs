//! Many seeds, on as many threads as there are processors; each seed on one.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum as _;

use crate::faults::Fault;
use crate::judge::Violation;
use crate::world::simulate;

/// Which seeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeds {
    from: u64,
    count: u64,
    fault: Option<Fault>,
    is_alone: bool,
}

/// What came of them.
#[derive(Debug)]
pub(crate) struct Report {
    seeds: Seeds,
    done: u64,
    events: u64,
    messages: u64,
    applied: u64,
    took: Duration,
    pub(crate) found: Option<Found>,
    trace: Vec<String>,
}

/// The first seed with a violation, of those that were gone through.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) seed: u64,
    pub(crate) violation: Violation,
    trace: Vec<String>,
}

impl Seeds {
    pub(crate) const fn from(from: u64, count: u64, fault: Option<Fault>) -> Self {
        Self {
            from,
            count,
            fault,
            is_alone: false,
        }
    }

    pub(crate) const fn alone(seed: u64, fault: Option<Fault>) -> Self {
        Self {
            from: seed,
            count: 1,
            fault,
            is_alone: true,
        }
    }

    /// Goes through them until there are no more or one has a violation.
    pub(crate) fn run(self) -> anyhow::Result<Report> {
        let begun = Instant::now();
        let next = AtomicU64::new(self.from);
        let is_over = AtomicBool::new(false);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut report = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| self.work(&next, &is_over)))
                .collect();
            let mut all = Report::new(self);
            for thread in threads {
                let part = thread.join().map_err(|_| anyhow::anyhow!("a seed panicked"))??;
                all.add(part);
            }
            anyhow::Ok(all)
        })?;
        report.took = begun.elapsed();
        Ok(report)
    }

    fn work(self, next: &AtomicU64, is_over: &AtomicBool) -> anyhow::Result<Report> {
        let mut report = Report::new(self);
        while !is_over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed - self.from >= self.count {
                break;
            }
            let outcome = simulate(seed, self.fault)?;
            report.done += 1;
            report.events += outcome.events;
            report.messages += outcome.messages;
            report.applied += outcome.applied;
            if let Some(violation) = outcome.violation {
                is_over.store(true, Ordering::Relaxed);
                report.found = Some(Found {
                    seed,
                    violation,
                    trace: outcome.trace,
                });
            } else if self.is_alone {
                report.trace = outcome.trace;
            }
        }
        Ok(report)
    }
}

impl Report {
    const fn new(seeds: Seeds) -> Self {
        Self {
            seeds,
            done: 0,
            events: 0,
            messages: 0,
            applied: 0,
            took: Duration::ZERO,
            found: None,
            trace: Vec::new(),
        }
    }

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.events += other.events;
        self.messages += other.messages;
        self.applied += other.applied;
        self.trace.extend(other.trace);
        let found = self.found.take().into_iter().chain(other.found);
        self.found = found.min_by_key(|found| found.seed);
    }

    /// Nothing was violated; or, with a fault, what that breaks.
    pub(crate) fn is_as_expected(&self) -> bool {
        let violated = self.found.as_ref().map(|found| found.violation.invariant);
        violated == self.seeds.fault.map(Fault::breaks)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "{line}")?;
        }
        writeln!(
            f,
            "{} seeds, {} events, {} messages in logs, {} times applied, {} violations, {:.1} s",
            self.done,
            self.events,
            self.messages,
            self.applied,
            usize::from(self.found.is_some()),
            self.took.as_secs_f64()
        )?;
        let fault = self.seeds.fault.and_then(|fault| fault.to_possible_value());
        let flag = fault
            .as_ref()
            .map_or(String::new(), |fault| format!(" --fault {}", fault.get_name()));
        if let Some(Found {
            seed,
            violation,
            trace,
        }) = &self.found
        {
            writeln!(f, "\nseed {seed}: violated: {}", violation.invariant)?;
            writeln!(f, "  {}\n\nwhat happened last:", violation.what)?;
            for line in trace {
                writeln!(f, "{line}")?;
            }
            writeln!(f, "\nagain: cargo xtask simulate --seed {seed}{flag}")?;
        }
        if let Some(fault) = self.seeds.fault.filter(|_| !self.is_as_expected()) {
            writeln!(f, "\nthe fault was to violate: {}", fault.breaks())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_wrong_in_some_hundred_worlds() {
        let report = Seeds::from(0, 300, None).run().unwrap();
        assert!(report.found.is_none(), "{report}");
        assert_eq!(report.done, 300);
    }

    #[test]
    fn every_fault_is_found_by_the_invariant_that_it_breaks() {
        for fault in Fault::value_variants() {
            let report = Seeds::from(0, 1_000, Some(*fault)).run().unwrap();
            assert!(report.is_as_expected(), "{fault:?}: {report}");
        }
    }

    #[test]
    fn a_seed_goes_the_same_way_each_time() {
        for seed in 0..10 {
            let [one, other] = [(); 2].map(|()| simulate(seed, None).unwrap());
            assert_eq!(one.trace, other.trace);
            assert_eq!((one.events, one.applied), (other.events, other.applied));
        }
    }
}
