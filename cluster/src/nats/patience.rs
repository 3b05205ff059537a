//! Waiting for what may only need a while to start.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::limits::{NATS_START_RETRY_MS, NATS_START_WAIT_MS};

/// Why something could not be done.
pub(super) enum Trouble {
    /// It will not go away by itself.
    Lasting(Error),
    /// NATS may be about to start, or to choose a leader.
    Passing(Error),
}

/// Tries as [`patiently`] does: whatever NATS does not do may pass.
///
/// # Errors
/// As [`patiently`].
pub(crate) async fn insistently<T>(
    progress: &(dyn Fn(String) + Send + Sync),
    mut attempt: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let deadline = Instant::now() + Duration::from_millis(NATS_START_WAIT_MS);
    let mut told = String::new();
    loop {
        let error = match attempt().await {
            Err(error @ Error::Nats { .. }) => error,
            done => return done,
        };
        let retry = Instant::now() + Duration::from_millis(NATS_START_RETRY_MS);
        if retry >= deadline {
            return Err(error);
        }
        let tell = error.to_string();
        if tell != told {
            progress(format!("waiting for NATS: {tell}"));
            told = tell;
        }
        tokio::time::sleep_until(retry).await;
    }
}

/// Tries until it can be done, [`NATS_START_WAIT_MS`] long. `progress` is told what is in the way whenever that changes.
///
/// # Errors
/// What lasts, at once; what was in the way last, in the end.
pub(super) async fn patiently<T, Try: Future<Output = Result<T, Trouble>>>(
    progress: &(dyn Fn(String) + Send + Sync),
    mut attempt: impl FnMut() -> Try,
) -> Result<T, Error> {
    let deadline = Instant::now() + Duration::from_millis(NATS_START_WAIT_MS);
    let mut told = String::new();
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(Trouble::Lasting(error)) => return Err(error),
            Err(Trouble::Passing(error)) => error,
        };
        let retry = Instant::now() + Duration::from_millis(NATS_START_RETRY_MS);
        if retry >= deadline {
            return Err(error);
        }
        let tell = error.to_string();
        if tell != told {
            progress(format!("waiting for NATS: {tell}"));
            told = tell;
        }
        tokio::time::sleep_until(retry).await;
    }
}
