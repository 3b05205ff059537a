//! Every address this server has.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use protocol::ErrorCode;
use protocol::limits::FRAME_BYTES_MAX;

use crate::error::ApiError;
use crate::state::AppState;
use crate::{
    access, ahead, answers, api, assets, compression, fragments, health, naming, page, people, preferences,
    rooms, shares, transport,
};

pub(crate) fn router(state: &AppState) -> Router {
    Router::new()
        .merge(
            heavy()
                .route_layer(middleware::from_fn_with_state(state.clone(), shares::hold))
                .route_layer(middleware::from_fn_with_state(state.clone(), ahead::wait)),
        )
        .route("/ws", any(transport::websocket::upgrade))
        .route("/me/name", post(naming::set_name).fallback(method_not_allowed))
        .route(
            "/me/language",
            post(preferences::set_language).fallback(method_not_allowed),
        )
        .route(
            "/me/theme",
            post(preferences::set_theme).fallback(method_not_allowed),
        )
        .route("/parts/help", get(fragments::help).fallback(method_not_allowed))
        .route("/parts/emoji", get(fragments::emoji).fallback(method_not_allowed))
        .route("/parts/{*rest}", any(fragments::not_found))
        .route("/api/v1/me", get(api::me::get).fallback(method_not_allowed))
        .route(
            "/api/v1/commands",
            post(api::commands::post).fallback(method_not_allowed),
        )
        .route(
            "/api/v1/events",
            get(api::events::get).fallback(method_not_allowed),
        )
        .route("/api/{*rest}", any(not_found))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(FRAME_BYTES_MAX))
        .layer(middleware::from_fn_with_state(state.clone(), access::guard))
        .layer(compression::layer())
        .layer(middleware::from_fn_with_state(state.clone(), answers::hold))
        // Whoever looks after this server asks by whatever name it has inside, or by none (HTTP/1.0).
        .route("/healthz", get(health::healthz).fallback(method_not_allowed))
        .route("/readyz", get(health::readyz).fallback(method_not_allowed))
        .with_state(state.clone())
}

/// What takes the chat's few readers of pages and lists.
fn heavy() -> Router<AppState> {
    Router::new()
        .route("/", any(page_or_socket))
        .route(
            "/rooms/{room}",
            get(page::room).post(page::post_form).fallback(method_not_allowed),
        )
        .route(
            "/rooms/{room}/{seq}",
            get(page::place).fallback(method_not_allowed),
        )
        .route(
            "/rooms",
            get(rooms::get).post(rooms::make).fallback(method_not_allowed),
        )
        .route(
            "/people/{room}",
            get(people::people_page).fallback(method_not_allowed),
        )
        .route(
            "/people/{room}/{user_id}",
            get(people::page).fallback(method_not_allowed),
        )
        .route(
            "/here/{room}",
            get(people::here_page).fallback(method_not_allowed),
        )
        .merge(fragments())
        .route(
            "/api/v1/rooms/{room}/messages",
            get(api::messages::get)
                .post(api::messages::post)
                .fallback(method_not_allowed),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{seq}/edits",
            get(api::messages::edits).fallback(method_not_allowed),
        )
        .route(
            "/api/v1/rooms/{room}/seen",
            get(api::rooms::seen).fallback(method_not_allowed),
        )
        .route("/api/v1/rooms", get(api::rooms::get).fallback(method_not_allowed))
}

/// What the page fetches when somebody asks for it, as far as it has to be read.
fn fragments() -> Router<AppState> {
    Router::new()
        .route("/parts/rooms", get(fragments::rooms).fallback(method_not_allowed))
        .route("/parts/found", get(fragments::found).fallback(method_not_allowed))
        .route(
            "/parts/edits/{room}/{seq}",
            get(fragments::edits).fallback(method_not_allowed),
        )
        .route(
            "/parts/reactions/{room}/{seq}",
            get(fragments::reactions).fallback(method_not_allowed),
        )
        .route(
            "/parts/seen/{room}/{seq}",
            get(fragments::seen).fallback(method_not_allowed),
        )
        .route(
            "/parts/room/{room}",
            get(fragments::room).fallback(method_not_allowed),
        )
        .route(
            "/parts/people/{room}",
            get(people::people_part).fallback(method_not_allowed),
        )
        .route(
            "/parts/people/{room}/{user_id}",
            get(people::part).fallback(method_not_allowed),
        )
        .route(
            "/parts/spoke/{room}",
            get(people::spoke).fallback(method_not_allowed),
        )
        .route(
            "/parts/here/{room}",
            get(people::here_part).fallback(method_not_allowed),
        )
}

/// `/` is the lobby's page, and a socket when it is asked to be one: a client written for `ws://localhost:8080`
/// works unchanged.
async fn page_or_socket(State(state): State<AppState>, request: Request) -> Response {
    if transport::asks_for_upgrade(&request) {
        return transport::websocket::upgrade(State(state), request).await;
    }
    match *request.method() {
        Method::GET | Method::HEAD => {
            let headers = request.headers().clone();
            page::lobby(State(state), request.uri(), headers).await
        }
        _ => method_not_allowed().await,
    }
}

async fn not_found() -> Response {
    ApiError::from(ErrorCode::NotFound).into_response()
}

async fn method_not_allowed() -> Response {
    ApiError::from(ErrorCode::MethodNotAllowed).into_response()
}
