//! How many tests ran, read from what the test runners print.

use std::fmt;

/// Tests by how they ended, over all runners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// Takes a line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn read_cargo_line(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            self.add(part);
        }
    }

    /// Takes a line of Playwright's list: `  3 passed (12.1s)`, `  1 failed`, `  1 skipped`.
    pub(crate) fn read_playwright_line(&mut self, line: &str) {
        if let Some(summary) = line.strip_prefix("  ") {
            self.add(summary.split(" (").next().unwrap_or(summary));
        }
    }

    /// How many ran.
    pub(crate) fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    fn add(&mut self, part: &str) {
        let mut words = part.split_whitespace();
        let (Some(count), Some(kind), None) = (words.next(), words.next(), words.next()) else {
            return;
        };
        let Ok(count) = count.parse::<u64>() else {
            return;
        };
        match kind {
            "passed" => self.passed += count,
            "failed" => self.failed += count,
            "ignored" | "skipped" => self.ignored += count,
            _ => {}
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            ignored,
        } = self;
        write!(f, "{passed} passed; {failed} failed; {ignored} ignored")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_both_runners_add_up() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            counts.read_cargo_line(line);
        }
        for line in [
            "Running 2 tests using 2 workers",
            "  1 failed",
            "  1 skipped",
            "  2 passed (12.1s)",
        ] {
            counts.read_playwright_line(line);
        }
        assert_eq!(counts.to_string(), "6 passed; 3 failed; 2 ignored");
        assert_eq!(counts.ran(), 9);
    }
}
