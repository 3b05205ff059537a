//! From what came off the wire to a command on its way: parsed, within the rate, submitted.

use std::borrow::Cow;
use std::sync::Arc;

use chat::command::COMMAND_FORMAT;
use chat::{Action, Calls, Command, JoinCursor, Outcome, Refusal, Reply, ids, nfc};
use protocol::limits::MENTIONS_MAX;
use protocol::{ClientFrame, ClientId, Emoji, ErrorCode, MessageText, RoomName, Topic, UserId};

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

/// What somebody asks for, its every part what it should be.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client_id: ClientId,
    pub(crate) action: Action,
}

impl Asked {
    /// Takes a post from outside. Without a client id, one is made: such a post cannot be sent again safely.
    ///
    /// # Errors
    /// The code for the first part that is not what it should be.
    pub(crate) fn post(
        room: &str,
        client_id: Option<&str>,
        message: &str,
        reply_to: Option<u64>,
        mentions: &[Cow<'_, str>],
    ) -> Result<Self, ErrorCode> {
        let client_id = match client_id {
            Some(text) => text.parse().map_err(|_| ErrorCode::BadId)?,
            None => ids::client_id(),
        };
        let action = Action::Post {
            room: RoomName::parse(room)?,
            message: MessageText::parse(message)?,
            reply_to,
            calls: calls(mentions)?,
        };
        Ok(Self { client_id, action })
    }

    /// Takes what a frame of a full client asks for; `None` when it asks for nothing that is put in order.
    ///
    /// # Errors
    /// The code for the first part that is not what it should be.
    pub(crate) fn of(frame: &ClientFrame<'_>) -> Option<Result<Self, ErrorCode>> {
        let client_id = match frame.client_id() {
            Some(text) => text.parse().map_err(|_| ErrorCode::BadId),
            // What brings no id is not remembered by one.
            None => Ok(ids::client_id()),
        };
        let action = action(frame).transpose()?;
        Some(client_id.and_then(|client_id| action.map(|action| Self { client_id, action })))
    }
}

fn action(frame: &ClientFrame<'_>) -> Result<Option<Action>, ErrorCode> {
    let room = || RoomName::parse(frame.room().unwrap_or_default());
    Ok(Some(match frame {
        ClientFrame::Post {
            message,
            reply_to,
            mentions,
            ..
        } => Action::Post {
            room: room()?,
            message: MessageText::parse(message)?,
            reply_to: *reply_to,
            calls: calls(mentions)?,
        },
        ClientFrame::Edit {
            target,
            message,
            mentions,
            ..
        } => Action::Edit {
            room: room()?,
            target: *target,
            message: MessageText::parse(message)?,
            calls: calls(mentions)?,
        },
        ClientFrame::Delete { target, .. } => Action::Delete {
            room: room()?,
            target: *target,
        },
        ClientFrame::React {
            target, emoji, on, ..
        } => Action::React {
            room: room()?,
            target: *target,
            emoji: Emoji::parse(emoji)?,
            on: *on,
        },
        ClientFrame::Topic { topic, .. } => Action::SetTopic {
            room: room()?,
            topic: Topic::parse(topic)?,
        },
        ClientFrame::Rename { name, .. } => Action::Rename {
            name: nfc::name(name)?,
        },
        ClientFrame::Read { seq, .. } => Action::Read {
            room: room()?,
            seq: *seq,
        },
        ClientFrame::Unread { seq, .. } => Action::Unread {
            room: room()?,
            seq: *seq,
        },
        ClientFrame::Leave { .. } => Action::Leave { room: room()? },
        ClientFrame::Join { .. }
        | ClientFrame::Unsubscribe { .. }
        | ClientFrame::Typing { .. }
        | ClientFrame::Ping => return Ok(None),
    }))
}

/// The people whom a text calls by their ids.
fn calls(ids: &[Cow<'_, str>]) -> Result<Calls, ErrorCode> {
    if ids.len() > MENTIONS_MAX {
        return Err(ErrorCode::BadFrame);
    }
    let ids = ids.iter().map(|id| id.parse().map_err(|_| ErrorCode::BadId));
    Ok(Calls::of(ids.collect::<Result<_, _>>()?))
}

/// What became of it at the door.
pub(crate) enum Admitted {
    /// It is on its way; the answer comes through the reply.
    Submitted,
    /// The chat did not take it; the reply was called with the reason.
    TurnedAway,
    /// It is known already.
    Known {
        /// The seq it has.
        seq: u64,
        /// Whether it was within the author's rate.
        is_charged: bool,
    },
}

/// Lets it in: as its author, within their rate, which is one for everything. A repeat of what is known is answered without
/// being put in order, and is charged like anything else; beyond the rate it has one of its own. `answer` is called with the
/// outcome unless this returns [`Admitted::Known`] or an error.
///
/// # Errors
/// When it is not let in, with the time to wait where waiting helps.
pub(crate) async fn admit(
    state: &AppState,
    author: UserId,
    asked: Asked,
    answer: impl FnOnce(Outcome) + Send + 'static,
) -> Result<Admitted, ApiError> {
    let taken = state.post_limiter.take(author);
    let known = match taken {
        Ok(()) if !asked.action.is_remembered() => None,
        // Not to be had now is as good as not known: the writer looks it up too.
        Ok(()) => state.chat.recall(author, asked.client_id).await.unwrap_or(None),
        // Without a reader: what is refused must be cheap.
        Err(_) => (state.chat.remembered(author, asked.client_id))
            .filter(|_| state.repeat_limiter.take(author).is_ok()),
    };
    match (known, taken) {
        (Some(known), _) if known.digest == asked.action.digest() => {
            return Ok(Admitted::Known {
                seq: known.seq,
                is_charged: taken.is_ok(),
            });
        }
        (Some(_), _) => return Err(ErrorCode::ClientIdReused.into()),
        (None, Ok(())) => {}
        (None, Err(retry_after_ms)) => return Err(ApiError::rate_limited(retry_after_ms)),
    }
    // Not the whole state: a reply must not keep the chat alive that its writer belongs to.
    let limiter = Arc::clone(&state.post_limiter);
    let is_let_in = submit(state, author, asked, move |outcome| {
        if !is_charged(outcome) {
            limiter.give_back(author);
        }
        answer(outcome);
    });
    Ok(if is_let_in {
        Admitted::Submitted
    } else {
        Admitted::TurnedAway
    })
}

/// Whether it is charged: not what was refused for the server's reasons. But for a full disk, which may stay so for days:
/// nobody may ask without end meanwhile.
const fn is_charged(outcome: Outcome) -> bool {
    !matches!(outcome, Err(Refusal::Busy | Refusal::Unavailable))
}

/// Submits it, whatever the author's rate. `answer` is called with the outcome; a refusal at the door reaches it like
/// any other, and is told.
fn submit(
    state: &AppState,
    author: UserId,
    asked: Asked,
    answer: impl FnOnce(Outcome) + Send + 'static,
) -> bool {
    let command = Command {
        format: COMMAND_FORMAT,
        client_id: asked.client_id,
        author,
        event_id: ids::event_id(),
        at: ids::unix_ms(),
        action: asked.action,
    };
    state.chat.submit(command, Reply::new(answer)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_for_the_server_s_reasons_is_not_charged_but_for_a_full_disk() {
        for refusal in [Refusal::Busy, Refusal::Unavailable] {
            assert!(!is_charged(Err(refusal)));
        }
        for refusal in [Refusal::ReadOnly, Refusal::NoSuchMessage] {
            assert!(is_charged(Err(refusal)));
        }
    }
}
