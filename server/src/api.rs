//! The HTTP API, for the page and for other programs. `docs/PROTOCOL.md` describes it.

pub(crate) mod body;
pub(crate) mod commands;
pub(crate) mod events;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod room_path;
pub(crate) mod rooms;
pub(crate) mod rows;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// An answer that is true for now alone.
fn fresh(body: impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
