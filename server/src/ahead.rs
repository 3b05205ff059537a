//! Requests of clients that know more than this node has: they come from another node of the cluster, which had it earlier.
//!
//! They wait for it, [`chat::limits::AHEAD_WAIT_MS`] at most. Without that a client would be told that what it has seen is not there.

use axum::RequestPartsExt as _;
use axum::extract::{Query, RawPathParams, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::join_all;
use protocol::{ErrorCode, RoomName};
use serde::Deserialize;

use crate::error::ApiError;
use crate::limits::CLOSED_RETRY_AFTER_MS;
use crate::state::AppState;

/// What a query says about what its client has.
#[derive(Debug, Deserialize)]
struct Known {
    /// The last seq it has of the room.
    at: Option<u64>,
    /// The same of one that reads on from there.
    after: Option<u64>,
}

/// How far a room has to have come for a request to be answered.
#[derive(Debug, PartialEq, Eq)]
struct Needed {
    room: RoomName,
    seq: u64,
    /// Whether it is refused otherwise. An address of a message may be made up.
    is_sure: bool,
}

/// The middleware of what reads a room. It goes before those that hold something for whoever asks.
pub(crate) async fn wait(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if state.node.is_none() || !is_read {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    if let Some(Needed { room, seq, is_sure }) = needed(&mut parts).await
        && reached(&state, [(room, seq)]).await.is_err()
        && is_sure
    {
        return behind().into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn needed(parts: &mut Parts) -> Option<Needed> {
    let path = parts.extract::<RawPathParams>().await.ok()?;
    let named = |name| path.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let room = RoomName::parse(named("room")?).ok()?;
    let of_path = named("seq").and_then(|seq| seq.parse().ok());
    let Query(Known { at, after }) = Query::try_from_uri(&parts.uri).ok()?;
    Some(Needed {
        room,
        seq: of_path.or(at.max(after))?,
        is_sure: of_path.is_none(),
    })
}

/// Waits until this node has what a client has in these rooms, or it is known that it never will: whoever is ahead of it still
/// has other history.
///
/// # Errors
/// When it has not within the time for that, or the sessions end meanwhile: the client is to come back.
pub(crate) async fn reached(
    state: &AppState,
    places: impl IntoIterator<Item = (RoomName, u64)>,
) -> Result<(), ApiError> {
    let waits = places
        .into_iter()
        .map(|(room, seq)| async move { state.chat.reached(&room, seq).await });
    let sessions = state.shutdown.sessions();
    let all = tokio::select! {
        reached = join_all(waits) => reached,
        () = sessions.cancelled() => vec![false],
    };
    if all.contains(&false) {
        Err(behind())
    } else {
        Ok(())
    }
}

/// The refusal of a client that is ahead.
pub(crate) fn behind() -> ApiError {
    ApiError {
        retry_after_ms: Some(CLOSED_RETRY_AFTER_MS),
        ..ErrorCode::Busy.into()
    }
}
