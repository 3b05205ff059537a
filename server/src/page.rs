//! The page: a room with a part of its messages in its HTML, and the form that works without JavaScript.

use app::Refusal;
use app::page::{Page, Unsent, render};
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chat::PageQuery;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::limits::HISTORY_PAGE_MESSAGES;
use protocol::{ErrorCode, RoomName};
use serde::Deserialize;

use crate::answers::Instead;
use crate::api::body;
use crate::api::messages::ask_and_wait;
use crate::api::room_path::{PlacePath, RoomPath, place_of, room_of};
use crate::assets::reload_port;
use crate::commands::Asked;
use crate::error::ApiError;
use crate::error_page;
use crate::limits::FORM_BYTES_MAX;
use crate::preferences;
use crate::response;
use crate::start::{Scene, start};
use crate::state::AppState;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    message: String,
    /// The seq of the message it answers; empty for none.
    #[serde(default)]
    reply_to: String,
}

/// Which part of a room's messages a page shows: the links above and below them lead to others.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Bounds {
    before: Option<u64>,
    after: Option<u64>,
}

/// Where a page is: its room, the message whose address it is if it is one's, and the part it shows.
#[derive(Debug)]
struct At {
    room: RoomName,
    place: Option<u64>,
    bounds: Bounds,
}

impl At {
    /// A room's last messages.
    fn end(room: RoomName) -> Self {
        Self {
            room,
            place: None,
            bounds: Bounds::default(),
        }
    }

    fn query(&self) -> PageQuery {
        PageQuery {
            before: self.bounds.before,
            after: self.bounds.after,
            around: self.place,
            limit: HISTORY_PAGE_MESSAGES,
        }
    }
}

/// The lobby.
pub(crate) async fn lobby(State(state): State<AppState>, uri: &Uri, headers: HeaderMap) -> Response {
    show(&state, &headers, uri, Ok((RoomName::lobby(), None))).await
}

/// A room by its name.
pub(crate) async fn room(
    State(state): State<AppState>,
    room: RoomPath,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    show(&state, &headers, &uri, room_of(room).map(|room| (room, None))).await
}

/// A message by its place, with what was said around it.
pub(crate) async fn place(
    State(state): State<AppState>,
    path: PlacePath,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let place = place_of(path).map(|(room, seq)| (room, Some(seq)));
    show(&state, &headers, &uri, place).await
}

/// A post by the form. Answers with a redirect back to the room, so that a reload asks for nothing again; the
/// form's `clientId` makes Back and a second send harmless. What is refused is given back in the form.
pub(crate) async fn post_form(
    State(state): State<AppState>,
    room: RoomPath,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let room = match room_of(room) {
        Ok(room) => room,
        Err(code) => return error_page::refuse(&state, &headers, code),
    };
    let form = match read_form(request.into_body()).await {
        Ok(form) => form,
        Err(code) => return show_refusal(&state, &headers, room, code, Form::default()).await,
    };
    match post(&state, &headers, &room, &form).await {
        Ok(()) => see_other(&room),
        Err(code) => show_refusal(&state, &headers, room, code, form).await,
    }
}

async fn read_form(body: Body) -> Result<Form, ErrorCode> {
    let bytes = body::read(body, FORM_BYTES_MAX).await?;
    let mut form: Form = serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::BadFrame)?;
    // Forms send every line break as CR LF, whatever was typed (HTML, "constructing the entry list").
    form.message = form.message.replace("\r\n", "\n");
    Ok(form)
}

async fn post(state: &AppState, headers: &HeaderMap, room: &RoomName, form: &Form) -> Result<(), ErrorCode> {
    let author = state.identities.require(headers)?;
    let reply_to = match form.reply_to.as_str() {
        "" => None,
        seq => Some(seq.parse().map_err(|_| ErrorCode::BadFrame)?),
    };
    let asked = Asked::post(room.as_str(), Some(&form.client_id), &form.message, reply_to, &[])?;
    ask_and_wait(state, author, asked)
        .await
        .map_err(|error| error.code)?;
    Ok(())
}

async fn show(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    place: Result<(RoomName, Option<u64>), ErrorCode>,
) -> Response {
    let bounds = Query::try_from_uri(uri).map_err(|_| ErrorCode::BadFrame);
    let at = place.and_then(|(room, place)| {
        let Query(bounds) = bounds?;
        let Bounds { before, after } = bounds;
        // Who reads on from a message's address leaves it: there the links mean other parts of the room.
        let place = place.filter(|_| before.is_none() && after.is_none());
        Ok(At { room, place, bounds })
    });
    match at {
        Ok(at) => respond(state, headers, at, None)
            .await
            .unwrap_or_else(|code| error_page::refuse(state, headers, code)),
        Err(code) => error_page::refuse(state, headers, code),
    }
}

