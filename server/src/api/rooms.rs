//! `/api/v1/rooms`: the rooms one follows, rooms to be found, and who has read how far in one.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chat::{RoomRow, SeenRow};
use protocol::{ErrorCode, RoomSummary, RoomsPage, SeenBy, SeenPage};
use serde::Deserialize;

use super::fresh;
use super::room_path::{RoomPath, room_of};
use crate::error::ApiError;
use crate::state::AppState;

/// The query of a list of rooms.
#[derive(Debug, Deserialize)]
pub(crate) struct RoomsParameters {
    find: Option<String>,
}

/// The query of who has seen something.
#[derive(Debug, Deserialize)]
pub(crate) struct SeenParameters {
    seq: Option<u64>,
}

/// The rooms one follows, or those with a text in their names. Nobody needs an identity to look for one.
pub(crate) async fn get(
    State(state): State<AppState>,
    parameters: Result<Query<RoomsParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(parameters) = parameters.map_err(|_| ErrorCode::BadFrame)?;
    let user_id = state.identities.of(&headers);
    let rows = match (parameters.find, user_id) {
        (Some(text), user_id) => state.chat.find_rooms(user_id, &text).await?,
        (None, Some(user_id)) => state.chat.rooms(user_id).await?,
        (None, None) => Vec::new(),
    };
    Ok(fresh(RoomsPage {
        epoch: state.chat.epoch(),
        rooms: rows.iter().map(summary).collect(),
    }))
}

/// How far those who follow a room have read.
pub(crate) async fn seen(
    State(state): State<AppState>,
    room: RoomPath,
    parameters: Result<Query<SeenParameters>, QueryRejection>,
) -> Result<Response, ApiError> {
    let room = room_of(room)?;
    let Query(parameters) = parameters.map_err(|_| ErrorCode::BadFrame)?;
    let seen = state.chat.seen(&room, parameters.seq.unwrap_or(0)).await?;
    let seen = seen.ok_or(ErrorCode::TooManyPeople)?;
    Ok(fresh(SeenPage {
        people: seen.iter().map(seen_by).collect(),
    }))
}

fn summary(row: &RoomRow) -> RoomSummary<'_> {
    RoomSummary {
        room: &row.room,
        topic: Some(row.topic.as_str()).filter(|topic| !topic.is_empty()),
        head: row.head,
        at: row.at,
        read: row.position.map(|position| position.seq),
        unread: row.position.map(|position| position.unread),
        following: row.position.is_some(),
    }
}

fn seen_by(row: &SeenRow) -> SeenBy<'_> {
    SeenBy {
        user_id: row.user_id,
        name: row.name.as_deref(),
        seq: row.seq,
    }
}
