//! Reading the log's stream, other than by following it.

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{LastRawMessageError, LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{Context, ErrorCode};
use bytes::Bytes;

use crate::error::Error;

/// The stream that is the log. Everything is asked of its leader: another server may not have all yet.
#[derive(Clone, Debug)]
pub struct LogStream {
    stream: Stream,
    context: Context,
}

/// The messages that a log has, all in between included: it is nothing's fault if there are others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first one's position; one more than the last while there is none.
    pub first: u64,
    /// The last one that was ever put in; 0 before the first.
    pub last: u64,
}

impl LogStream {
    pub(super) const fn new(stream: Stream, context: Context) -> Self {
        Self { stream, context }
    }

    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.stream.cached_info().config.name
    }

    /// When the stream was made, in nanoseconds since 1970, as NATS tells it: one that is made anew under the same name is
    /// another log.
    pub(crate) fn made(&self) -> i128 {
        self.stream.cached_info().created.unix_timestamp_nanos()
    }

    /// For consumers.
    pub const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// For messages that come of it.
    pub(crate) fn context(&self) -> Context {
        self.context.clone()
    }

    /// Which messages the log has now: none where the stream is gone.
    ///
    /// # Errors
    /// When the stream's leader does not say.
    pub async fn extent(&self) -> Result<Extent, Error> {
        let state = match self.context.get_stream(self.name()).await {
            Ok(stream) => stream.cached_info().state.clone(),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(inner) if inner.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    return Ok(Extent { first: 1, last: 0 });
                }
                _ => return Err(Error::nats("say what the log has", &error)),
            },
        };
        let last = state.last_sequence;
        let first = if state.messages == 0 {
            last + 1
        } else {
            state.first_sequence
        };
        Ok(Extent { first, last })
    }

    /// The message at a position, if the log has it.
    ///
    /// # Errors
    /// When the stream's leader does not say.
    pub async fn message(&self, position: u64) -> Result<Option<Bytes>, Error> {
        match self.stream.get_raw_message(position).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Error::nats("read a message of the log", &error)),
        }
    }
}

/// Whether a stream's leader says that it has no such message.
pub(crate) fn is_missing(error: &LastRawMessageError) -> bool {
    match error.kind() {
        LastRawMessageErrorKind::NoMessageFound => true,
        LastRawMessageErrorKind::JetStream(inner) => matches!(
            inner.error_code(),
            ErrorCode::NO_MESSAGE_FOUND | ErrorCode::SEQUENCE_NOT_FOUND
        ),
        _ => false,
    }
}
