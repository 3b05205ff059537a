//! `POST /api/v1/commands`: what a socket's client would send, for clients whose events come by HTTP.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use chat::limits::AHEAD_WAIT_MS;
use chat::{Action, Joined, ReadTo, Signal};
use protocol::limits::FRAME_BYTES_MAX;
use protocol::{ClientFrame, ErrorCode, RoomName, ServerFrame, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::body;
use super::messages::ask_and_wait;
use crate::ahead;
use crate::commands::{Asked, Join};
use crate::cursor::{Cursor, Place};
use crate::error::ApiError;
use crate::limits::COMMANDS_PER_REQUEST_MAX;
use crate::session::{encode_raw, unreadable};
use crate::state::AppState;

/// The query.
#[derive(Debug, Deserialize)]
pub(crate) struct CommandsParameters {
    cursor: Option<String>,
}

/// The answer: the frames a socket would have been sent, and where the client stands now.
#[derive(Serialize)]
pub(crate) struct Answers {
    cursor: String,
    frames: Vec<Box<RawValue>>,
}

/// Takes one frame or a list of them and carries them out in order. `join` and `unsubscribe` change the cursor,
/// which is all the server remembers of an HTTP client: the answer's is the one to go on with.
pub(crate) async fn post(
    State(state): State<AppState>,
    parameters: Result<Query<CommandsParameters>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Answers>, ApiError> {
    let user_id = state.identities.require(&headers)?;
    let Query(parameters) = parameters.map_err(|_| ErrorCode::BadFrame)?;
    let cursor = match &parameters.cursor {
        Some(text) => Cursor::parse(text)?,
        None => Cursor::new(state.chat.epoch()),
    };
    let bytes = body::read(request.into_body(), FRAME_BYTES_MAX).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ErrorCode::Binary)?;
    let frames = split(text)?;
    state
        .frame_limiter
        .take_many(user_id, frames.len())
        .map_err(ApiError::rate_limited)?;
    let mut client = HttpClient {
        state,
        user_id,
        cursor,
        frames: Vec::new(),
        waits_until: None,
    };
    for frame in frames {
        if client.take(frame).await {
            client.state.frame_limiter.give_back(user_id);
        }
    }
    Ok(Json(Answers {
        cursor: client.cursor.encode(),
        frames: client.frames,
    }))
}

/// The frames of a body that is one frame or a list of them.
fn split(text: &str) -> Result<Vec<&str>, ErrorCode> {
    if !text.trim_start().starts_with('[') {
        return Ok(vec![text]);
    }
    let frames: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| ErrorCode::BadJson)?;
    if frames.len() > COMMANDS_PER_REQUEST_MAX {
        return Err(ErrorCode::TooBig);
    }
    Ok(frames.into_iter().map(RawValue::get).collect())
}

/// One request's worth of a client.
struct HttpClient {
    state: AppState,
    user_id: UserId,
    cursor: Cursor,
    frames: Vec<Box<RawValue>>,
    /// How long its joins are waited for, once one is.
    waits_until: Option<Instant>,
}

