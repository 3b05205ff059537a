//! `/api/v1/rooms`: the rooms one follows, rooms to be found, and who has read how far in one.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::{ErrorCode, RoomsPage, SeenPage};
use serde::Deserialize;

use super::fresh;
use super::room_path::{RoomPath, room_of};
use super::rows;
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
    let found = match (parameters.find, user_id) {
        (Some(text), user_id) => state.chat.find_rooms(user_id, &text).await?,
        (None, Some(user_id)) => state.chat.rooms(user_id).await?,
        (None, None) => Vec::new(),
    };
    Ok(fresh(RoomsPage {
        epoch: state.chat.epoch(),
        rooms: found.iter().map(chat::RoomRow::summary).collect(),
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
        people: seen.iter().map(rows::seen).collect(),
    }))
}
