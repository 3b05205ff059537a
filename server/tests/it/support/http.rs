//! HTTP/1.1, one request a connection, byte for byte: nothing between the test and the wire has an opinion.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::in_time;

/// A response, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// A header's value, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Asserts that this is a refusal with this status and code, as JSON.
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_eq!(body["type"], "error", "{body}");
        assert_eq!(body["code"], code, "{body}");
        assert!(
            body["message"].as_str().is_some_and(|text| text.ends_with('.')),
            "{body}"
        );
    }

    /// The response, once all of it is there; `None` before that.
    fn parse(bytes: &[u8], is_all: bool) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let rest = &bytes[end + 4..];
        let mut response = Self {
            status,
            headers,
            body: Vec::new(),
        };
        if response.header("transfer-encoding") == Some("chunked") {
            response.body = join_chunks(rest)?;
        } else if !is_all {
            let length: usize = response.header("content-length")?.parse().ok()?;
            response.body = rest.get(..length)?.to_vec();
        } else {
            response.body = rest.to_vec();
        }
        Some(response)
    }
}

/// Sends a request and reads the response to its end. Without a `Host` among the headers, the address is it.
pub(crate) async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("connection"))
    {
        head.push_str("Connection: close\r\n");
    }
    if !body.is_empty() || method == "POST" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    exchange(address, &bytes).await
}

/// Sends these bytes and reads the response to its end.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Response {
    match try_exchange(address, bytes).await {
        Ok(response) => response,
        Err(said) => panic!("no response: {said:?}"),
    }
}

/// As [`exchange`], where the server may go away meanwhile; the error is what it said instead of a response.
pub(crate) async fn try_exchange(address: SocketAddr, bytes: &[u8]) -> Result<Response, String> {
    let mut stream = TcpStream::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    // A server that has heard enough answers and closes without reading on: not an error here.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    loop {
        let read = in_time("the whole response", stream.read_buf(&mut answer)).await;
        let is_all = !matches!(read, Ok(1..));
        if let Some(response) = Response::parse(&answer, is_all) {
            return Ok(response);
        }
        if is_all {
            return Err(String::from_utf8_lossy(&answer).into_owned());
        }
    }
}

fn join_chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        let start = end + 2;
        joined.extend_from_slice(bytes.get(start..start + size)?);
        bytes = bytes.get(start + size + 2..)?;
    }
}
