//! `GET /api/v1/me`: who the client is. One of the two places where an identity is made; the page is the other.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use protocol::MeFrame;

use crate::error::ApiError;
use crate::preferences;
use crate::state::AppState;

pub(crate) async fn get(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let recognised = state.identities.recognise(&headers);
    let name = if recognised.is_new {
        // Who has just come has no name.
        None
    } else {
        state.chat.name_of(recognised.user_id).await?
    };
    let me = MeFrame {
        user_id: recognised.user_id,
        name: name.as_deref(),
        epoch: state.chat.epoch(),
        limits: state.limits,
    };
    let mut response = Json(me).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    preferences::set_cookies(&state.identities, &headers, recognised, &mut response);
    Ok(response)
}
