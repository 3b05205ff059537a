//! Sessions over WebSockets.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use chat::ids;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use protocol::{CloseCode, ErrorCode, SUBPROTOCOL, ServerFrame};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tungstenite::handshake::derive_accept_key;

use super::incoming::{Received, Unreadable};
use super::line::{Due, Line};
use super::raw::Raw;
use super::stream::Stream;
use crate::error::ApiError;
use crate::limits::OUTCOME_WAIT_SECONDS_MAX;
use crate::listener::{ConnectionPermit, PlainTcp};
use crate::session::{Dialect, Ended, Session, encode};
use crate::state::AppState;

/// The query.
#[derive(Debug, Deserialize)]
struct Parameters {
    #[serde(default)]
    rooms: bool,
}

/// Turns a request into a socket. A full client (one that asks for `madang.v1`) has to bring an identity; a plain
/// one that brings none is somebody for the length of its connection.
pub(crate) async fn upgrade(State(state): State<AppState>, request: Request) -> Response {
    if !super::asks_for_upgrade(&request) {
        return (
            StatusCode::UPGRADE_REQUIRED,
            [("upgrade", "websocket")],
            "This address speaks WebSocket.\n",
        )
            .into_response();
    }
    let (mut parts, _body) = request.into_parts();
    let on_upgrade = parts.extensions.get::<OnUpgrade>().cloned();
    // It looks whether the request is one for a WebSocket, whoever speaks it then.
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade.protocols([SUBPROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    let dialect = if upgrade.selected_protocol().is_some() {
        Dialect::Full
    } else {
        Dialect::Plain
    };
    let known = state.identities.of(&parts.headers);
    if known.is_none() && dialect == Dialect::Full {
        return ApiError::from(ErrorCode::NoIdentity).into_response();
    }
    let user_id = known.unwrap_or_else(ids::user_id);
    let parameters = Query::<Parameters>::try_from_uri(&parts.uri);
    let mut session = match Session::begin("WebSocket", state.clone(), user_id, dialect) {
        Ok(session) => session,
        Err(code) => return ApiError::from(code).into_response(),
    };
    if known.is_none() {
        session.is_of_a_newcomer();
    }
    // A browser is not shown why a socket was refused: what cannot be read asks for nothing.
    if parameters.is_ok_and(|Query(parameters)| parameters.rooms) {
        session.hear_rooms();
    }
    let permit = parts.extensions.remove::<ConnectionPermit>();
    let shutdown = state.shutdown.clone();
    let is_plain_tcp = parts.extensions.get::<PlainTcp>().is_some();
    let (Some(on_upgrade), Some(answer)) = (on_upgrade, switching(&parts, dialect)) else {
        tracing::error!("a request that may become a WebSocket cannot");
        return ApiError::from(ErrorCode::Internal).into_response();
    };
    // Tracked from here on: between the answer and the upgrade nothing else shows that somebody is there.
    shutdown.spawn(async move {
        let _permit = permit;
        if let Some(mut line) = upgraded(on_upgrade, is_plain_tcp).await {
            let ended = converse(&mut line, &mut session, &state).await;
            // The subscriptions end before the goodbye, which may take a moment.
            drop(session);
            Box::pin(part(line, ended)).await;
        }
    });
    answer
}

/// The answer that turns a request into a WebSocket: a connection of HTTP/1.1 (RFC 6455, section 4.2.2) or a stream of HTTP/2
/// (RFC 8441, section 5).
fn switching(parts: &Parts, dialect: Dialect) -> Option<Response> {
    let mut answer = Response::new(Body::empty());
    if parts.version < Version::HTTP_2 {
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY)?;
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?;
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if dialect == Dialect::Full {
        answer.headers_mut().insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
    }
    Some(answer)
}

/// What the request became. Of a connection, what was read of it beyond the request, but not the library's buffer for that.
async fn upgraded(on_upgrade: OnUpgrade, is_plain_tcp: bool) -> Option<Line> {
    let upgraded = on_upgrade.await;
    let upgraded = upgraded.inspect_err(|error| tracing::debug!(%error, "a socket broke off"));
    let upgraded = upgraded.ok()?;
    if !is_plain_tcp {
        return Some(Line::over_stream(Stream::new(upgraded)));
    }
    match downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => Some(Line::over_tcp(Raw::new(parts.io.into_inner(), &parts.read_buf))),
        Err(_) => {
            tracing::error!("a connection that was said to be plain TCP is not");
            None
        }
    }
}

/// Says goodbye.
async fn part(line: Line, ended: Result<Option<Vec<u8>>, Ended>) {
    match ended {
        Ok(goodbye) => line.finish(goodbye).await,
        Err(Ended(code)) => line.close(code).await,
    }
}

/// What a turn of the conversation is about.
enum Turn {
    Received(Option<Result<Received, Unreadable>>),
    /// There is something to gather, or may be.
    Gather,
    Check,
    Leave,
}

/// Carries a session until either side ends it: `Ok` when the peer has left, with its goodbye if it said one; an error when
/// it is to be told to.
///
/// There is one of these for each connection, mostly waiting, so what it holds meanwhile is kept small: it borrows what it works
/// with, for what is handed on by value is there twice, and what is rarely needed is boxed.
async fn converse(
    line: &mut Line,
    session: &mut Session,
    state: &AppState,
) -> Result<Option<Vec<u8>>, Ended> {
    if let Some(outlet) = line.outlet() {
        session.write_past(Arc::clone(outlet) as _);
    }
    Box::pin(greet(line, session)).await?;
    let check = tokio::time::sleep_until(line.next_check());
    tokio::pin!(check);
    let leave = leave_moment(state);
    tokio::pin!(leave);
    // A message that waits because its client is held back; nothing is read behind it.
    let mut held = None;
    loop {
        let mut out = Vec::new();
        let mut has_more = session.has_more();
        if !has_more && let Some(outlet) = line.outlet() {
            outlet.open();
            // What was published before it opened was not written to it.
            has_more = session.has_more();
        }
        let turn = tokio::select! {
            // One portion a turn, so that a peer which is always behind is still read from, checked and drained.
            () = std::future::ready(()), if has_more => Turn::Gather,
            received = line.receive(), if held.is_none() && session.takes_more() => Turn::Received(received),
            () = session.woken() => Turn::Gather,
            () = async { Box::pin(state.takes_plain_posts()).await }, if held.is_some() => Turn::Gather,
            () = check.as_mut() => Turn::Check,
            () = leave.as_mut() => Turn::Leave,
        };
        if let Some(outlet) = line.outlet() {
            outlet.close();
        }
        match turn {
            Turn::Gather => {}
            Turn::Received(None) => return Ok(None),
            Turn::Received(Some(Ok(Received::Close(goodbye)))) => return Ok(Some(goodbye)),
            Turn::Received(Some(Ok(received))) => {
                if let Received::Ping(payload) = &received {
                    line.put_pong(payload);
                }
                held = Some(received);
            }
            Turn::Received(Some(Err(unreadable))) => {
                return Box::pin(refuse_unreadable(line, session, unreadable)).await;
            }
            Turn::Check => {
                if held.is_some() || !session.takes_more() || line.is_held_back() {
                    // What it says is left unread: that is our silence, not the peer's.
                    line.mark_alive();
                }
                if line.check().await? == Due::Beat && session.dialect() == Dialect::Full {
                    out.push(encode(&ServerFrame::Beat));
                }
                check.as_mut().reset(line.next_check());
            }
            Turn::Leave => return Box::pin(drain(line, session, state)).await,
        }
        if !session.is_held_back()
            && let Some(received) = held.take()
        {
            match received {
                // Boxed: what it may need is large, and rarely needed.
                Received::Text(text) => {
                    let has_own_rate = Box::pin(session.take(&text, &mut out)).await;
                    line.give_back_if(has_own_rate);
                }
                Received::Binary => session.refuse(ErrorCode::Binary, &mut out),
                _ => {}
            }
            if line.is_talkative()
                && let Some(wait_ms) = state.frame_limiter.overdraw(session.user_id())
            {
                line.hold_back(Duration::from_millis(wait_ms));
            }
        }
        session.gather(&mut out).await?;
        if !out.is_empty() || line.has_unsaid() {
            line.say(&mut out).await?;
        }
    }
}

async fn greet(line: &mut Line, session: &mut Session) -> Result<(), Ended> {
    let mut out = Vec::new();
    session.greet(&mut out).await?;
    line.say(&mut out).await
}

/// A message that breaks the framing or a bound ends the connection: where the next one starts is not known.
async fn refuse_unreadable(
    line: &mut Line,
    session: &Session,
    unreadable: Unreadable,
) -> Result<Option<Vec<u8>>, Ended> {
    let (code, close) = match unreadable {
        Unreadable::TooBig => (ErrorCode::TooBig, CloseCode::TooBig),
        Unreadable::NotText => (ErrorCode::Binary, CloseCode::Policy),
        Unreadable::Broken => return Ok(None),
    };
    let mut out = Vec::new();
    session.refuse(code, &mut out);
    line.say(&mut out).await?;
    Err(Ended(close))
}

async fn leave_moment(state: &AppState) {
    state.shutdown.sessions().cancelled_owned().await;
    Box::pin(tokio::time::sleep(state.shutdown.moment_to_leave())).await;
}

/// Tells a full client when to come back, after everything that is on its way has been told.
async fn drain(line: &mut Line, session: &mut Session, state: &AppState) -> Result<Option<Vec<u8>>, Ended> {
    let mut out = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(OUTCOME_WAIT_SECONDS_MAX);
    session.gather(&mut out).await?;
    while session.awaits_outcomes() && timeout_at(deadline, session.woken()).await.is_ok() {
        line.say(&mut out).await?;
        session.gather(&mut out).await?;
    }
    if session.dialect() == Dialect::Full {
        let code = CloseCode::GoingAway.code();
        out.push(encode(&ServerFrame::Bye {
            code,
            reconnect_ms: state.shutdown.reconnect_ms(),
        }));
    }
    line.say(&mut out).await?;
    Err(Ended(CloseCode::GoingAway))
}
