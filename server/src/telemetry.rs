//! Logging, to stderr.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging with this filter; one that cannot be read is said so and `info` is used.
pub fn init(filter: &str) {
    let parsed = filter.parse::<Targets>();
    let targets = parsed
        .as_ref()
        .map_or_else(|_| Targets::new().with_default(LevelFilter::INFO), Clone::clone);
    let format = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Only the first start in a process counts.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(format)
        .try_init();
    if parsed.is_err() {
        tracing::warn!(filter, "this log filter cannot be read; logging at info");
    }
}
