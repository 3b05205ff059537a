//! Reading a request's body: bounded in bytes and in time.

use std::error::Error as _;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use protocol::ErrorCode;
use protocol::limits::FRAME_BYTES_MAX;

use crate::limits::BODY_READ_SECONDS_MAX;

/// Reads a whole body.
///
/// # Errors
/// [`ErrorCode::TooBig`] above `bytes_max`; [`ErrorCode::BadFrame`] when it does not arrive whole, or not in
/// [`BODY_READ_SECONDS_MAX`].
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, ErrorCode> {
    use axum::body::HttpBody as _;
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(ErrorCode::TooBig);
    }
    let read = to_bytes(body, bytes_max);
    match tokio::time::timeout(Duration::from_secs(BODY_READ_SECONDS_MAX), read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.source().is_some_and(|cause| cause.is::<LengthLimitError>()) => {
            Err(ErrorCode::TooBig)
        }
        Ok(Err(_)) | Err(_) => Err(ErrorCode::BadFrame),
    }
}

/// Reads a body that is one JSON value.
///
/// # Errors
/// As [`read`], and [`ErrorCode::Binary`], [`ErrorCode::BadJson`] or [`ErrorCode::BadFrame`].
pub(crate) async fn read_json<T: serde::de::DeserializeOwned>(body: Body) -> Result<T, ErrorCode> {
    let bytes = read(body, FRAME_BYTES_MAX).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ErrorCode::Binary)?;
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            ErrorCode::BadFrame
        } else {
            ErrorCode::BadJson
        }
    })
}
