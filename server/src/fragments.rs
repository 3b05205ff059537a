//! `/parts/…`: what the page does not need at once, as fragments of HTML in its language. Its script puts them into the
//! dialog.

use app::Lang;
use app::page::fragments::{self, About, Former, Reacted, Reader};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use chat::{MessageRow, PageQuery};
use protocol::{ErrorCode, RoomName, UserId};

use crate::api::room_path::{PlacePath, RoomPath, place_of, room_of};
use crate::error::ApiError;
use crate::limits::REACTED_PEOPLE_MAX;
use crate::people;
use crate::preferences;
use crate::response;
use crate::rooms::{self, FindParameters};
use crate::state::AppState;

/// The help.
pub(crate) async fn help(State(state): State<AppState>, headers: HeaderMap) -> Response {
    fragment(fragments::help(lang(&state, &headers)))
}

/// The emoji to choose from.
pub(crate) async fn emoji(State(state): State<AppState>, headers: HeaderMap) -> Response {
    fragment(fragments::emoji(lang(&state, &headers)))
}

/// A form to look for a room with, and the rooms that are followed.
pub(crate) async fn rooms(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let lang = lang(&state, &headers);
    let found = rooms::find(&state, &headers, lang, "").await;
    answer(lang, found.map(|found| fragments::rooms(lang, &found)))
}

/// What was found of rooms.
pub(crate) async fn found(
    State(state): State<AppState>,
    parameters: Result<Query<FindParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let lang = lang(&state, &headers);
    let Ok(Query(parameters)) = parameters else {
        return refuse(lang, ErrorCode::BadFrame);
    };
    let found = rooms::find(&state, &headers, lang, &parameters.find).await;
    answer(lang, found.map(|found| fragments::found(lang, &found)))
}

/// What a message said before.
pub(crate) async fn edits(State(state): State<AppState>, path: PlacePath, headers: HeaderMap) -> Response {
    let lang = lang(&state, &headers);
    answer(lang, former_texts(&state, lang, path).await)
}

async fn former_texts(state: &AppState, lang: Lang, path: PlacePath) -> Result<String, ApiError> {
    let (room, seq) = place_of(path)?;
    let former = state.chat.edits(&room, seq).await?;
    let former = former.ok_or(ErrorCode::NoSuchMessage)?.into_iter();
    let former = former.map(|former| Former {
        text: former.message,
        html: former.html.map(String::from),
        at: former.at,
    });
    Ok(fragments::edits(lang, &former.collect::<Vec<_>>()))
}

/// Who has read a message.
pub(crate) async fn seen(State(state): State<AppState>, path: PlacePath, headers: HeaderMap) -> Response {
    let lang = lang(&state, &headers);
    answer(lang, readers(&state, lang, path).await)
}

async fn readers(state: &AppState, lang: Lang, path: PlacePath) -> Result<String, ApiError> {
    let (room, seq) = place_of(path)?;
    let author = author(state, &room, seq).await?;
    let seen = state.chat.seen(&room, seq).await?.map(|seen| {
        // Its author has read it, of course.
        let others = seen.into_iter().filter(|seen| seen.user_id != author);
        let reader = others.map(|seen| Reader {
            user_id: seen.user_id,
            name: seen.name.map(String::from),
        });
        reader.collect::<Vec<_>>()
    });
    let readers = seen.iter().flatten().map(|reader| reader.user_id);
    let around = people::around(state, &room, readers).await?;
    Ok(fragments::seen(lang, &around, seen.as_deref()))
}

/// Who put which emoji to a message.
pub(crate) async fn reactions(
    State(state): State<AppState>,
    path: PlacePath,
    headers: HeaderMap,
) -> Response {
    let lang = lang(&state, &headers);
    answer(lang, reacted(&state, lang, path).await)
}

async fn reacted(state: &AppState, lang: Lang, path: PlacePath) -> Result<String, ApiError> {
    let (room, seq) = place_of(path)?;
    let mut reacted = Vec::new();
    let mut left = REACTED_PEOPLE_MAX;
    for reaction in message(state, &room, seq).await?.reactions {
        let mut people = Vec::new();
        for user_id in reaction.user_ids.iter().take(left) {
            let name = state.chat.name_of(*user_id).await?;
            people.push((*user_id, name.map(String::from)));
        }
        left -= people.len();
        reacted.push(Reacted {
            emoji: reaction.emoji,
            count: reaction.user_ids.len(),
            people,
        });
    }
    let named = reacted.iter().flat_map(|reacted| &reacted.people);
    let around = people::around(state, &room, named.map(|(user_id, _)| *user_id)).await?;
    Ok(fragments::reacted(lang, &around, &reacted))
}

/// Who said it.
async fn author(state: &AppState, room: &RoomName, seq: u64) -> Result<UserId, ApiError> {
    Ok(message(state, room, seq).await?.user_id)
}

async fn message(state: &AppState, room: &RoomName, seq: u64) -> Result<MessageRow, ApiError> {
    let query = PageQuery {
        around: Some(seq),
        limit: 1,
        ..PageQuery::default()
    };
    let page = state.chat.page(room, query).await?;
    let found = page.messages.into_iter().find(|row| row.seq == seq);
    Ok(found.ok_or(ErrorCode::NoSuchMessage)?)
}

/// About a room.
pub(crate) async fn room(State(state): State<AppState>, room: RoomPath, headers: HeaderMap) -> Response {
    let lang = lang(&state, &headers);
    answer(lang, about(&state, &headers, lang, room).await)
}

async fn about(
    state: &AppState,
    headers: &HeaderMap,
    lang: Lang,
    room: RoomPath,
) -> Result<String, ApiError> {
    let room = room_of(room)?;
    let nothing_said = PageQuery {
        limit: 0,
        ..PageQuery::default()
    };
    let user_id = state.identities.of(headers);
    let visit = state.chat.visit(&room, nothing_said, user_id).await?;
    let about = About {
        is_followed: visit.rooms.iter().any(|followed| followed.room == room),
        topic: visit.page.topic,
        room,
    };
    Ok(fragments::about(lang, &about))
}

/// An address at which there is no part.
pub(crate) async fn not_found(State(state): State<AppState>, headers: HeaderMap) -> Response {
    refuse(lang(&state, &headers), ErrorCode::NotFound)
}

/// The language of whoever asks.
pub(crate) fn lang(state: &AppState, headers: &HeaderMap) -> Lang {
    preferences::look(&state.identities, headers).lang
}

/// A part, or why there is none.
pub(crate) fn answer(lang: Lang, html: Result<String, ApiError>) -> Response {
    match html {
        Ok(html) => fragment(html),
        Err(error) => refuse(lang, error.code),
    }
}

/// Why there is no part, in a part.
fn refuse(lang: Lang, code: ErrorCode) -> Response {
    let mut response = fragment(fragments::refused(lang, code));
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::NOT_FOUND);
    response
}

/// A piece of HTML that is true for now alone, and does nothing by itself.
fn fragment(html: String) -> Response {
    let mut response = Html(html).into_response();
    response::insert(
        &mut response,
        &[
            (header::CACHE_CONTROL, "no-store"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; frame-ancestors 'none'",
            ),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
    );
    response
}
