//! Sessions over WebSockets.

use std::error::Error as _;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chat::ids;
use protocol::limits::FRAME_BYTES_MAX;
use protocol::{CloseCode, ErrorCode, SUBPROTOCOL, ServerFrame};

use tokio::time::{Instant, timeout_at};

use super::line::{Due, Line};
use crate::error::ApiError;
use crate::limits::{
    OUTCOME_WAIT_SECONDS_MAX, READ_BUFFER_BYTES, WRITE_BUFFER_BYTES, WRITE_BUFFER_BYTES_MAX,
};
use crate::listener::ConnectionPermit;
use crate::session::{Dialect, Ended, Session, encode};
use crate::state::AppState;

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
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX);
    let dialect = if upgrade.selected_protocol().is_some() {
        Dialect::Full
    } else {
        Dialect::Plain
    };
    let user_id = match (state.identities.of(&parts.headers), dialect) {
        (Some(user_id), _) => user_id,
        (None, Dialect::Plain) => ids::user_id(),
        (None, Dialect::Full) => return ApiError::from(ErrorCode::NoIdentity).into_response(),
    };
    let session = match Session::begin("WebSocket", state.clone(), user_id, dialect) {
        Ok(session) => session,
        Err(code) => return ApiError::from(code).into_response(),
    };
    let permit = parts.extensions.remove::<ConnectionPermit>();
    let shutdown = state.shutdown.clone();
    // Between the answer and the upgrade nothing else shows that somebody is there.
    let held = shutdown.hold();
    upgrade.on_upgrade(move |socket| async move {
        let _held = held;
        // A task of its own: the one that waited for the upgrade is larger, and would live as long.
        shutdown.clone().spawn(async move {
            let _permit = permit;
            run(Line::new(socket), session, &state).await;
        });
    })
}

/// Carries a session until either side ends it.
async fn run(mut line: Line, mut session: Session, state: &AppState) {
    let ended = converse(&mut line, &mut session, state).await;
    // The subscriptions end before the goodbye, which may take a moment.
    drop(session);
    match ended {
        Ok(()) => line.finish().await,
        Err(Ended(code)) => line.close(code).await,
    }
}

/// `Ok` when the peer has left, an error when it is to be told to.
async fn converse(line: &mut Line, session: &mut Session, state: &AppState) -> Result<(), Ended> {
    let mut out = Vec::new();
    session.greet(&mut out).await?;
    line.say(&mut out).await?;
    let check = tokio::time::sleep_until(line.next_check());
    tokio::pin!(check);
    let leave = leave_moment(state);
    tokio::pin!(leave);
    loop {
        let mut out = Vec::new();
        // One portion a turn, so that a peer which is always behind is still read from, checked and drained.
        let has_more = session.has_more();
        tokio::select! {
            () = std::future::ready(()), if has_more => {}
            received = line.receive(), if session.takes_more() => match received {
                Some(Ok(message)) => {
                    if take(message, session, &mut out).await {
                        return Ok(());
                    }
                }
                Some(Err(error)) => return refuse_unreadable(line, session, &error).await,
                None => return Ok(()),
            },
            () = session.woken() => {}
            () = state.chat.uncrowded(), if session.is_held_back() => {}
            () = check.as_mut() => {
                if !session.takes_more() {
                    // What it says is left unread: that is our silence, not the peer's.
                    line.mark_alive();
                }
                if line.check().await? == Due::Beat && session.dialect() == Dialect::Full {
                    out.push(encode(&ServerFrame::Beat));
                }
                check.as_mut().reset(line.next_check());
            }
            () = leave.as_mut() => return drain(line, session, state).await,
        }
        session.gather(&mut out).await?;
        if !out.is_empty() {
            line.say(&mut out).await?;
        }
    }
}

/// Takes a message from the peer; true when it was the last.
async fn take(message: Message, session: &mut Session, out: &mut Vec<Utf8Bytes>) -> bool {
    match message {
        Message::Text(text) => session.take(&text, out).await,
        Message::Binary(_) => session.refuse(ErrorCode::Binary, out),
        // Answered by the library.
        Message::Ping(_) | Message::Pong(_) => {}
        Message::Close(_) => return true,
    }
    false
}

/// A message that breaks the framing or a bound ends the connection: where the next one starts is not known.
async fn refuse_unreadable(line: &mut Line, session: &Session, error: &axum::Error) -> Result<(), Ended> {
    let cause = error.source().and_then(|error| error.downcast_ref());
    let (code, close) = match cause {
        Some(tungstenite::Error::Capacity(_)) => (ErrorCode::TooBig, CloseCode::TooBig),
        Some(tungstenite::Error::Utf8(_)) => (ErrorCode::Binary, CloseCode::Policy),
        _ => {
            tracing::debug!(%error, "a socket broke off");
            return Ok(());
        }
    };
    let mut out = Vec::new();
    session.refuse(code, &mut out);
    line.say(&mut out).await?;
    Err(Ended(close))
}

async fn leave_moment(state: &AppState) {
    state.shutdown.begun().await;
    tokio::time::sleep(state.shutdown.moment_to_leave()).await;
}

/// Tells a full client when to come back, after everything that is on its way has been told.
async fn drain(line: &mut Line, session: &mut Session, state: &AppState) -> Result<(), Ended> {
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
