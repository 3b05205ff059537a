//! Joins that wait until this node has what their client has, from another node of the cluster.

use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use chat::{Chat, Signal};
use protocol::{ErrorCode, RoomName};
use tokio_util::task::AbortOnDropHandle;

use super::{Session, encode};
use crate::commands::Join;
use crate::error::ApiError;

/// A join that waits, in the order they came; no more of them, with the rooms that are joined, than a session may join.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) join: Join,
    pub(super) quiet: bool,
    /// What [`Chat::reached`] said, once the wait is over.
    reached: Arc<OnceLock<bool>>,
    /// Ends with what waits for it.
    _wait: AbortOnDropHandle<()>,
}

impl Parked {
    /// Waits for the room to come as far as the join's cursor, and wakes `signal` when it has, or will not.
    pub(super) fn begin(chat: Arc<Chat>, join: Join, quiet: bool, signal: Signal) -> Self {
        let reached = Arc::new(OnceLock::new());
        let (over, room) = (Arc::clone(&reached), join.room.clone());
        let seq = join.cursor.after.unwrap_or(0);
        let wait = tokio::spawn(async move {
            let reached = chat.reached(&room, seq).await;
            over.get_or_init(|| reached);
            signal.wake();
        });
        Self {
            join,
            quiet,
            reached,
            _wait: AbortOnDropHandle::new(wait),
        }
    }

    pub(super) fn is_of(&self, room: &str) -> bool {
        self.join.room.as_str() == room
    }

    fn is_over(&self) -> bool {
        self.reached.get().is_some()
    }
}

impl Session {
    /// Answers the joins whose wait is over.
    pub(super) async fn answer_parked(&mut self, out: &mut Vec<Utf8Bytes>) {
        while let Some(index) = self.parked.iter().position(Parked::is_over) {
            let Parked {
                join, quiet, reached, ..
            } = self.parked.remove(index);
            let room = join.room.clone();
            // It is asked once more, and told to come back where this node is behind still and may not be for ever.
            let answer = match self.try_join(join, quiet).await {
                Ok(Ok(frame)) => Ok(frame),
                Ok(Err(_)) if reached.get() == Some(&true) => Ok(self.resync(&room)),
                Ok(Err(_)) => Err(ErrorCode::Busy.into()),
                Err(error) => Err(error),
            };
            out.push(answer.unwrap_or_else(|error: ApiError| encode(&error.to_frame_about(room.as_str()))));
        }
        // What was needed once is not kept.
        if self.parked.is_empty() {
            self.parked = Vec::new();
        }
    }

    /// Something else is asked of a room: the join that waits there will not be carried out. It is answered all the same, for
    /// clients count the answers.
    pub(super) fn give_up_parked(&mut self, room: &str, out: &mut Vec<Utf8Bytes>) {
        let parked = self.parked.iter().position(|parked| parked.is_of(room));
        if let Some(index) = parked {
            let Parked { join, .. } = self.parked.remove(index);
            out.push(busy_about(&join.room));
        }
    }
}

fn busy_about(room: &RoomName) -> Utf8Bytes {
    encode(&ApiError::from(ErrorCode::Busy).to_frame_about(room.as_str()))
}
