//! From what came off the wire to a command on its way: parsed, within the rate, submitted.

use std::sync::Arc;

use chat::command::COMMAND_FORMAT;
use chat::{Action, Command, JoinCursor, Outcome, Reply, mint};
use protocol::{ClientId, ErrorCode, MessageText, RoomName, UserId};

use crate::error::ApiError;
use crate::state::AppState;

/// A join whose every part is what it should be.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) room: RoomName,
    pub(crate) cursor: JoinCursor,
}

impl Join {
    /// Takes a join from outside.
    ///
    /// # Errors
    /// The code for the first part that is not what it should be.
    pub(crate) fn parse(
        room: &str,
        epoch: Option<&str>,
        after: Option<u64>,
        event_id: Option<&str>,
    ) -> Result<Self, ErrorCode> {
        let cursor = JoinCursor {
            epoch: epoch.map(str::parse).transpose().map_err(|_| ErrorCode::BadId)?,
            after,
            event_id: event_id
                .map(str::parse)
                .transpose()
                .map_err(|_| ErrorCode::BadId)?,
        };
        Ok(Self {
            room: RoomName::parse(room)?,
            cursor,
        })
    }
}

/// A post whose every part is what it should be.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) client_id: ClientId,
    pub(crate) action: Action,
}

impl Post {
    /// Takes a post from outside. Without a client id, one is made: such a post cannot be sent again safely.
    ///
    /// # Errors
    /// The code for the first part that is not what it should be.
    pub(crate) fn parse(room: &str, client_id: Option<&str>, message: &str) -> Result<Self, ErrorCode> {
        let client_id = match client_id {
            Some(text) => text.parse().map_err(|_| ErrorCode::BadId)?,
            None => mint::client_id(),
        };
        let room = RoomName::parse(room)?;
        let message = MessageText::parse(message)?;
        Ok(Self {
            client_id,
            action: Action::Post { room, message },
        })
    }
}

/// What became of a post at the door.
pub(crate) enum Admitted {
    /// It is on its way; the answer comes through the reply.
    Submitted,
    /// It is known already: the seq it has.
    Known(u64),
}

/// Lets a post in: as its author, within their rate. A repeat of what is known costs nothing and is answered
/// whatever the rate. `answer` is called with the outcome unless this returns [`Admitted::Known`] or an error.
///
/// # Errors
/// When it is not let in, with the time to wait where waiting helps.
pub(crate) async fn admit(
    state: &AppState,
    author: UserId,
    post: Post,
    answer: impl FnOnce(Outcome) + Send + 'static,
) -> Result<Admitted, ApiError> {
    if let Err(retry_after_ms) = state.post_limiter.take(author) {
        return match state.chat.known(author, post.client_id).await? {
            Some(known) if known.digest == post.action.digest() => Ok(Admitted::Known(known.seq)),
            Some(_) => Err(ErrorCode::ClientIdReused.into()),
            None => Err(ApiError {
                retry_after_ms: Some(retry_after_ms),
                ..ErrorCode::RateLimited.into()
            }),
        };
    }
    let command = Command {
        format: COMMAND_FORMAT,
        client_id: post.client_id,
        author,
        event_id: mint::event_id(),
        at: mint::unix_ms(),
        action: post.action,
    };
    // Not the whole state: a reply must not keep the chat alive that its writer belongs to.
    let limiter = Arc::clone(&state.post_limiter);
    let reply = Reply::new(move |outcome| {
        if !matches!(outcome, Ok(accepted) if !accepted.repeated) {
            limiter.give_back(author);
        }
        answer(outcome);
    });
    // A refusal at the door reaches `answer` like any other.
    let _ = state.chat.submit(command, reply);
    Ok(Admitted::Submitted)
}
