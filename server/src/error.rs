//! How a refusal leaves over HTTP: a status, and the same `error` frame as on a socket for a body.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::{ErrorCode, ServerFrame};

use crate::limits::{BUSY_RETRY_AFTER_MS, READ_ONLY_RETRY_AFTER_MS, UNAVAILABLE_RETRY_AFTER_MS};

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) client_id: Option<String>,
    pub(crate) retry_after_ms: Option<u64>,
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            client_id: None,
            retry_after_ms: retry_after_ms(code),
        }
    }
}

impl From<chat::Error> for ApiError {
    fn from(error: chat::Error) -> Self {
        match error {
            chat::Error::Busy | chat::Error::Closed => ErrorCode::Busy.into(),
            error => {
                tracing::error!(%error, "the database could not be read");
                ErrorCode::Internal.into()
            }
        }
    }
}

impl ApiError {
    /// Somebody's rate is used up, for so long.
    pub(crate) fn rate_limited(retry_after_ms: u64) -> Self {
        Self {
            retry_after_ms: Some(retry_after_ms),
            ..ErrorCode::RateLimited.into()
        }
    }

    /// Repeats the `clientId` of what was refused, unless it is longer than any id.
    pub(crate) fn with_client_id(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id).filter(|id| id.len() <= 64).map(str::to_owned);
        self
    }

    /// The frame.
    pub(crate) fn to_frame(&self) -> ServerFrame<'_> {
        ServerFrame::Error {
            code: self.code,
            message: self.code.sentence(),
            client_id: self.client_id.as_deref(),
            room: None,
            retry_after_ms: self.retry_after_ms,
        }
    }

    /// The frame, about a room; a name that is longer than any room's is not repeated.
    pub(crate) fn to_frame_about<'a>(&'a self, of: &'a str) -> ServerFrame<'a> {
        let mut frame = self.to_frame();
        if let ServerFrame::Error { room, .. } = &mut frame {
            *room = Some(of).filter(|of| of.len() <= 256);
        }
        frame
    }
}

/// When the same thing may be tried again, where the code alone says it.
pub(crate) const fn retry_after_ms(code: ErrorCode) -> Option<u64> {
    match code {
        ErrorCode::Busy => Some(BUSY_RETRY_AFTER_MS),
        ErrorCode::ReadOnly => Some(READ_ONLY_RETRY_AFTER_MS),
        ErrorCode::Unavailable => Some(UNAVAILABLE_RETRY_AFTER_MS),
        _ => None,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.to_frame())).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(ms) = self.retry_after_ms {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}
