//! What a client sends on a WebSocket, cut into messages (RFC 6455, sections 5.2 to 5.6). Reads no socket: bytes are put in
//! and messages come out, with every bound kept before what it bounds has arrived.

use std::io::Cursor;

use protocol::limits::FRAME_BYTES_MAX;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Bytes of the payload of a ping, pong or close frame (section 5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(String),
    Binary,
    /// To be answered with the same bytes.
    Ping(Vec<u8>),
    Pong,
    /// Of a message that goes on.
    Piece,
    /// The last there is, with its payload.
    Close(Vec<u8>),
}

/// Why what came cannot be read. Where the next message starts is not known then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// More than [`FRAME_BYTES_MAX`].
    TooBig,
    /// A text that is not UTF-8.
    NotText,
    /// No frames, or not in an order there can be; or the connection broke.
    Broken,
}

/// The bytes of an unfinished message. It holds no memory while there are none.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
    /// Where in `bytes` the next frame begins.
    next: usize,
    pieces: Option<Box<Pieces>>,
}

/// A message that comes in pieces.
#[derive(Debug)]
struct Pieces {
    is_text: bool,
    payload: Vec<u8>,
}

impl Incoming {
    /// Puts in what was read.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.next);
        self.next = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message; `None` until more is put in.
    ///
    /// # Errors
    /// When there will be no further messages.
    pub(crate) fn next(&mut self) -> Result<Option<Received>, Unreadable> {
        if let Some((header, payload)) = self.frame()? {
            return self.take(&header, payload).map(Some);
        }
        if self.next == self.bytes.len() {
            // What came in a burst is not kept.
            self.bytes = Vec::new();
            self.next = 0;
        }
        Ok(None)
    }

