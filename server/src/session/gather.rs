//! What a session writes: what is gathered into the transport's hands.

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use protocol::{CloseCode, ServerFrame};

use super::encoding::{encode, text};
use super::inbox::About;
use super::{Dialect, Ended, Ephemeral, Session};
use crate::error::ApiError;
use crate::limits::{GATHER_BYTES, PLAIN_LAG_EVENTS_MAX};

impl Session {
    /// Gathers what is to be written now: ephemeral state, answers, then events, about as much as is good to write at once.
    /// Nothing gathered means nothing is waiting.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub(crate) async fn gather(&mut self, out: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        // The events last: over an event stream the last one carries the cursor.
        self.gather_ephemeral(out, Ephemeral::News);
        self.gather_events(out).await
    }

    /// As [`Session::gather`], without who is here and who is typing.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub(crate) async fn gather_events(&mut self, out: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        self.hand_on_due_reads();
        self.gather_answers(out);
        if !self.parked.is_empty() {
            // Boxed, because hardly anybody ever waits.
            Box::pin(self.answer_parked(out)).await;
        }
        let mut frames: Vec<Bytes> = Vec::new();
        if let Some(personal) = &mut self.personal {
            personal
                .pull(&self.state.chat, &mut frames)
                .await
                .map_err(|error| {
                    tracing::warn!(%error, "a client could not be told how far it has read");
                    Ended(CloseCode::Overloaded)
                })?;
        }
        if let Some(followed) = &self.followed {
            followed.pull(&mut frames);
        }
        let pulled = self.pull_events(&mut frames).await;
        if self.dialect == Dialect::Plain {
            frames.retain(|frame| chat::is_message(frame));
        }
        // Also when one of the rooms could not be read: the cursor has moved on in the others.
        out.extend(frames.into_iter().filter_map(text));
        pulled
    }

    async fn pull_events(&mut self, frames: &mut Vec<Bytes>) -> Result<(), Ended> {
        let mut bytes = 0;
        for index in 0..self.subscriptions.len() {
            let feed = &mut self.subscriptions[index].feed;
            let lag = feed.lag();
            if lag == 0 {
                continue;
            }
            if self.dialect == Dialect::Plain && lag > PLAIN_LAG_EVENTS_MAX {
                return Err(Ended(CloseCode::Overloaded));
            }
            let known = frames.len();
            // Boxed: the ring has it, or else what is needed is large.
            if let Err(error) = Box::pin(feed.pull(&self.state.chat, frames)).await {
                tracing::warn!(%error, room = %feed.room(), "a client could not be caught up");
                return Err(Ended(CloseCode::Overloaded));
            }
            bytes += frames[known..].iter().map(Bytes::len).sum::<usize>();
            if bytes >= GATHER_BYTES {
                // The others come first the next time: a busy room keeps no other waiting.
                self.subscriptions.rotate_left(index + 1);
                break;
            }
        }
        Ok(())
    }

    /// Gathers who is here and who is typing, where it has changed. A plain client knows nothing of that.
    pub(crate) fn gather_ephemeral(&mut self, out: &mut Vec<Utf8Bytes>, which: Ephemeral) {
        if self.dialect == Dialect::Plain {
            return;
        }
        let mut frames: Vec<Bytes> = Vec::new();
        for subscription in &mut self.subscriptions {
            if let Some(here) = &subscription.here
                && subscription.has_ephemeral_news()
                && (which == Ephemeral::News || subscription.told == 0)
            {
                subscription.told = here.pull(subscription.told, &mut frames);
                subscription.is_up_to_date = true;
            }
        }
        out.extend(frames.into_iter().filter_map(text));
    }

    fn gather_answers(&self, out: &mut Vec<Utf8Bytes>) {
        self.inbox.drain(|about, outcome| match (about, outcome) {
            (About::Command(client_id), Ok(accepted)) => {
                out.push(encode(&ServerFrame::Ack {
                    client_id,
                    seq: accepted.seq,
                }));
            }
            (About::Command(client_id), Err(refusal)) => {
                out.push(encode(
                    &ApiError::from(self.state.code_of(refusal))
                        .with_client_id(&client_id.to_string())
                        .to_frame(),
                ));
            }
            (About::Position(room), Err(refusal)) => {
                out.push(encode(
                    &ApiError::from(self.state.code_of(refusal)).to_frame_about(room.as_str()),
                ));
            }
            (About::Position(_), Ok(_)) => {}
        });
    }
}
