//! Ending in good order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What each connected client adds to the time over which all are asked to come back: 500 handshakes a second.
const RECONNECT_MS_PER_CLIENT: u64 = 2;
/// The longest such time.
const RECONNECT_SPREAD_MS_MAX: u64 = 15_000;

/// Completes when the process is asked to end: SIGTERM, Ctrl-C, or its terminal is gone.
pub async fn requested() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate::requested() => {}
    }
}

/// Completes with the next Ctrl-C: somebody does not want to wait.
pub async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::debug!(%error, "Ctrl-C cannot be listened to");
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
#[path = "shutdown_other.rs"]
mod terminate;
#[cfg(unix)]
#[path = "shutdown_unix.rs"]
mod terminate;

/// Tells every connection that the server is going away, and waits for them.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    begun: CancellationToken,
    /// Cancelled too when only the sessions have to end: the process goes on, and serves nobody. There is a new one when it
    /// serves again.
    sessions: Arc<Mutex<CancellationToken>>,
    tasks: TaskTracker,
    drain: Duration,
}

impl Shutdown {
    pub(crate) fn new(drain: Duration) -> Self {
        let begun = CancellationToken::new();
        Self {
            sessions: Arc::new(Mutex::new(begun.child_token())),
            begun,
            tasks: TaskTracker::new(),
            drain,
        }
    }

    /// Tracks a task that [`Shutdown::drained`] waits for.
    pub(crate) fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task);
    }

    /// Completes when the server begins to go away.
    pub(crate) async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Cancelled when a session that begins now has to end, because the server goes away or cannot serve any more.
    pub(crate) fn sessions(&self) -> CancellationToken {
        self.sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the sessions, and those that begin until [`Shutdown::begin_sessions`].
    pub(crate) fn end_sessions(&self) {
        self.sessions().cancel();
    }

    /// Those that begin from now on may go on again.
    pub(crate) fn begin_sessions(&self) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.is_cancelled() {
            *sessions = self.begun.child_token();
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Begins, and waits until every task has ended or the drain time is over.
    pub(crate) async fn drain(&self) {
        self.begun.cancel();
        self.tasks.close();
        if tokio::time::timeout(self.drain, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                connections = self.tasks.len(),
                "the drain time is over; these connections are cut off"
            );
        }
    }

    /// When this connection should be drained: a moment within the first half of the drain time, so that not all
    /// come back at once, and there is time left for each to be told.
    pub(crate) fn moment_to_leave(&self) -> Duration {
        self.drain.mul_f64(0.5 * random_fraction())
    }

    /// How long a client that is told to leave should wait before it comes back, in milliseconds: at least a moment
    /// for the next server to start, then by chance, over the longer a time the more clients there are.
    pub(crate) fn reconnect_ms(&self) -> u64 {
        let spread_ms =
            (800 + RECONNECT_MS_PER_CLIENT * self.tasks.len() as u64).min(RECONNECT_SPREAD_MS_MAX);
        200 + (spread_ms as f64 * random_fraction()) as u64
    }
}

/// A fraction in 0..1. Without randomness all leave at once, which is worse but not wrong.
fn random_fraction() -> f64 {
    let mut bytes = [0; 2];
    let _ = getrandom::fill(&mut bytes);
    f64::from(u16::from_le_bytes(bytes)) / 65_536.0
}
