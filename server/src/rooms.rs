//! Looking for a room: as a page for those without a script, and for the parts of those with one.

use app::Lang;
use app::page;
use app::page::fragments::{Found, RoomLine, is_lobby_meant};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chat::{Action, RoomRow, ids, nfc};
use protocol::limits::ROOM_CHARS_MAX;
use protocol::{ErrorCode, RoomName, Topic};
use serde::Deserialize;

use crate::api::body;
use crate::api::messages::ask_and_wait;
use crate::commands::Asked;
use crate::error::ApiError;
use crate::error_page;
use crate::limits::FORM_BYTES_MAX;
use crate::page::see_other;
use crate::preferences;
use crate::response;
use crate::state::AppState;

/// The query of whoever looks for a room.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct FindParameters {
    #[serde(default)]
    pub(crate) find: String,
}

/// The page.
pub(crate) async fn get(
    State(state): State<AppState>,
    parameters: Result<Query<FindParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let Ok(Query(parameters)) = parameters else {
        return error_page::refuse(&state, &headers, ErrorCode::BadFrame);
    };
    let look = preferences::look(&state.identities, &headers);
    let found = match find(&state, &headers, look.lang, &parameters.find).await {
        Ok(found) => found,
        Err(error) => return error_page::refuse(&state, &headers, error.code),
    };
    response::scriptless_page(page::rooms(look, &found, state.assets.names()))
}

/// What the form or the script says of a room that is to be.
#[derive(Debug, Deserialize)]
struct Making {
    name: String,
}

/// Makes a room and lets whoever asks follow it, so that it is listed though nothing has been said in it yet; goes there.
pub(crate) async fn make(State(state): State<AppState>, headers: HeaderMap, request: Request) -> Response {
    match made(&state, &headers, request.into_body()).await {
        Ok(room) => see_other(&room),
        Err(code) => {
            let back = preferences::path_from(&headers);
            error_page::refuse_and_go_back(&state, &headers, code, back)
        }
    }
}

async fn made(state: &AppState, headers: &HeaderMap, body: Body) -> Result<RoomName, ErrorCode> {
    let author = state.identities.require(headers)?;
    let bytes = body::read(body, FORM_BYTES_MAX).await?;
    let making: Making = serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::BadFrame)?;
    let room = RoomName::parse(&wanted(&making.name)).map_err(|_| ErrorCode::BadRoom)?;
    let found = state.chat.find_rooms(None, room.as_str()).await;
    let found = found.map_err(|error| ApiError::from(error).code)?;
    let is_there = found.first().is_some_and(|row| row.room == room);
    // A room comes into being with its first event. That it is about nothing is one.
    let begin = (!is_there).then(|| Action::SetTopic {
        room: room.clone(),
        topic: Topic::default(),
    });
    let follow = Action::Read {
        room: room.clone(),
        seq: 0,
    };
    for action in begin.into_iter().chain([follow]) {
        let client_id = ids::client_id();
        ask_and_wait(state, author, Asked { client_id, action })
            .await
            .map_err(|error| error.code)?;
    }
    Ok(room)
}

/// The rooms with this text in their names, and the one of that name if nobody uses it yet; without a text, the rooms
/// that whoever asks follows, and others. The lobby is always there to be gone to.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find(
    state: &AppState,
    headers: &HeaderMap,
    lang: Lang,
    text: &str,
) -> Result<Found, ApiError> {
    let wanted = wanted(text);
    let user_id = state.identities.of(headers);
    // No room has a longer name.
    let is_too_long = wanted.chars().count() > ROOM_CHARS_MAX;
    let rows = match user_id {
        _ if is_too_long => Vec::new(),
        user_id if !wanted.is_empty() => state.chat.find_rooms(user_id, &wanted).await?,
        Some(user_id) => state.chat.rooms(user_id).await?,
        None => Vec::new(),
    };
    let others = if wanted.is_empty() {
        state.chat.other_rooms(user_id).await?
    } else {
        Vec::new()
    };
    let new = RoomName::parse(&wanted)
        .ok()
        .filter(|new| !rows.iter().any(|row| row.room == *new));
    let mut rooms: Vec<RoomLine> = rows.into_iter().map(line).collect();
    let is_lobby_meant = wanted.is_empty() || is_lobby_meant(lang, &wanted);
    if is_lobby_meant && !rooms.iter().any(|line| line.room.is_lobby()) {
        let lobby = RoomLine {
            room: RoomName::lobby(),
            topic: String::new(),
            unread: 0,
            at: 0,
        };
        rooms.insert(0, lobby);
    }
    Ok(Found {
        new: new.filter(|new| !new.is_lobby()),
        wanted,
        rooms,
        others: others
            .into_iter()
            .map(line)
            .filter(|line| !line.room.is_lobby())
            .collect(),
    })
}

/// What was typed, in the form room names have: people write `#Team 7` and mean `team-7`.
fn wanted(text: &str) -> String {
    // Longer than any name, in whatever form.
    const CHARS_MAX: usize = 8 * ROOM_CHARS_MAX;
    let text: String = text
        .trim()
        .trim_start_matches('#')
        .chars()
        .take(CHARS_MAX)
        .collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    nfc::text(&words.join("-")).to_lowercase()
}

fn line(row: RoomRow) -> RoomLine {
    RoomLine {
        room: row.room,
        topic: row.topic,
        unread: row.position.map_or(0, |position| position.unread),
        at: row.at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_as_the_name_that_is_meant() {
        for (text, name) in [
            ("", ""),
            (" # ", ""),
            ("#Team 7", "team-7"),
            ("  새  방 ", "새-방"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(wanted(text), name, "{text:?}");
        }
        assert!(wanted(&"가".repeat(100_000)).chars().count() < 1_000);
    }
}
