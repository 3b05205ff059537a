//! Frames as text and as JSON.

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use protocol::ServerFrame;
use serde_json::value::RawValue;

/// A frame as text.
pub(crate) fn encode(frame: &ServerFrame<'_>) -> Utf8Bytes {
    // These types have no map whose keys are not strings and no float: they can always be written.
    serde_json::to_string(frame).unwrap_or_default().into()
}

/// A frame as JSON that goes into other JSON as it is.
pub(crate) fn encode_raw(frame: &ServerFrame<'_>) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(frame).ok()
}

/// A shared frame as text. Checks the bytes and copies none.
pub(super) fn text(frame: Bytes) -> Option<Utf8Bytes> {
    Utf8Bytes::try_from(frame).ok()
}
