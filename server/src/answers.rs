//! What was answered and is not sent yet: bounded in bytes, for the process and for each connection, and in time.
//!
//! A client that asks and does not read makes the server keep what it asked for; over HTTP/2 without end, for there a
//! window of 0 bytes stops a stream and not the connection. Sockets and event streams are not answers: what they hold
//! is bounded by [`crate::limits::WRITE_BUFFER_BYTES_MAX`] and by [`crate::limits::GATHER_BYTES`]. An answer is counted when it
//! is whole: those that are being made come one after another out of the chat's few readers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use protocol::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;
use crate::limits::{
    ANSWER_BYTES_MAX, ANSWER_SECONDS_MAX, ANSWERS_BYTES_MAX, CONNECTION_ANSWERS_BYTES_MAX, SMALL_ANSWER_BYTES,
};
use crate::state::AppState;

/// The answers of the whole process.
#[derive(Debug)]
pub(crate) struct Answers(Arc<Semaphore>);

impl Default for Answers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ANSWERS_BYTES_MAX)))
    }
}

/// The answers of one connection; an extension of each of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionAnswers(Arc<Mutex<Unsent>>);

#[derive(Debug, Default)]
struct Unsent {
    bytes: usize,
    /// When each was given to the connection, and the number it goes by.
    since: Vec<(u64, Instant)>,
    next: u64,
}

impl ConnectionAnswers {
    /// Whether an answer was given to the connection so long ago that its client cannot be reading it.
    pub(crate) fn are_overdue(&self) -> bool {
        let unsent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = unsent.since.iter().map(|(_, since)| since.elapsed()).max();
        oldest.is_some_and(|age| age > Duration::from_secs(ANSWER_SECONDS_MAX))
    }

    fn add(&self, bytes: usize) -> Option<u64> {
        let mut unsent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unsent.bytes + bytes > CONNECTION_ANSWERS_BYTES_MAX {
            return None;
        }
        unsent.bytes += bytes;
        unsent.next += 1;
        let number = unsent.next;
        unsent.since.push((number, Instant::now()));
        Some(number)
    }

    fn remove(&self, number: u64, bytes: usize) {
        let mut unsent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unsent.bytes -= bytes;
        unsent.since.retain(|(of, _)| *of != number);
    }
}

/// The bytes of an answer, which give back their place when the connection has sent or dropped them.
struct Answer {
    bytes: Bytes,
    number: u64,
    connection: ConnectionAnswers,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.remove(self.number, self.bytes.len());
    }
}

/// The middleware: an answer is made whole, so that its bytes are known, and is sent while there is room for it.
pub(crate) async fn hold(
    State(state): State<AppState>,
    Extension(connection): Extension<ConnectionAnswers>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let is_small = response
        .body()
        .size_hint()
        .exact()
        .is_some_and(|bytes| bytes <= SMALL_ANSWER_BYTES);
    if is_small || !is_made_here(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await else {
        tracing::error!("an answer is larger than any may be");
        return ApiError::from(ErrorCode::Internal).into_response();
    };
    match admit(&state.answers, connection, bytes) {
        Some(bytes) => {
            head.headers
                .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            head.headers.remove(header::TRANSFER_ENCODING);
            Response::from_parts(head, Body::from(bytes))
        }
        None => ApiError::from(ErrorCode::Busy).into_response(),
    }
}

fn admit(answers: &Answers, connection: ConnectionAnswers, bytes: Bytes) -> Option<Bytes> {
    let permits = u32::try_from(bytes.len()).ok()?;
    let permit = Arc::clone(&answers.0).try_acquire_many_owned(permits).ok()?;
    let number = connection.add(bytes.len())?;
    Some(Bytes::from_owner(Answer {
        bytes,
        number,
        connection,
        _permit: permit,
    }))
}

/// Pages and JSON. Files come from the disk as they are sent.
fn is_made_here(response: &Response) -> bool {
    response.status() != StatusCode::SWITCHING_PROTOCOLS
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_holds_so_many_bytes_and_takes_more_when_some_are_sent() {
        let (answers, connection) = (Answers::default(), ConnectionAnswers::default());
        let half = Bytes::from(vec![b' '; CONNECTION_ANSWERS_BYTES_MAX / 2]);
        let mut held: Vec<Bytes> = (0..2)
            .map(|_| admit(&answers, connection.clone(), half.clone()).unwrap())
            .collect();
        assert!(admit(&answers, connection.clone(), half.clone()).is_none());
        let other = admit(&answers, ConnectionAnswers::default(), half.clone());
        assert!(other.is_some(), "another connection has a share of its own");
        held.pop();
        assert!(admit(&answers, connection.clone(), half).is_some());
        drop((held, other));
        assert_eq!(answers.0.available_permits(), ANSWERS_BYTES_MAX);
        assert!(!connection.are_overdue());
    }

    #[test]
    fn all_connections_together_hold_so_many_bytes() {
        let answers = Answers::default();
        let bytes = Bytes::from(vec![b' '; CONNECTION_ANSWERS_BYTES_MAX]);
        let held: Vec<Option<Bytes>> = (0..=ANSWERS_BYTES_MAX / CONNECTION_ANSWERS_BYTES_MAX)
            .map(|_| admit(&answers, ConnectionAnswers::default(), bytes.clone()))
            .collect();
        assert!(held.iter().rev().skip(1).all(Option::is_some));
        assert!(held.last().unwrap().is_none());
    }
}