impl HttpClient {
    /// Says whether it was within a rate of its own: then it does not count among the frames of its identity.
    async fn take(&mut self, text: &str) -> bool {
        match serde_json::from_str::<ClientFrame<'_>>(text) {
            Ok(ClientFrame::Join {
                room,
                epoch,
                after,
                event_id,
                quiet,
            }) => {
                let joined = match Join::parse(&room, epoch.as_deref(), after, event_id.as_deref()) {
                    Ok(join) => self.join(join, quiet).await,
                    Err(code) => Err(code.into()),
                };
                if let Err(error) = joined {
                    self.answer(&error.to_frame_about(&room));
                }
            }
            Ok(ClientFrame::Unsubscribe { room }) => self.cursor.remove(&room),
            Ok(ClientFrame::Typing { room, on }) => {
                // Where the name is none, nobody is.
                if let Ok(room) = RoomName::parse(&room) {
                    self.state.chat.set_typing(&room, self.user_id, on);
                }
            }
            Ok(ClientFrame::Ping) => self.answer(&ServerFrame::Beat),
            Ok(frame) => return self.ask(&frame).await,
            Err(error) => {
                let refusal = unreadable(text, &error);
                self.answer(&refusal.to_frame());
            }
        }
        false
    }

    async fn join(&mut self, join: Join, quiet: bool) -> Result<(), ApiError> {
        let Join { room, cursor } = join;
        // Joined only to be checked: the client's next request for events joins again, from the cursor.
        let mut joined = self.state.chat.join(&room, cursor, Signal::default()).await?;
        if matches!(joined, Joined::Behind) {
            self.wait_for(&room, cursor.after.unwrap_or(0)).await?;
            joined = self.state.chat.join(&room, cursor, Signal::default()).await?;
        }
        match joined {
            // It was waited for.
            Joined::Behind | Joined::Resync => {
                self.cursor.remove(room.as_str());
                self.answer(&ServerFrame::Resync { room: &room });
            }
            Joined::Feed { feed, head } => {
                self.cursor.epoch = self.state.chat.epoch();
                let place = Place {
                    room: room.clone(),
                    seq: feed.cursor(),
                    event_id: feed.event_id(),
                    quiet,
                    told: 0,
                };
                self.cursor.set(place)?;
                let epoch = self.cursor.epoch;
                self.answer(&ServerFrame::Joined {
                    room: &room,
                    epoch,
                    seq: feed.cursor(),
                    head,
                });
            }
        }
        Ok(())
    }

    /// Waits until this node has come as far as the client; for all of a request no longer than for one room.
    async fn wait_for(&mut self, room: &RoomName, seq: u64) -> Result<(), ApiError> {
        let wait = Duration::from_millis(AHEAD_WAIT_MS);
        let until = *self.waits_until.get_or_insert_with(|| Instant::now() + wait);
        let reached = ahead::reached(&self.state, [(room.clone(), seq)]);
        timeout_at(until, reached).await.unwrap_or(Err(ahead::behind()))
    }

    /// Carries out what is put in order, and waits until it is on the disk; but for what has been read, which has no answer. Says
    /// whether it was taken.
    async fn ask(&mut self, frame: &ClientFrame<'_>) -> bool {
        let outcome = match Asked::of(frame) {
            None => return false,
            Some(Err(code)) => Err(code.into()),
            Some(Ok(Asked {
                action: Action::Read { room, seq },
                ..
            })) => {
                let (user_id, session) = (self.user_id, 0);
                self.state.chat.read(ReadTo {
                    user_id,
                    room,
                    seq,
                    session,
                });
                return false;
            }
            Some(Ok(asked)) => {
                let client_id = asked.client_id;
                let seq = ask_and_wait(&self.state, self.user_id, asked).await;
                seq.map(|seq| ServerFrame::Ack { client_id, seq })
            }
        };
        let is_taken = outcome.is_ok();
        match (outcome, frame.client_id()) {
            (Ok(ack), Some(_)) => self.answer(&ack),
            (Ok(_), None) => {}
            (Err(error), Some(client_id)) => self.answer(&error.with_client_id(client_id).to_frame()),
            (Err(error), None) => self.answer(&error.to_frame_about(frame.room().unwrap_or_default())),
        }
        is_taken
    }

    fn answer(&mut self, frame: &ServerFrame<'_>) {
        self.frames.extend(encode_raw(frame));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_frame_or_a_list_of_them() {
        assert_eq!(split(r#"{"type":"ping"}"#), Ok(vec![r#"{"type":"ping"}"#]));
        assert_eq!(
            split(r#" [{"type":"ping"}, 1]"#),
            Ok(vec![r#"{"type":"ping"}"#, "1"])
        );
        assert_eq!(split("[").unwrap_err(), ErrorCode::BadJson);
        assert_eq!(
            split(&format!("[{}1]", "1,".repeat(COMMANDS_PER_REQUEST_MAX))),
            Err(ErrorCode::TooBig)
        );
    }
}
