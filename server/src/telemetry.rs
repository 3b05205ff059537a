//! Logging, to stderr.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal as _;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::limits::{LOG_BURST_LINES, LOG_END_WAIT_MS_MAX, LOGGED_HEADER_CHARS_MAX};
use crate::log_writer::LogWriter;

/// The one log of the process.
static STDERR: LazyLock<LogWriter> = LazyLock::new(|| LogWriter::start(std::io::stderr()));

/// The target of what the client of NATS logs.
const NATS_CLIENT: &str = "async_nats";

/// Reads what is to be logged: levels, for everything or for what comes from a target. Nothing at all means `info`.
///
/// # Errors
/// What is no level, in a sentence with those there are.
pub fn parse_filter(text: &str) -> Result<Targets, String> {
    let mut targets = Targets::new();
    let mut default = None;
    let mut is_empty = true;
    let mut names_nats = false;
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        is_empty = false;
        let (target, level) = match part.split_once('=') {
            Some((target, level)) => (Some(target.trim()), level.trim()),
            None => (None, part),
        };
        // An empty word would be read as a level, too.
        let filter = level.parse::<LevelFilter>().ok().filter(|_| !level.is_empty());
        let Some(filter) = filter else {
            return Err(format!(
                "{level:?} is not a level; the levels are off, error, warn, info, debug and trace, and for one target \
                 alone it is written as in info,server=debug"
            ));
        };
        match target {
            Some(target) => {
                names_nats |= target.starts_with(NATS_CLIENT);
                targets = targets.with_target(target, filter);
            }
            None => default = Some(filter),
        }
    }
    // The client of NATS says with each try, twice a second, why it is away: our own lines have that, seldom.
    let is_quiet = default.is_none_or(|level| level < LevelFilter::DEBUG) && !names_nats;
    if is_quiet {
        targets = targets.with_target(NATS_CLIENT, LevelFilter::OFF);
    }
    // Where only targets are named, errors of the others are still worth a line.
    let others = if is_empty {
        LevelFilter::INFO
    } else {
        LevelFilter::ERROR
    };
    Ok(targets.with_default(default.unwrap_or(others)))
}

/// Starts logging with this filter, panics too.
pub fn init(filter: Targets) {
    let format = tracing_subscriber::fmt::layer()
        .with_writer(STDERR.clone())
        .with_ansi(std::io::stderr().is_terminal());
    // Only the first start in a process counts.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(format)
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            say(&format!("{panic}\n{backtrace}"));
        } else {
            say(&panic.to_string());
        }
    }));
}

/// Says why the process ends, or nearly did, whatever the filter lets through.
pub fn say(error: &str) {
    if tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!("{error}");
    } else {
        STDERR.send(format!("ERROR {error}\n").as_bytes());
    }
}

/// Waits for a moment until the log is written. To be called last.
pub fn finish() {
    STDERR.finish(Duration::from_millis(LOG_END_WAIT_MS_MAX));
}

/// A header as it is logged: what is not ASCII escaped, and not all of a long one.
pub(crate) fn brief(value: Option<&HeaderValue>) -> Option<String> {
    let bytes = value?.as_bytes();
    let shown = &bytes[..bytes.len().min(LOGGED_HEADER_CHARS_MAX)];
    let more = if shown.len() < bytes.len() { "…" } else { "" };
    Some(format!("{}{more}", shown.escape_ascii()))
}

/// How many lines a kind of message may write that anybody can provoke: a burst, then one a second.
///
/// Without it, a stranger who sends rubbish fills the disk.
#[derive(Debug, Default)]
pub(crate) struct LineQuota {
    state: Mutex<Quota>,
}

#[derive(Debug, Default)]
struct Quota {
    /// The second since the first line in which the next line beyond the burst is free.
    arrival: u64,
    left_out: u64,
    since: Option<Instant>,
}

impl LineQuota {
    /// Whether to write this line, and if so, how many were left out before it.
    pub(crate) fn take(&self) -> Option<u64> {
        let mut quota = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = quota.since.get_or_insert_with(Instant::now).elapsed().as_secs();
        let arrival = quota.arrival.max(now) + 1;
        if arrival - now > LOG_BURST_LINES {
            quota.left_out += 1;
            return None;
        }
        quota.arrival = arrival;
        Some(std::mem::take(&mut quota.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_there_is_not_is_refused_with_those_there_are() {
        for filter in [
            "",
            " ",
            "info",
            "WARN",
            "off",
            "info,server=debug",
            "server=trace,chat=off,",
        ] {
            assert!(parse_filter(filter).is_ok(), "{filter}");
        }
        for filter in ["warning", "verbose", "info,server", "server=loud", "server="] {
            let refused = parse_filter(filter).unwrap_err();
            assert!(
                refused.contains("off, error, warn, info, debug and trace"),
                "{refused}"
            );
        }
        let only_a_target = parse_filter("server=debug").unwrap();
        assert!(only_a_target.would_enable("chat", &tracing::Level::ERROR));
        assert!(!only_a_target.would_enable("chat", &tracing::Level::WARN));
        assert!(
            parse_filter("")
                .unwrap()
                .would_enable("chat", &tracing::Level::INFO)
        );
    }

    #[test]
    fn the_client_of_nats_says_nothing_unless_it_is_asked_to() {
        let says = |filter: &str| {
            let targets = parse_filter(filter).unwrap();
            targets.would_enable("async_nats::connector", &tracing::Level::ERROR)
        };
        for filter in ["", "info", "warn", "server=debug", "info,cluster=trace"] {
            assert!(!says(filter), "{filter}");
        }
        for filter in [
            "debug",
            "trace",
            "info,async_nats=info",
            "async_nats::connector=error",
        ] {
            assert!(says(filter), "{filter}");
        }
    }

    #[test]
    fn a_long_header_is_logged_in_brief() {
        let value = HeaderValue::from_bytes(&[b'a'; 60_000]).unwrap();
        let brief = brief(Some(&value)).unwrap();
        assert!(brief.ends_with('…') && brief.len() < LOGGED_HEADER_CHARS_MAX + 5);
        let value = HeaderValue::from_static("localhost");
        assert_eq!(super::brief(Some(&value)).as_deref(), Some("localhost"));
        assert_eq!(super::brief(None), None);
    }

    #[test]
    fn what_anybody_can_provoke_writes_a_burst_of_lines_and_then_counts() {
        let quota = LineQuota::default();
        let written = (0..10_000).filter(|_| quota.take().is_some()).count();
        let written = u64::try_from(written).unwrap();
        assert!(
            (LOG_BURST_LINES..LOG_BURST_LINES + 60).contains(&written),
            "{written}"
        );
        assert!(quota.state.lock().unwrap().left_out > 9_000);
    }
}
