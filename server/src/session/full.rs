//! Full clients: the frames of `madang.v1`.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use chat::{Action, Joined, PersonFeed};
use protocol::limits::JOINED_ROOMS_MAX;
use protocol::{ClientFrame, ErrorCode, RoomName, ServerFrame};
use tokio::time::{Instant, sleep_until};

use super::inbox::About;
use super::parked::Parked;
use super::reads::Read;
use super::{Session, encode};
use crate::commands::{Admitted, Asked, Join, admit};
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
    pub(super) async fn take_full(&mut self, text: &str, out: &mut Vec<Utf8Bytes>) -> bool {
        match serde_json::from_str::<ClientFrame<'_>>(text) {
            Ok(ClientFrame::Join {
                room,
                epoch,
                after,
                event_id,
                quiet,
            }) => {
                let joined = match Join::parse(&room, epoch.as_deref(), after, event_id.as_deref()) {
                    Ok(join) => {
                        self.give_up_parked(join.room.as_str(), out);
                        self.join_room(join, quiet).await
                    }
                    Err(code) => Err(code.into()),
                };
                match joined {
                    Ok(frame) => out.extend(frame),
                    Err(error) => out.push(encode(&error.to_frame_about(&room))),
                }
            }
            Ok(ClientFrame::Unsubscribe { room }) => {
                self.give_up_parked(&room, out);
                self.stand_up(&room);
                self.drop_marked_reads();
                if let Some((room, seq)) = self.reads.take_of(&room) {
                    self.hand_on_read(room, seq);
                }
                self.state.chat.hasten_reading(self.user_id);
            }
            Ok(ClientFrame::Typing { room, on }) => self.type_in(&room, on),
            Ok(ClientFrame::Ping) => out.push(encode(&ServerFrame::Beat)),
            Ok(frame) => return self.ask(&frame, out).await,
            Err(error) => out.push(encode(&unreadable(text, &error).to_frame())),
        }
        false
    }

    /// The answer to a join; `None` when there is none yet, because this node has to come as far as the client first.
    async fn join_room(&mut self, join: Join, quiet: bool) -> Result<Option<Utf8Bytes>, ApiError> {
        let is_joined = self
            .subscriptions
            .iter()
            .any(|subscription| subscription.is_of(join.room.as_str()));
        if !is_joined && self.subscriptions.len() + self.parked.len() >= JOINED_ROOMS_MAX {
            return Err(ErrorCode::TooManyRooms.into());
        }
        Ok(match self.try_join(join, quiet).await? {
            Ok(frame) => Some(frame),
            Err(join) => {
                let (chat, signal) = (Arc::clone(&self.state.chat), self.signal.clone());
                self.parked.push(Parked::begin(chat, join, quiet, signal));
                None
            }
        })
    }

    /// The answer to a join with a cursor of other history.
    pub(super) fn resync(&mut self, room: &RoomName) -> Utf8Bytes {
        self.stand_up(room.as_str());
        encode(&ServerFrame::Resync { room })
    }

    /// The answer to a join; the join where this node is behind.
    pub(super) async fn try_join(
        &mut self,
        join: Join,
        quiet: bool,
    ) -> Result<Result<Utf8Bytes, Join>, ApiError> {
        let Join { room, cursor } = join;
        match self.join(&room, cursor).await? {
            Joined::Behind => Ok(Err(Join { room, cursor })),
            Joined::Resync => Ok(Ok(self.resync(&room))),
            Joined::Feed { feed, head } => {
                let epoch = self.state.chat.epoch();
                let frame = encode(&ServerFrame::Joined {
                    room: &room,
                    epoch,
                    seq: feed.cursor(),
                    head,
                });
                // Joining again moves the cursor.
                self.sit_down(feed, quiet, 0).await?;
                Ok(Ok(frame))
            }
        }
    }

    /// Only where the person is seen: a subscription that only counts is not presence.
    fn type_in(&self, room: &str, on: bool) {
        let subscription = self
            .subscriptions
            .iter()
            .find(|subscription| subscription.is_of(room));
        if let Some(subscription) = subscription.filter(|subscription| subscription.here.is_some()) {
            self.state
                .chat
                .set_typing(subscription.feed.room(), self.user_id, on);
        }
    }

    /// Takes a frame that asks for something which is put in order. Says whether it was within the rate for that.
    async fn ask(&mut self, frame: &ClientFrame<'_>, out: &mut Vec<Utf8Bytes>) -> bool {
        match Asked::of(frame) {
            None => {}
            Some(Err(code)) => out.push(refusal(frame, code.into())),
            Some(Ok(asked)) => match &asked.action {
                Action::Read { room, seq } => self.read(room, *seq),
                Action::Unread { room, .. } | Action::Leave { room } => {
                    self.reads.forget(room);
                    let about = About::Position(room.clone());
                    return self.admit(frame, asked, about, out).await;
                }
                _ => {
                    let about = About::Command(asked.client_id);
                    return self.admit(frame, asked, about, out).await;
                }
            },
        }
        false
    }

    async fn admit(
        &self,
        frame: &ClientFrame<'_>,
        asked: Asked,
        about: About,
        out: &mut Vec<Utf8Bytes>,
    ) -> bool {
        let client_id = asked.client_id;
        let (inbox, signal) = (self.inbox.clone(), self.signal.clone());
        self.inbox.expect();
        let answer = move |outcome| {
            inbox.put(about, outcome);
            signal.wake();
        };
        match admit(&self.state, self.user_id, asked, answer).await {
            Ok(Admitted::Submitted) => true,
            Ok(Admitted::TurnedAway) => false,
            Ok(Admitted::Known { seq, is_charged }) => {
                self.inbox.expect_no_more();
                out.push(encode(&ServerFrame::Ack { client_id, seq }));
                is_charged
            }
            Err(error) => {
                self.inbox.expect_no_more();
                out.push(refusal(frame, error));
                false
            }
        }
    }

    fn read(&mut self, room: &RoomName, seq: u64) {
        let was_marked = |personal: &mut PersonFeed| personal.marked().contains(room);
        if self.personal.as_mut().is_some_and(was_marked) {
            // It was said before the client knew.
            return;
        }
        match self.reads.take(room, seq, Instant::now()) {
            Read::Now => self.hand_on_read(room.clone(), seq),
            Read::Later(due) => {
                let signal = self.signal.clone();
                // Whoever carries the session waits for the signal alone.
                tokio::spawn(async move {
                    sleep_until(due).await;
                    signal.wake();
                });
            }
            Read::Nothing => {}
        }
    }
}

/// A refusal that says what it is about: the `clientId` where there is one, else the room.
fn refusal(frame: &ClientFrame<'_>, error: ApiError) -> Utf8Bytes {
    match (frame.client_id(), frame.room()) {
        (Some(client_id), _) => encode(&error.with_client_id(client_id).to_frame()),
        (None, Some(room)) => encode(&error.to_frame_about(room)),
        (None, None) => encode(&error.to_frame()),
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
