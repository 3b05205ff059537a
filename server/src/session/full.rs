//! Full clients: the frames of `madang.v1`.

use axum::extract::ws::Utf8Bytes;
use chat::Joined;
use protocol::limits::JOINED_ROOMS_MAX;
use protocol::{ClientFrame, ErrorCode, ServerFrame};

use super::{Session, encode};
use crate::commands::{Admitted, Join, Post, admit};
use crate::error::ApiError;

/// The fields of a frame that could not be read which its refusal should repeat.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clues {
    #[serde(rename = "type")]
    kind: Option<serde_json::Value>,
    client_id: Option<serde_json::Value>,
}

impl Session {
    pub(super) async fn take_full(&mut self, text: &str, out: &mut Vec<Utf8Bytes>) {
        match serde_json::from_str::<ClientFrame<'_>>(text) {
            Ok(ClientFrame::Join {
                room,
                epoch,
                after,
                event_id,
            }) => {
                let joined = self
                    .join_room(&room, epoch.as_deref(), after, event_id.as_deref())
                    .await;
                match joined {
                    Ok(frame) => out.push(frame),
                    Err(error) => out.push(encode(&error.to_frame_about(&room))),
                }
            }
            Ok(ClientFrame::Unsubscribe { room }) => self.feeds.retain(|feed| feed.room().as_str() != room),
            Ok(ClientFrame::Post {
                room,
                client_id,
                message,
            }) => {
                self.post_full(&room, &client_id, &message, out).await;
            }
            Ok(ClientFrame::Ping) => out.push(encode(&ServerFrame::Beat)),
            Err(error) => out.push(encode(&unreadable(text, &error).to_frame())),
        }
    }

    async fn join_room(
        &mut self,
        room: &str,
        epoch: Option<&str>,
        after: Option<u64>,
        event_id: Option<&str>,
    ) -> Result<Utf8Bytes, ApiError> {
        let Join { room, cursor } = Join::parse(room, epoch, after, event_id)?;
        let is_joined = self.feeds.iter().any(|feed| *feed.room() == room);
        if !is_joined && self.feeds.len() >= JOINED_ROOMS_MAX {
            return Err(ErrorCode::TooManyRooms.into());
        }
        let joined = self.join(&room, cursor).await?;
        // Joining again moves the cursor: what was joined before ends here.
        self.feeds.retain(|feed| *feed.room() != room);
        match joined {
            Joined::Resync => Ok(encode(&ServerFrame::Resync { room: &room })),
            Joined::Feed { feed, head } => {
                let epoch = self.state.chat.epoch();
                let frame = encode(&ServerFrame::Joined {
                    room: &room,
                    epoch,
                    seq: feed.cursor(),
                    head,
                });
                self.feeds.push(feed);
                Ok(frame)
            }
        }
    }

    async fn post_full(&mut self, room: &str, client_id: &str, message: &str, out: &mut Vec<Utf8Bytes>) {
        let named = |error: ApiError| encode(&error.with_client_id(client_id).to_frame());
        let post = match Post::parse(room, Some(client_id), message) {
            Ok(post) => post,
            Err(code) => return out.push(named(code.into())),
        };
        let client_id = post.client_id;
        let (inbox, signal) = (self.inbox.clone(), self.signal.clone());
        self.inbox.expect();
        let answer = move |outcome| {
            inbox.put(client_id, outcome);
            signal.wake();
        };
        match admit(&self.state, self.user_id, post, answer).await {
            Ok(Admitted::Submitted) => {}
            Ok(Admitted::Known(seq)) => {
                self.inbox.expect_no_more();
                out.push(encode(&ServerFrame::Ack { client_id, seq }));
            }
            Err(error) => {
                self.inbox.expect_no_more();
                out.push(named(error));
            }
        }
    }
}

/// Why a frame could not be read, with its `clientId` if it had one that can be repeated.
pub(crate) fn unreadable(text: &str, error: &serde_json::Error) -> ApiError {
    let Ok(clues) = serde_json::from_str::<Clues>(text) else {
        return if error.is_data() {
            ErrorCode::BadFrame
        } else {
            ErrorCode::BadJson
        }
        .into();
    };
    let known = clues
        .kind
        .as_ref()
        .and_then(|kind| kind.as_str())
        .map(|kind| ClientFrame::TYPES.contains(&kind));
    let code = if known == Some(false) {
        ErrorCode::UnknownType
    } else {
        ErrorCode::BadFrame
    };
    match clues.client_id.as_ref().and_then(|id| id.as_str()) {
        Some(client_id) => ApiError::from(code).with_client_id(client_id),
        None => code.into(),
    }
}
