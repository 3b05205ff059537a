//! The streams of HTTP/2 connections, each a task of its own, and the end of one that takes too long.
//!
//! hyper has no time limit for a stream, and asks its body for nothing while the client's window is full. But a stream
//! whose task is dropped is reset by h2, with what lies in its buffers, and its connection goes on.

use std::sync::Arc;
use std::time::Duration;

use hyper::rt::Executor;
use tokio::sync::SetOnce;

tokio::task_local! {
    /// How long the stream of this task may still take, once that is known.
    static TIME_LEFT: Arc<SetOnce<Duration>>;
}

/// The stream whose request is being answered is ended when it is not done in this time. Nothing over HTTP/1.1, which
/// has no streams. The first call counts.
pub(crate) fn end_in(time: Duration) {
    let _ = TIME_LEFT.try_with(|left| left.set(time));
}

/// Runs streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamExecutor;

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let left = Arc::new(SetOnce::new());
        let stream = TIME_LEFT.scope(Arc::clone(&left), stream);
        tokio::spawn(async move {
            tokio::select! {
                () = stream => {}
                () = async { tokio::time::sleep(*left.wait().await).await } => {
                    tracing::debug!("a stream ended: its client did not read the answer");
                }
            }
        });
    }
}
