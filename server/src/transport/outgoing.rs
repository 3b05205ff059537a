//! What a server sends on a WebSocket, as it stands on the wire (RFC 6455, section 5.2): unmasked, each message in one piece.

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use protocol::CloseCode;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::CloseCode as WireCode;

use crate::limits::PACKED_BYTES;

/// Hands whole frames to `put`, short ones together.
pub(super) fn pack(frames: impl Iterator<Item = Utf8Bytes>, mut put: impl FnMut(Bytes)) {
    let mut packed = Vec::new();
    for frame in frames {
        let frame = Bytes::from(frame);
        chat::framing::write_header(frame.len(), &mut packed);
        if frame.len() < PACKED_BYTES {
            packed.extend_from_slice(&frame);
        } else {
            // What is long is shared and not copied.
            put(std::mem::take(&mut packed).into());
            put(frame);
        }
        if packed.len() >= PACKED_BYTES {
            put(std::mem::take(&mut packed).into());
        }
    }
    if !packed.is_empty() {
        put(packed.into());
    }
}

pub(super) fn ping() -> Bytes {
    control(Frame::ping(Bytes::new()))
}

pub(super) fn pong(payload: &[u8]) -> Bytes {
    control(Frame::pong(payload.to_vec()))
}

pub(super) fn close(code: CloseCode) -> Bytes {
    control(Frame::close(Some(CloseFrame {
        code: code.code().into(),
        reason: code.reason().into(),
    })))
}

/// Answers the peer's close frame (RFC 6455, section 5.5.1): with the code that came, if that may come.
pub(super) fn close_answer(payload: &[u8]) -> Bytes {
    let code = match payload {
        [] => None,
        [high, low, reason @ ..] => {
            let code = WireCode::from(u16::from_be_bytes([*high, *low]));
            let is_right = code.is_allowed() && std::str::from_utf8(reason).is_ok();
            Some(if is_right { code } else { WireCode::Protocol })
        }
        [_] => Some(WireCode::Protocol),
    };
    control(Frame::close(code.map(|code| CloseFrame {
        code,
        reason: "".into(),
    })))
}

fn control(frame: Frame) -> Bytes {
    let mut bytes = Vec::with_capacity(frame.len());
    // Writing to a Vec cannot fail.
    let _ = frame.format(&mut bytes);
    bytes.into()
}
