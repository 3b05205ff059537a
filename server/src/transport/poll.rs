//! Sessions over polling: long polls wait for the first event, plain polls do not.

use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::Utf8Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use protocol::{CloseCode, ErrorCode, ServerFrame};
use tokio::time::Instant;

use crate::error::ApiError;
use crate::session::{Ended, Ephemeral, Session, encode};
use crate::state::AppState;

/// Answers with what there is, or waits until there is something, the time is over or the server goes away.
///
/// # Errors
/// When the session cannot go on.
pub(crate) async fn respond(
    state: &AppState,
    mut session: Session,
    mut out: Vec<Utf8Bytes>,
    wait: Duration,
) -> Result<Response, ApiError> {
    let deadline = Instant::now() + wait;
    let sessions = state.shutdown.sessions();
    let leaving = async {
        sessions.cancelled().await;
        tokio::time::sleep(state.shutdown.moment_to_leave()).await;
    };
    tokio::pin!(leaving);
    session.gather_ephemeral(&mut out, Ephemeral::First);
    loop {
        session
            .gather_events(&mut out)
            .await
            .map_err(|Ended(_)| ApiError::from(ErrorCode::Busy))?;
        if !out.is_empty() {
            break;
        }
        tokio::select! {
            () = session.woken() => {}
            () = tokio::time::sleep_until(deadline) => break,
            () = leaving.as_mut() => {
                let code = CloseCode::GoingAway.code();
                out.push(encode(&ServerFrame::Bye { code, reconnect_ms: state.shutdown.reconnect_ms() }));
                break;
            }
        }
    }
    // Who is here changes all the time: it is told with the next answer, and makes none by itself.
    session.gather_ephemeral(&mut out, Ephemeral::News);
    let mut response = Body::from(body(&session.cursor().encode(), &out)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `{"cursor":"…","frames":[…]}`; the frames are JSON already, and a cursor needs no escape.
fn body(cursor: &str, frames: &[Utf8Bytes]) -> String {
    let bytes: usize = frames.iter().map(|frame| frame.len() + 1).sum();
    let mut body = String::with_capacity(bytes + cursor.len() + 32);
    body.push_str(r#"{"cursor":""#);
    body.push_str(cursor);
    body.push_str(r#"","frames":["#);
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        body.push_str(frame);
    }
    body.push_str("]}");
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_json_whatever_the_number_of_frames() {
        for count in 0..3 {
            let frames = vec![encode(&ServerFrame::Beat); count];
            let body: serde_json::Value = serde_json::from_str(&body("abc", &frames)).unwrap();
            assert_eq!(body["cursor"], "abc");
            assert_eq!(body["frames"].as_array().unwrap().len(), count);
        }
    }
}