    /// The next frame, unmasked, if it is here whole.
    fn frame(&mut self) -> Result<Option<(FrameHeader, Vec<u8>)>, Unreadable> {
        let mut cursor = Cursor::new(&self.bytes[self.next..]);
        let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Unreadable::Broken)? else {
            return Ok(None);
        };
        let has_reserved = header.rsv1 || header.rsv2 || header.rsv3;
        let Some(mask) = header.mask.filter(|_| !has_reserved) else {
            return Err(Unreadable::Broken);
        };
        if matches!(header.opcode, OpCode::Control(_)) && (!header.is_final || length > CONTROL_BYTES_MAX) {
            return Err(Unreadable::Broken);
        }
        let known = self.pieces.as_ref().map_or(0, |pieces| pieces.payload.len());
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length.saturating_add(known) > FRAME_BYTES_MAX {
            return Err(Unreadable::TooBig);
        }
        let begin = self.next + usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        let Some(masked) = self.bytes.get(begin..begin + length) else {
            return Ok(None);
        };
        let payload = masked.iter().zip(mask.iter().cycle());
        let payload = payload.map(|(byte, mask)| byte ^ mask).collect();
        self.next = begin + length;
        Ok(Some((header, payload)))
    }

    /// What a frame is, or completes.
    fn take(&mut self, header: &FrameHeader, payload: Vec<u8>) -> Result<Received, Unreadable> {
        let (is_text, payload) = match header.opcode {
            OpCode::Control(Control::Ping) => return Ok(Received::Ping(payload)),
            OpCode::Control(Control::Pong) => return Ok(Received::Pong),
            OpCode::Control(Control::Close) => return Ok(Received::Close(payload)),
            OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => {
                return Err(Unreadable::Broken);
            }
            OpCode::Data(Data::Continue) => {
                let mut pieces = self.pieces.take().ok_or(Unreadable::Broken)?;
                pieces.payload.extend_from_slice(&payload);
                (pieces.is_text, pieces.payload)
            }
            OpCode::Data(kind) => {
                if self.pieces.is_some() {
                    return Err(Unreadable::Broken);
                }
                (kind == Data::Text, payload)
            }
        };
        if !header.is_final {
            self.pieces = Some(Box::new(Pieces { is_text, payload }));
            return Ok(Received::Piece);
        }
        if !is_text {
            return Ok(Received::Binary);
        }
        let text = String::from_utf8(payload).map_err(|_| Unreadable::NotText)?;
        Ok(Received::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTINUATION: u8 = 0;
    const TEXT: u8 = 1;
    const BINARY: u8 = 2;
    const CLOSE: u8 = 8;
    const PING: u8 = 9;

    fn frame(opcode: u8, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let mask = [7, 11, 13, 17];
        let mut header = Vec::new();
        chat::framing::write_header(payload.len(), &mut header);
        header[0] = opcode | if is_final { 0x80 } else { 0 };
        header[1] |= 0x80;
        header.extend_from_slice(&mask);
        header.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        header
    }

    fn all(incoming: &mut Incoming) -> Result<Vec<Received>, Unreadable> {
        let mut received = Vec::new();
        while let Some(next) = incoming.next()? {
            received.push(next);
        }
        Ok(received)
    }

    fn read(bytes: &[u8]) -> Result<Vec<Received>, Unreadable> {
        let mut incoming = Incoming::default();
        incoming.put(bytes);
        all(&mut incoming)
    }

    #[test]
    fn messages_come_out_the_same_however_the_bytes_are_cut() {
        let long = "마당 ".repeat(9_000);
        let bytes = [
            frame(TEXT, true, "안녕".as_bytes()),
            frame(PING, true, b"still there?"),
            frame(TEXT, false, &"가".as_bytes()[..2]),
            frame(PING, true, b""),
            frame(CONTINUATION, false, &"가".as_bytes()[2..]),
            frame(CONTINUATION, true, "나".as_bytes()),
            frame(BINARY, true, b"\xff"),
            frame(TEXT, true, long.as_bytes()),
            frame(10, true, b"pong"),
            frame(CLOSE, true, &1000_u16.to_be_bytes()),
        ]
        .concat();
        let expected = vec![
            Received::Text("안녕".to_owned()),
            Received::Ping(b"still there?".to_vec()),
            Received::Piece,
            Received::Ping(Vec::new()),
            Received::Piece,
            Received::Text("가나".to_owned()),
            Received::Binary,
            Received::Text(long),
            Received::Pong,
            Received::Close(1000_u16.to_be_bytes().to_vec()),
        ];
        assert_eq!(read(&bytes).as_ref(), Ok(&expected));
        for piece in [1, 2, 3, 7, 1_000] {
            let mut incoming = Incoming::default();
            let mut received = Vec::new();
            for bytes in bytes.chunks(piece) {
                incoming.put(bytes);
                received.extend(all(&mut incoming).unwrap());
            }
            assert_eq!(received, expected, "in pieces of {piece}");
            assert_eq!(incoming.bytes.capacity(), 0, "nothing is kept");
        }
    }

    #[test]
    fn what_is_too_big_is_known_by_its_header() {
        let whole = frame(TEXT, true, &vec![b'a'; FRAME_BYTES_MAX + 1]);
        assert_eq!(read(&whole[..14]), Err(Unreadable::TooBig));
        let half = vec![b'a'; FRAME_BYTES_MAX / 2 + 1];
        let pieces = [frame(TEXT, false, &half), frame(CONTINUATION, true, &half)].concat();
        assert_eq!(read(&pieces[..half.len() + 30]), Err(Unreadable::TooBig));
        let largest = frame(TEXT, true, &vec![b'a'; FRAME_BYTES_MAX]);
        assert_eq!(read(&largest).unwrap().len(), 1);
    }

    #[test]
    fn what_no_client_may_send_is_told_apart() {
        let unmasked = b"\x81\x02{}".to_vec();
        let begun_twice = [frame(TEXT, false, b"a"), frame(TEXT, true, b"b")].concat();
        for bytes in [
            unmasked,
            frame(0x40 | TEXT, true, b"{}"),
            frame(CONTINUATION, true, b"{}"),
            frame(PING, true, &[0; 126]),
            frame(PING, false, b""),
            frame(3, true, b""),
            frame(11, true, b""),
            begun_twice,
        ] {
            assert_eq!(read(&bytes), Err(Unreadable::Broken), "{bytes:?}");
        }
        assert_eq!(read(&frame(TEXT, true, b"\xff")), Err(Unreadable::NotText));
        let cut_letter = [
            frame(TEXT, false, "가".as_bytes()),
            frame(CONTINUATION, true, &[0xea]),
        ];
        assert_eq!(read(&cut_letter.concat()), Err(Unreadable::NotText));
    }
}
