//! `GET /api/v1/events`: what a socket's client would be sent, from a cursor on: as a stream, or as the answer to a
//! poll that waits or does not.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use protocol::{ErrorCode, UserId};
use serde::Deserialize;

use crate::cursor::Cursor;
use crate::error::ApiError;
use crate::limits::{BEAT_SECONDS_MIN, PING_SECONDS, PLACES_PER_FRAME, POLL_SECONDS_MAX};
use crate::session::{Dialect, Ended, Session};
use crate::state::AppState;
use crate::transport::{poll, sse};

/// The query.
#[derive(Debug, Deserialize)]
pub(crate) struct EventsParameters {
    cursor: Option<String>,
    wait: Option<u64>,
    beat: Option<u64>,
    #[serde(default)]
    rooms: bool,
}

/// Without a cursor the answer begins with the `userId` frame, like a socket; so does every stream.
pub(crate) async fn get(
    State(state): State<AppState>,
    parameters: Result<Query<EventsParameters>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let user_id = state.identities.require(&headers)?;
    let Query(parameters) = parameters.map_err(|_| ErrorCode::BadFrame)?;
    // A browser that reconnects an event stream by itself says here where it stands (HTML, section 9.2.4).
    let last_event_id = headers
        .get("last-event-id")
        .map(|value| value.to_str().unwrap_or_default());
    let cursor = last_event_id
        .or(parameters.cursor.as_deref())
        .map(Cursor::parse)
        .transpose()?;
    wait_for_rate(&state, user_id, cursor.as_ref()).await?;
    let is_stream = wants_stream(&headers);
    let transport = if is_stream { "SSE" } else { "poll" };
    let mut session = Session::begin(transport, state.clone(), user_id, Dialect::Full)?;
    let mut out = Vec::new();
    if is_stream || cursor.is_none() {
        let greeted = session.greet(&mut out).await;
        greeted.map_err(|Ended(_)| ErrorCode::Busy)?;
    }
    if let Some(cursor) = &cursor {
        session.resume(cursor, &mut out).await?;
    }
    // An answer that does not wait has nothing to hear of.
    if parameters.rooms && (is_stream || parameters.wait.is_some_and(|wait| wait > 0)) {
        session.hear_rooms();
    }
    if is_stream {
        // Whoever is behind something that cuts silent streams asks for beats that come sooner.
        let beat = parameters.beat.unwrap_or(PING_SECONDS);
        let beat = Duration::from_secs(beat.clamp(BEAT_SECONDS_MIN, PING_SECONDS));
        return Ok(sse::respond(&state, session, out, beat));
    }
    let wait = Duration::from_secs(parameters.wait.unwrap_or(0).min(POLL_SECONDS_MAX));
    poll::respond(&state, session, out, wait).await
}

/// Counts the request among the frames of its identity: it joins as many rooms as its cursor has. Whoever asks again as soon as
/// they are answered is held up by that, and whoever asks many times at once refused.
///
/// # Errors
/// With the time to wait.
async fn wait_for_rate(state: &AppState, user_id: UserId, cursor: Option<&Cursor>) -> Result<(), ApiError> {
    let places = cursor.map_or(0, |cursor| cursor.places.len());
    let count = 1 + places / PLACES_PER_FRAME;
    let Err(wait_ms) = state.frame_limiter.take_many(user_id, count) else {
        return Ok(());
    };
    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    let taken = state.frame_limiter.take_many(user_id, count);
    taken.map_err(ApiError::rate_limited)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim() == "text/event-stream")
        })
}
