//! The header of a frame as a WebSocket carries it (RFC 6455, section 5.2). A server's frames are not masked, so they are the
//! same bytes for everybody and can be made once.

/// The first byte of a text frame that is whole.
const WHOLE_TEXT: u8 = 0x81;

/// Appends the header of a text frame of so many bytes.
pub fn write_header(length: usize, out: &mut Vec<u8>) {
    out.push(WHOLE_TEXT);
    match u16::try_from(length) {
        Ok(length @ 0..=125) => out.push(length.to_le_bytes()[0]),
        Ok(length) => {
            out.push(126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// How long the header is with which this frame begins.
pub(crate) fn header_bytes(frame: &[u8]) -> usize {
    match frame.get(1) {
        Some(126) => 4,
        Some(127) => 10,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_as_long_as_it_says() {
        for (length, expected) in [
            (0, 2),
            (125, 2),
            (126, 4),
            (65_535, 4),
            (65_536, 10),
            (1 << 20, 10),
        ] {
            let mut header = Vec::new();
            write_header(length, &mut header);
            assert_eq!(header.len(), expected, "{length}");
            assert_eq!(header_bytes(&header), expected, "{length}");
            let said = match expected {
                2 => u64::from(header[1]),
                4 => u64::from(u16::from_be_bytes([header[2], header[3]])),
                _ => u64::from_be_bytes(header[2..].try_into().unwrap()),
            };
            assert_eq!(said, length as u64);
        }
    }
}
