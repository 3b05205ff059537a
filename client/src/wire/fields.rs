//! Parts of what is written: the fields of an object.

use protocol::ErrorCode;

use crate::wire::json::write_string;

/// Begins a frame; the caller adds fields and `}`.
pub(crate) fn begin(kind: &str) -> String {
    let mut frame = String::from(r#"{"type":"#);
    write_string(&mut frame, kind);
    frame
}

pub(crate) fn field(frame: &mut String, name: &str, text: &str) {
    frame.push(',');
    write_string(frame, name);
    frame.push(':');
    write_string(frame, text);
}

pub(crate) fn number(frame: &mut String, name: &str, number: u64) {
    frame.push(',');
    write_string(frame, name);
    frame.push(':');
    *frame += &number.to_string();
}

pub(crate) fn flag(frame: &mut String, name: &str, on: bool) {
    frame.push(',');
    write_string(frame, name);
    *frame += if on { ":true" } else { ":false" };
}

pub(crate) fn code(name: &str) -> Option<ErrorCode> {
    ErrorCode::ALL
        .iter()
        .copied()
        .find(|known| known.as_str() == name)
}
