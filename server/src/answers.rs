//! What was answered and is not sent yet: bounded in bytes, for the process and for each connection, and in time.
//!
//! A client that asks and does not read makes the server keep what it asked for; over HTTP/2 without end, for there a
//! window of 0 bytes stops a stream and not the connection. Sockets and event streams are not answers: what they hold
//! is bounded by [`crate::limits::GATHER_BYTES`]. An answer is counted when it is whole: those that are being made come
//! one after another out of the chat's few readers.
//!
//! What lies unsent for too long is dropped: over HTTP/1.1 with its connection, over HTTP/2 with its stream alone, for a
//! proxy may have many people on one connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Extension, Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use protocol::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::ApiError;
use crate::error_page;
use crate::limits::{
    ANSWER_BYTES_MAX, ANSWER_SECONDS_MAX, ANSWERS_BYTES_MAX, ANSWERS_RESERVE_BYTES,
    CONNECTION_ANSWERS_BYTES_MAX, SMALL_ANSWER_BYTES, UNCOUNTED_ANSWER_BYTES,
};
use crate::response;
use crate::state::AppState;
use crate::streams;

/// The answers of the whole process.
#[derive(Debug)]
pub(crate) struct Answers {
    all: Arc<Semaphore>,
    /// For what is answered instead of those that there is no room for.
    reserve: Arc<Semaphore>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ANSWERS_BYTES_MAX)),
            reserve: Arc::new(Semaphore::new(ANSWERS_RESERVE_BYTES)),
        }
    }
}

/// The page to answer with where there is no room for the one that was made: an extension of that answer. It has what
/// its person would lose otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Instead(pub(crate) String);

/// The answers of one connection; an extension of each of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionAnswers(Arc<Mutex<Unsent>>);

#[derive(Debug, Default)]
struct Unsent {
    bytes: usize,
    /// When each was given to the connection, and the number it goes by: of those that no stream of their own carries.
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

    /// `is_alone`: the connection ends when this lies for too long.
    fn add(&self, bytes: usize, max: usize, is_alone: bool) -> Option<u64> {
        let mut unsent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unsent.bytes + bytes > max {
            return None;
        }
        unsent.bytes += bytes;
        unsent.next += 1;
        let number = unsent.next;
        if is_alone {
            unsent.since.push((number, Instant::now()));
        }
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
    _sent: oneshot::Sender<Infallible>,
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

/// A body that ends when its bytes have left, so that a stream lasts as long as they lie here: hyper would be done with it
/// when they have been handed to h2, which keeps them for as long as the client likes.
struct UntilSent {
    bytes: Option<Bytes>,
    /// Ends with the [`Answer`].
    sent: oneshot::Receiver<Infallible>,
}

impl HttpBody for UntilSent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let _ = ready!(Pin::new(&mut self.sent).poll(context));
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The middleware: an answer is made whole, so that its bytes are known, and is sent while there is room for it.
pub(crate) async fn hold(
    State(state): State<AppState>,
    Extension(connection): Extension<ConnectionAnswers>,
    request: Request,
    next: Next,
) -> Response {
    let is_alone = request.version() < Version::HTTP_2;
    let headers = request.headers();
    let person = error_page::wants_page(headers).then(|| headers.clone());
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
    if bytes.len() <= UNCOUNTED_ANSWER_BYTES {
        return with_length(head, bytes.len(), Body::from(bytes));
    }
    let answers = &state.answers;
    let shares = (&answers.all, CONNECTION_ANSWERS_BYTES_MAX);
    if let Some(counted) = admit(shares, connection.clone(), bytes, is_alone) {
        return send(head, counted, is_alone);
    }
    if let Some(Instead(html)) = head.extensions.remove() {
        let bytes = Bytes::from(html);
        // It is not compressed, and loads no script.
        head.headers.remove(header::CONTENT_ENCODING);
        head.headers.remove(header::LINK);
        let policy = HeaderValue::from_static(response::SCRIPTLESS_POLICY);
        head.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(counted) = admit((&answers.reserve, usize::MAX), connection, bytes, is_alone) {
            return send(head, counted, is_alone);
        }
    }
    match person {
        Some(headers) => error_page::refuse(&state, &headers, ErrorCode::Busy),
        None => ApiError::from(ErrorCode::Busy).into_response(),
    }
}

type Counted = (Bytes, oneshot::Receiver<Infallible>);

fn send(head: Parts, (bytes, sent): Counted, is_alone: bool) -> Response {
    let length = bytes.len();
    if is_alone {
        return with_length(head, length, Body::from(bytes));
    }
    streams::end_in(Duration::from_secs(ANSWER_SECONDS_MAX));
    let bytes = Some(bytes);
    with_length(head, length, Body::new(UntilSent { bytes, sent }))
}

fn with_length(mut head: Parts, length: usize, body: Body) -> Response {
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    head.headers.remove(header::TRANSFER_ENCODING);
    Response::from_parts(head, body)
}

/// Counts the bytes until they are dropped, of which the receiver hears, in all and against what the connection may hold.
/// `None` where there is no room for them.
fn admit(
    (all, max): (&Arc<Semaphore>, usize),
    connection: ConnectionAnswers,
    bytes: Bytes,
    is_alone: bool,
) -> Option<Counted> {
    let permits = u32::try_from(bytes.len()).ok()?;
    let permit = Arc::clone(all).try_acquire_many_owned(permits).ok()?;
    let number = connection.add(bytes.len(), max, is_alone)?;
    let (_sent, sent) = oneshot::channel();
    let answer = Answer {
        bytes,
        number,
        connection,
        _permit: permit,
        _sent,
    };
    Some((Bytes::from_owner(answer), sent))
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
            .map(|_| {
                admit(
                    (&answers.all, CONNECTION_ANSWERS_BYTES_MAX),
                    connection.clone(),
                    half.clone(),
                    true,
                )
                .unwrap()
                .0
            })
            .collect();
        assert!(
            admit(
                (&answers.all, CONNECTION_ANSWERS_BYTES_MAX),
                connection.clone(),
                half.clone(),
                true
            )
            .is_none()
        );
        let other = admit(
            (&answers.all, CONNECTION_ANSWERS_BYTES_MAX),
            ConnectionAnswers::default(),
            half.clone(),
            true,
        );
        assert!(other.is_some(), "another connection has a share of its own");
        held.pop();
        assert!(
            admit(
                (&answers.all, CONNECTION_ANSWERS_BYTES_MAX),
                connection.clone(),
                half,
                true
            )
            .is_some()
        );
        drop((held, other));
        assert_eq!(answers.all.available_permits(), ANSWERS_BYTES_MAX);
        assert!(!connection.are_overdue());
    }

    #[test]
    fn all_connections_together_hold_so_many_bytes() {
        let answers = Answers::default();
        let bytes = Bytes::from(vec![b' '; CONNECTION_ANSWERS_BYTES_MAX]);
        let held: Vec<_> = (0..=ANSWERS_BYTES_MAX / CONNECTION_ANSWERS_BYTES_MAX)
            .map(|_| {
                admit(
                    (&answers.all, CONNECTION_ANSWERS_BYTES_MAX),
                    ConnectionAnswers::default(),
                    bytes.clone(),
                    true,
                )
            })
            .collect();
        assert!(held.iter().rev().skip(1).all(Option::is_some));
        assert!(held.last().unwrap().is_none());
    }
}
