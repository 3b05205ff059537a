//! What one is called, by a form that works without a script.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chat::{Action, ids, nfc};
use protocol::ErrorCode;
use serde::Deserialize;

use crate::api::body;
use crate::api::messages::ask_and_wait;
use crate::commands::Asked;
use crate::error_page;
use crate::limits::FORM_BYTES_MAX;
use crate::preferences;
use crate::state::AppState;

/// What the form sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    name: String,
    #[serde(default)]
    client_id: String,
}

/// Calls whoever asks by another name, and goes back to the page.
pub(crate) async fn set_name(
    State(state): State<AppState>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    match rename(&state, &headers, request.into_body()).await {
        Ok(()) => preferences::go_back(&headers),
        Err(code) => {
            let back = preferences::path_from(&headers);
            error_page::refuse_and_go_back(&state, &headers, code, back)
        }
    }
}

async fn rename(state: &AppState, headers: &HeaderMap, body: Body) -> Result<(), ErrorCode> {
    let author = state.identities.require(headers)?;
    let bytes = body::read(body, FORM_BYTES_MAX).await?;
    let form: Form = serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::BadFrame)?;
    let client_id = match form.client_id.as_str() {
        "" => ids::client_id(),
        text => text.parse().map_err(|_| ErrorCode::BadId)?,
    };
    let action = Action::Rename {
        name: nfc::name(&form.name)?,
    };
    ask_and_wait(state, author, Asked { client_id, action })
        .await
        .map_err(|error| error.code)?;
    Ok(())
}
