//! What a person sees where there is nothing, or what could not be read. Programs get the same refusal as JSON.

use app::page::{self, Unsent};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use protocol::ErrorCode;

use crate::error::ApiError;
use crate::preferences;
use crate::response;
use crate::state::AppState;

/// Refuses in the form the client asked for: a page for a browser, JSON for everyone else.
pub(crate) fn refuse(state: &AppState, headers: &HeaderMap, code: ErrorCode) -> Response {
    answer(state, headers, code, None)
}

/// As [`refuse`], with a way back to this address instead of one to the lobby.
pub(crate) fn refuse_and_go_back(
    state: &AppState,
    headers: &HeaderMap,
    code: ErrorCode,
    back: String,
) -> Response {
    answer(state, headers, code, Some(back))
}

/// The page that says why a form was not taken, with the form.
pub(crate) fn form(state: &AppState, headers: &HeaderMap, code: ErrorCode, unsent: Unsent<'_>) -> String {
    let look = preferences::look(&state.identities, headers);
    page::refused_form(look, code, unsent, state.assets.names())
}

fn answer(state: &AppState, headers: &HeaderMap, code: ErrorCode, back: Option<String>) -> Response {
    if !wants_page(headers) {
        return ApiError::from(code).into_response();
    }
    let look = preferences::look(&state.identities, headers);
    with(code, page::refused(look, code, back, state.assets.names()))
}

/// Answers with a page of this module.
pub(crate) fn with(code: ErrorCode, html: String) -> Response {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::NOT_FOUND);
    let mut response = response::scriptless_page(html);
    *response.status_mut() = status;
    response
}

/// Whether a browser asks that is about to show the answer.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_wants_a_page_and_a_program_does_not() {
        let mut headers = HeaderMap::new();
        assert!(!wants_page(&headers));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        assert!(!wants_page(&headers));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        assert!(wants_page(&headers));
    }
}
