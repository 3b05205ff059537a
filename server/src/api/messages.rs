//! `/api/v1/rooms/{room}/messages`: a room's history, and posting for programs that open no socket.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use chat::{PageQuery, Refusal};
use protocol::limits::{HISTORY_PAGE_MESSAGES, HISTORY_PAGE_MESSAGES_MAX};
use protocol::{EditsPage, ErrorCode, FormerText, ServerFrame, UserId};
use serde::Deserialize;
use tokio::sync::oneshot;

use super::body;
use super::fresh;
use super::room_path::{PlacePath, RoomPath, place_of, room_of};
use super::rows;
use crate::commands::{Admitted, Asked, admit};
use crate::error::ApiError;
use crate::limits::COMMIT_WAIT_SECONDS_MAX;
use crate::state::AppState;

/// The query of a page of history.
#[derive(Debug, Deserialize)]
pub(crate) struct HistoryParameters {
    before: Option<u64>,
    after: Option<u64>,
    around: Option<u64>,
    limit: Option<usize>,
}

/// The body of a post.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostBody {
    client_id: Option<String>,
    message: String,
    reply_to: Option<u64>,
    #[serde(default)]
    mentions: Vec<Cow<'static, str>>,
}

/// A page of history; nobody needs an identity to read.
pub(crate) async fn get(
    State(state): State<AppState>,
    room: RoomPath,
    parameters: Result<Query<HistoryParameters>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let room = room_of(room)?;
    let Query(parameters) = parameters.map_err(|_| ErrorCode::BadFrame)?;
    let limit = parameters
        .limit
        .unwrap_or(HISTORY_PAGE_MESSAGES)
        .clamp(1, HISTORY_PAGE_MESSAGES_MAX);
    let query = PageQuery {
        before: parameters.before,
        after: parameters.after,
        around: parameters.around,
        limit,
    };
    let page = state.chat.page(&room, query).await?;
    Ok(fresh(rows::history(state.chat.epoch(), &room, &page)))
}

/// The texts a message had before; nobody needs an identity to read.
pub(crate) async fn edits(State(state): State<AppState>, path: PlacePath) -> Result<Response, ApiError> {
    let (room, seq) = place_of(path)?;
    let former = state.chat.edits(&room, seq).await?;
    let former = former.ok_or(ErrorCode::NoSuchMessage)?;
    let edits = former.iter().map(|former| FormerText {
        message: &former.message,
        html: former.html.as_deref(),
        at: former.at,
    });
    Ok(fresh(EditsPage {
        edits: edits.collect(),
    }))
}

/// Posts a message and answers with its `ack` once it is on the disk.
///
/// An identity is needed: without one, a post that is sent again could not be known for the same.
pub(crate) async fn post(
    State(state): State<AppState>,
    room: RoomPath,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let author = state.identities.require(&headers)?;
    let body: PostBody = body::read_json(request.into_body()).await?;
    let named = |error: ApiError| match &body.client_id {
        Some(client_id) => error.with_client_id(client_id),
        None => error,
    };
    let room = room_of(room).map_err(|code| named(code.into()))?;
    let asked = Asked::post(
        room.as_str(),
        body.client_id.as_deref(),
        &body.message,
        body.reply_to,
        &body.mentions,
    )
    .map_err(|code| named(code.into()))?;
    let client_id = asked.client_id;
    let seq = ask_and_wait(&state, author, asked).await.map_err(named)?;
    Ok(Json(ServerFrame::Ack { client_id, seq }).into_response())
}

/// Submits what is asked for and waits until it is on the disk: its seq.
///
/// # Errors
/// What it was refused for.
pub(crate) async fn ask_and_wait(state: &AppState, author: UserId, asked: Asked) -> Result<u64, ApiError> {
    let (sender, receiver) = oneshot::channel();
    let answer = move |outcome| {
        // Whoever asked may have gone; it is on the disk all the same.
        let _ = sender.send(outcome);
    };
    if let Admitted::Known { seq, .. } = admit(state, author, asked, answer).await? {
        return Ok(seq);
    }
    let wait = Duration::from_secs(COMMIT_WAIT_SECONDS_MAX);
    match tokio::time::timeout(wait, receiver).await {
        Ok(Ok(Ok(accepted))) => Ok(accepted.seq),
        Ok(Ok(Err(refusal))) => Err(state.code_of(refusal).into()),
        Ok(Err(_)) | Err(_) => Err(state.code_of(Refusal::Unavailable).into()),
    }
}
