//! Plain clients: what the original React component speaks.

use std::sync::LazyLock;

use axum::extract::ws::Utf8Bytes;
use chat::{JoinCursor, Joined, Outcome};
use protocol::{CloseCode, ErrorCode, RoomName, UserId};
use serde::Deserialize;

use super::{Ended, Session};
use crate::commands::{Admitted, Asked, admit};
use crate::telemetry::LineQuota;

/// What a plain client sends. It says who it is, too; it is not believed, so that is not read.
#[derive(Deserialize)]
struct PlainFrame {
    message: String,
}

/// The one frame that is not a message.
pub(super) fn greeting(user_id: UserId) -> Utf8Bytes {
    format!(r#"{{"type":"userId","userId":"{user_id}"}}"#).into()
}

fn overloaded(error: &chat::Error) -> Ended {
    tracing::warn!(%error, "the lobby could not be joined");
    Ended(CloseCode::Overloaded)
}

/// A plain client knows no `error` frame: the host reads it here.
pub(super) fn log_refusal(user_id: UserId, code: ErrorCode) {
    static QUOTA: LazyLock<LineQuota> = LazyLock::new(LineQuota::default);
    if let Some(left_out) = QUOTA.take() {
        tracing::info!(%user_id, code = code.as_str(), left_out, "a plain client's message was dropped");
    }
}

impl Session {
    pub(super) async fn follow_lobby(&mut self) -> Result<(), Ended> {
        match self.join(&RoomName::lobby(), JoinCursor::default()).await {
            Ok(Joined::Feed { feed, .. }) => self
                .sit_down(feed, false, 0)
                .await
                .map_err(|error| overloaded(&error)),
            Ok(Joined::Behind | Joined::Resync) => Err(Ended(CloseCode::InternalError)),
            Err(error) => Err(overloaded(&error)),
        }
    }

    pub(super) async fn take_plain(&mut self, text: &str) -> bool {
        let parsed = match serde_json::from_str::<PlainFrame>(text) {
            Ok(frame) => Asked::post(RoomName::LOBBY, None, &frame.message, None, &[]),
            Err(error) if error.is_data() => Err(ErrorCode::BadFrame),
            Err(_) => Err(ErrorCode::BadJson),
        };
        match parsed {
            Ok(asked) => self.post_plain(asked).await,
            Err(code) => {
                log_refusal(self.user_id, code);
                false
            }
        }
    }

    async fn post_plain(&mut self, asked: Asked) -> bool {
        let user_id = self.user_id;
        let (inbox, signal) = (self.inbox.clone(), self.signal.clone());
        self.inbox.expect();
        // A plain client is told nothing of it, so the session need not be woken for that.
        let answer = move |outcome: Outcome| {
            if let Err(refusal) = outcome {
                log_refusal(user_id, refusal.into());
            }
            if inbox.settle() {
                signal.wake();
            }
        };
        match admit(&self.state, self.user_id, asked, answer).await {
            Ok(Admitted::Submitted) => true,
            Ok(Admitted::TurnedAway) => false,
            Ok(Admitted::Known { is_charged, .. }) => {
                self.inbox.expect_no_more();
                is_charged
            }
            Err(error) => {
                self.inbox.expect_no_more();
                log_refusal(self.user_id, error.code);
                false
            }
        }
    }
}
