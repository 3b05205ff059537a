//! Somebody's card, those who are in a room and those who have said something there: as parts of the page, and as pages for those without a script.

use app::page;
use app::page::fragments::{self, Around, Person, Present};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::{ErrorCode, RoomName, UserId};

use crate::api::room_path::{RoomPath, room_of};
use crate::error::ApiError;
use crate::error_page;
use crate::fragments::{answer, lang};
use crate::preferences;
use crate::response;
use crate::state::AppState;

/// What stands for a room and somebody in it in an address.
pub(crate) type PersonPath = Result<Path<(String, String)>, PathRejection>;

/// Draws those who have said something in a room.
type DrawPeople = fn(app::Lang, &Around, &[(UserId, Option<String>)]) -> String;

/// Somebody's card.
pub(crate) async fn part(State(state): State<AppState>, path: PersonPath, headers: HeaderMap) -> Response {
    let card = card(&state, path, &headers).await;
    answer(lang(&state, &headers), card.map(|(_, html)| html))
}

/// The same as a page.
pub(crate) async fn page(State(state): State<AppState>, path: PersonPath, headers: HeaderMap) -> Response {
    let card = card(&state, path, &headers).await;
    as_page(&state, &headers, card)
}

/// Those who have said something in a room, for the dialog.
pub(crate) async fn people_part(
    State(state): State<AppState>,
    room: RoomPath,
    headers: HeaderMap,
) -> Response {
    let people = people(&state, room, &headers, fragments::people).await;
    answer(lang(&state, &headers), people.map(|(_, html)| html))
}

/// The same, for the list of people.
pub(crate) async fn spoke(State(state): State<AppState>, room: RoomPath, headers: HeaderMap) -> Response {
    let people = people(&state, room, &headers, fragments::spoke).await;
    answer(lang(&state, &headers), people.map(|(_, html)| html))
}

/// The same as a page.
pub(crate) async fn people_page(
    State(state): State<AppState>,
    room: RoomPath,
    headers: HeaderMap,
) -> Response {
    let people = people(&state, room, &headers, fragments::people).await;
    as_page(&state, &headers, people)
}

/// Those who are in a room now.
pub(crate) async fn here_part(State(state): State<AppState>, room: RoomPath, headers: HeaderMap) -> Response {
    let here = here(&state, room, &headers).await;
    answer(lang(&state, &headers), here.map(|(_, html)| html))
}

/// The same as a page.
pub(crate) async fn here_page(State(state): State<AppState>, room: RoomPath, headers: HeaderMap) -> Response {
    let here = here(&state, room, &headers).await;
    as_page(&state, &headers, here)
}

async fn card(
    state: &AppState,
    path: PersonPath,
    headers: &HeaderMap,
) -> Result<(RoomName, String), ApiError> {
    let Path((room, user_id)) = path.map_err(|_| ErrorCode::NotFound)?;
    let room = RoomName::parse(&room)?;
    let user_id: UserId = user_id.parse().map_err(|_| ErrorCode::NotFound)?;
    let row = state.chat.person(&room, user_id).await?;
    let person = Person {
        user_id,
        name: row.name.map(String::from),
        is_own: state.identities.of(headers) == Some(user_id),
        said: row.said,
    };
    let around = Around {
        room,
        namesakes: row.namesakes,
    };
    let html = fragments::person(lang(state, headers), &around, &person);
    Ok((around.room, html))
}

async fn people(
    state: &AppState,
    room: RoomPath,
    headers: &HeaderMap,
    draw: DrawPeople,
) -> Result<(RoomName, String), ApiError> {
    let room = room_of(room)?;
    let spoken = state.chat.spoken(&room).await?;
    let people = spoken.people.iter();
    let people: Vec<_> = people
        .map(|row| (row.user_id, row.name.as_deref().map(str::to_owned)))
        .collect();
    let around = Around {
        room,
        namesakes: spoken.namesakes.clone(),
    };
    let html = draw(lang(state, headers), &around, &people);
    Ok((around.room, html))
}

async fn here(state: &AppState, room: RoomPath, headers: &HeaderMap) -> Result<(RoomName, String), ApiError> {
    let room = room_of(room)?;
    let here = state.chat.people_in(&room);
    let around = around(state, &room, here.people.iter().map(|person| person.user_id)).await?;
    let people = here.people.into_iter();
    let present = Present {
        people: people
            .map(|person| (person.user_id, person.name.map(|name| name.as_str().to_owned())))
            .collect(),
        count: here.count,
        me: state.identities.of(headers),
    };
    let html = fragments::here(lang(state, headers), around, &present);
    Ok((room, html))
}

/// The room, and others in it who are called as some of these people are.
pub(crate) async fn around(
    state: &AppState,
    room: &RoomName,
    people: impl Iterator<Item = UserId>,
) -> Result<Around, ApiError> {
    Ok(Around {
        room: room.clone(),
        namesakes: state.chat.namesakes(room, people.collect()).await?,
    })
}

fn as_page(state: &AppState, headers: &HeaderMap, drawn: Result<(RoomName, String), ApiError>) -> Response {
    let (room, html) = match drawn {
        Ok(drawn) => drawn,
        Err(error) => return error_page::refuse(state, headers, error.code),
    };
    let look = preferences::look(&state.identities, headers);
    response::scriptless_page(page::sheet(look, html, &room, state.assets.names()))
}