async fn show_refusal(
    state: &AppState,
    headers: &HeaderMap,
    room: RoomName,
    code: ErrorCode,
    form: Form,
) -> Response {
    // Under the same id again: it may be that the message was taken and only the answer was not to be had.
    let form_client_id = match code {
        ErrorCode::ClientIdReused | ErrorCode::BadId => None,
        _ => Some(form.client_id).filter(|id| !id.is_empty()),
    };
    let name = utf8_percent_encode(room.as_str(), NON_ALPHANUMERIC);
    let unsent = Unsent {
        action: &format!("/rooms/{name}"),
        client_id: form_client_id.as_deref().unwrap_or_default(),
        reply_to: &form.reply_to,
        message: &form.message,
    };
    let small = error_page::form(state, headers, code, unsent);
    let refusal = Refusal {
        code: Some(code),
        text: form.message,
    };
    let Ok(mut response) = respond(state, headers, At::end(room), Some((refusal, form_client_id))).await
    else {
        return error_page::with(code, small);
    };
    response.extensions_mut().insert(Instead(small));
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

async fn respond(
    state: &AppState,
    headers: &HeaderMap,
    at: At,
    refused: Option<(Refusal, Option<String>)>,
) -> Result<Response, ErrorCode> {
    let recognised = state.identities.recognise(headers);
    let user_id = recognised.user_id;
    let look = preferences::look(&state.identities, headers);
    // Who has just come follows nothing and has no name.
    let known = (!recognised.is_new).then_some(user_id);
    let visit = state
        .chat
        .visit(&at.room, at.query(), known)
        .await
        .map_err(|error| ApiError::from(error).code)?;
    let messages = &visit.page.messages;
    if at
        .place
        .is_some_and(|place| !messages.iter().any(|row| row.seq == place))
    {
        let room = address(&at.room);
        let gone = error_page::refuse_and_go_back(state, headers, ErrorCode::NoSuchMessage, room);
        return Ok(gone);
    }
    let is_bounded = at.bounds.before.is_some() || at.bounds.after.is_some();
    if is_bounded && messages.is_empty() {
        // Before the first message or after the last one: the room would look as if nobody had ever said anything.
        return Ok(see_other(&at.room));
    }
    let scene = Scene {
        room: at.room,
        place: at.place,
        user_id,
        refused,
    };
    let Some((start, start_text)) = start(look.lang, state.chat.epoch(), scene, &visit) else {
        tracing::error!("a page could not read what it was to start from");
        return Err(ErrorCode::Internal);
    };
    let nonce = nonce();
    let policy = content_security_policy(&nonce);
    let page = Page {
        start,
        start_text,
        is_new: recognised.is_new,
        look,
        nonce,
    };
    let mut response = render(page, state.assets.names()).await;
    response::insert(
        &mut response,
        &[
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // `no-referrer` would make the form's own Origin opaque, and opaque origins are refused.
            (header::REFERRER_POLICY, "same-origin"),
        ],
    );
    // Browsers ignore it, and complain, where they do not trust the origin: over plain HTTP but from this machine. There they
    // send no such header either ("Fetch Metadata Request Headers", W3C, section 2).
    if headers.contains_key("sec-fetch-dest") {
        let policy = header::HeaderName::from_static("cross-origin-opener-policy");
        response::insert(&mut response, &[(policy, "same-origin")]);
    }
    let headers_out = response.headers_mut();
    headers_out.insert(header::CONTENT_SECURITY_POLICY, policy);
    if let Ok(preloads) = HeaderValue::from_str(&state.assets.names().preloads(recognised.is_new)) {
        headers_out.insert(header::LINK, preloads);
    }
    preferences::set_cookies(&state.identities, headers, recognised, &mut response);
    Ok(response)
}

/// To a room's page, by another request.
pub(crate) fn see_other(room: &RoomName) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, address(room))]).into_response();
    response::insert(&mut response, &[(header::CACHE_CONTROL, "no-store")]);
    response
}

/// Where a room's page is.
fn address(room: &RoomName) -> String {
    if room.is_lobby() {
        return "/".to_owned();
    }
    format!("/rooms/{}", utf8_percent_encode(room.as_str(), NON_ALPHANUMERIC))
}

/// 128 random bits for this response alone (CSP Level 3, section 7.1).
fn nonce() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // An empty nonce matches nothing: the page then works without its script.
        return String::new();
    }
    STANDARD.encode(bytes)
}

fn content_security_policy(nonce: &str) -> HeaderValue {
    let reload = if std::env::var_os("LEPTOS_WATCH").is_some() {
        format!(
            " ws://127.0.0.1:{port} ws://localhost:{port}",
            port = reload_port()
        )
    } else {
        String::new()
    };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; \
         connect-src 'self'{reload}; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_of_any_script_has_an_address() {
        assert_eq!(address(&RoomName::lobby()), "/");
        assert_eq!(address(&RoomName::parse("team-7").unwrap()), "/rooms/team%2D7");
        assert_eq!(
            address(&RoomName::parse("개발").unwrap()),
            "/rooms/%EA%B0%9C%EB%B0%9C"
        );
    }

    #[test]
    fn no_two_pages_share_a_nonce() {
        assert_ne!(nonce(), nonce());
    }
}
