//! The client's one timer.

use std::time::Duration;

use client::tab::Input;
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};

use super::report::Report;

/// Rings once. Setting it anew forgets the time before; dropping it stops it.
pub(crate) struct Timer {
    handle: Option<TimeoutHandle>,
    report: Report,
}

impl Timer {
    pub(super) const fn new(report: Report) -> Self {
        Self { handle: None, report }
    }

    /// Rings in so many milliseconds.
    pub(crate) fn set(&mut self, ms: u64) {
        self.clear();
        let report = self.report;
        let ring = move || report(Input::Timer);
        self.handle = set_timeout_with_handle(ring, Duration::from_millis(ms)).ok();
    }

    fn clear(&mut self) {
        if let Some(handle) = self.handle.take() {
            handle.clear();
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}
