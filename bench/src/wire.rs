//! Just enough of WebSocket (RFC 6455) to speak to servers we start ourselves: a client that costs little.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// Longest answer to an upgrade or to a small GET, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Longest body that is read, in bytes.
const BODY_BYTES_MAX: u64 = 1024 * 1024;
/// How long a server may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// A client masks what it sends; against a server on the same machine any key will do.
const MASK: [u8; 4] = [0x5a, 0x17, 0xc3, 0x88];

/// The kinds of frame (RFC 6455, section 5.2) that can arrive here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Close,
    Ping,
    Pong,
}

/// A whole frame at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: Kind,
    pub(crate) payload: &'a [u8],
    /// How many bytes it takes, header included.
    pub(crate) len: usize,
}

/// What a connection says of itself when it upgrades.
#[derive(Clone, Copy, Default)]
pub(crate) struct Introduction<'a> {
    pub(crate) cookie: Option<&'a str>,
    pub(crate) subprotocol: Option<&'a str>,
}

/// Opens a WebSocket at `/ws`; the socket, and what the server sent right behind its answer.
///
/// # Errors
/// When the server does not answer in time or not with 101.
pub(crate) fn open(address: SocketAddr, introduction: Introduction<'_>) -> Result<(TcpStream, Vec<u8>)> {
    let mut stream = connect(address)?;
    stream.write_all(upgrade_request(address, introduction).as_bytes())?;
    let (head, rest) = read_head(&mut stream)?;
    ensure!(
        is_switching(head.as_bytes()),
        "the server refused the upgrade: {head}"
    );
    Ok((stream, rest))
}

/// The request by which a connection becomes a WebSocket.
pub(crate) fn upgrade_request(address: SocketAddr, introduction: Introduction<'_>) -> String {
    // As the page asks: it hears how the rooms are that it does not show.
    let path = introduction.subprotocol.map_or("/ws", |_| "/ws?rooms=true");
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bWFkYW5nIGJlbmNobWFyaw==\r\n"
    );
    if let Some(cookie) = introduction.cookie {
        request += &format!("Cookie: {cookie}\r\n");
    }
    if let Some(subprotocol) = introduction.subprotocol {
        request += &format!("Sec-WebSocket-Protocol: {subprotocol}\r\n");
    }
    request + "\r\n"
}

/// Where the head of an answer ends in these bytes; `None` while it has not.
///
/// # Errors
/// When it is longer than any that is expected here.
pub(crate) fn head_end(bytes: &[u8]) -> Result<Option<usize>> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    ensure!(
        end.is_some() || bytes.len() <= ANSWER_BYTES_MAX,
        "the server's answer has no end"
    );
    Ok(end.map(|end| end + 4))
}

/// Whether an answer says that the connection is a WebSocket now.
pub(crate) fn is_switching(head: &[u8]) -> bool {
    head.starts_with(b"HTTP/1.1 101")
}

/// Asks `GET path` and gives the answer's head.
///
/// # Errors
/// When the server does not answer in time or not with 200.
pub(crate) fn get_head(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let (head, _) = read_head(&mut stream)?;
    ensure!(
        head.starts_with("HTTP/1.1 200"),
        "GET {path} was answered with: {head}"
    );
    Ok(head)
}

/// Asks `GET path` and gives the answer's body, of at most [`BODY_BYTES_MAX`].
///
/// # Errors
/// When the server does not answer in time or not with 200.
pub(crate) fn get_body(address: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut stream = connect(address)?;
    // Of HTTP/1.0, so that the body comes in one piece and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(BODY_BYTES_MAX).read_to_end(&mut answer)?;
    let end = head_end(&answer)?.with_context(|| format!("GET {path} was not answered"))?;
    let body = answer.split_off(end);
    let status = answer.split(|byte| *byte == b' ').nth(1);
    ensure!(
        status == Some(b"200"),
        "GET {path} was answered with: {}",
        String::from_utf8_lossy(&answer)
    );
    Ok(body)
}

/// The cookie that an answer sets, as it is sent back: `name=value`.
pub(crate) fn cookie_of(head: &str) -> Option<&str> {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie").then_some(value)
    })?;
    value.split(';').next().map(str::trim)
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT).context("connecting to the server")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
    Ok(stream)
}

fn read_head(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let read = stream
            .read(&mut chunk)
            .context("waiting for the server's answer")?;
        ensure!(read > 0, "the server closed the connection instead of answering");
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = head_end(&bytes)? {
            let rest = bytes.split_off(end);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
    }
}

/// Appends a masked text frame to `out`.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_frame(out, 0x1, text);
}

/// Appends a masked pong to `out`.
pub(crate) fn put_pong(out: &mut Vec<u8>, payload: &[u8]) {
    put_frame(out, 0xa, payload);
}

fn put_frame(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
}

/// The frame that `bytes` begin with; `None` while it is not complete.
///
/// # Errors
/// When it is something the servers here do not send: fragments, binary, masked or compressed frames.
pub(crate) fn first_frame(bytes: &[u8]) -> Result<Option<Frame<'_>>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let kind = match first {
        0x81 => Kind::Text,
        0x88 => Kind::Close,
        0x89 => Kind::Ping,
        0x8a => Kind::Pong,
        other => bail!("the server sent a frame that begins with {other:#04x}, which is not understood here"),
    };
    let (header, len) = match second {
        0..=125 => (2, usize::from(*second)),
        126 => {
            let Some(len) = rest.first_chunk() else {
                return Ok(None);
            };
            (4, usize::from(u16::from_be_bytes(*len)))
        }
        127 => {
            let Some(len) = rest.first_chunk() else {
                return Ok(None);
            };
            (10, usize::try_from(u64::from_be_bytes(*len))?)
        }
        _ => bail!("the server masks its frames"),
    };
    Ok(bytes.get(header..header + len).map(|payload| Frame {
        kind,
        payload,
        len: header + len,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_seen_only_when_all_of_it_is_there() {
        for len in [0, 1, 125, 126, 300, 70_000] {
            let payload = vec![b'x'; len];
            let mut bytes = vec![0x81];
            match len {
                0..=125 => bytes.push(len as u8),
                126..=0xffff => bytes.extend([&[126][..], &(len as u16).to_be_bytes()].concat()),
                _ => bytes.extend([&[127][..], &(len as u64).to_be_bytes()].concat()),
            }
            bytes.extend(&payload);
            for cut in [0, 1, 2, 3, bytes.len() - 1] {
                assert_eq!(
                    first_frame(&bytes[..cut.min(bytes.len() - 1)]).unwrap(),
                    None,
                    "{cut} of {len}"
                );
            }
            bytes.extend(b"\x89\x00");
            let frame = first_frame(&bytes).unwrap().unwrap();
            assert_eq!(
                (frame.kind, frame.payload, frame.len),
                (Kind::Text, &payload[..], bytes.len() - 2)
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error_and_not_a_miscount() {
        for bytes in [
            b"\x01\x01x",
            b"\x82\x01x",
            b"\xc1\x01x",
            b"\x81\x81x",
            b"\x80\x01x",
        ] {
            assert!(first_frame(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_cookie_is_taken_without_its_attributes() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: madang-1=a.b=; HttpOnly; Path=/\r\n\r\n";
        assert_eq!(cookie_of(head), Some("madang-1=a.b="));
        assert_eq!(cookie_of("HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
