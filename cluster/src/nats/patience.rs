//! Waiting for what may only need a while to start.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::limits::{NATS_START_RETRY_MS, NATS_START_WAIT_MS, WAITING_AGAIN_MS, WAITING_CHANGED_MS};

/// Why something could not be done.
pub(super) enum Trouble {
    /// It will not go away by itself.
    Lasting(Error),
    /// NATS may be about to start, or to choose a leader.
    Passing(Error),
}

/// What is said again and again and stands in the log seldom: at first, when it changes, and each minute.
#[derive(Debug, Default)]
pub(crate) struct Seldom {
    said: Option<(String, Instant)>,
}

impl Seldom {
    /// Whether these words are to stand in the log now.
    pub(crate) fn is_due(&mut self, words: &str) -> bool {
        let now = Instant::now();
        let is_due = self.said.as_ref().is_none_or(|(said, at)| {
            let pause = if said == words {
                WAITING_AGAIN_MS
            } else {
                WAITING_CHANGED_MS
            };
            now >= *at + Duration::from_millis(pause)
        });
        if is_due {
            self.said = Some((words.to_owned(), now));
        }
        is_due
    }
}

/// Telling what a node waits for that cannot go on: whoever asks it hears of each change, and its log has it, seldom.
pub(crate) struct Waiting<'a> {
    progress: &'a (dyn Fn(String) + Send + Sync),
    told: String,
    logged: Seldom,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(progress: &'a (dyn Fn(String) + Send + Sync)) -> Self {
        Self {
            progress,
            told: String::new(),
            logged: Seldom::default(),
        }
    }

    pub(crate) fn tell(&mut self, error: &Error) {
        let words = match error {
            Error::Nats { .. } => {
                format!("{error}; see that most of the NATS servers run, reach one another and have room")
            }
            _ => error.to_string(),
        };
        if self.logged.is_due(&words) {
            tracing::warn!("this node waits for NATS: {words}");
        }
        if words != self.told {
            (self.progress)(format!("waiting for NATS: {words}"));
            self.told = words;
        }
    }
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
    let mut waiting = Waiting::new(progress);
    loop {
        let error = match attempt().await {
            Err(error @ Error::Nats { .. }) => error,
            done => return done,
        };
        let retry = Instant::now() + Duration::from_millis(NATS_START_RETRY_MS);
        if retry >= deadline {
            return Err(error);
        }
        waiting.tell(&error);
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
    let mut waiting = Waiting::new(progress);
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
        waiting.tell(&error);
        tokio::time::sleep_until(retry).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_stands_in_the_log_at_first_when_it_changes_and_each_minute() {
        let mut seldom = Seldom::default();
        let mut due = Vec::new();
        for half_seconds in 0..260 {
            let words = if half_seconds < 7 {
                "no server"
            } else {
                "no leader"
            };
            if seldom.is_due(words) {
                due.push((half_seconds, words));
            }
            tokio::time::advance(Duration::from_millis(500)).await;
        }
        let expected = [
            (0, "no server"),
            (10, "no leader"),
            (130, "no leader"),
            (250, "no leader"),
        ];
        assert_eq!(due, expected);
    }
}
