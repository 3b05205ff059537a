//! A WebSocket, and what is heard on it.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::in_time;

/// What comes out of a socket. Pings are answered and not shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Received {
    /// A text frame with JSON in it.
    Frame(Value),
    /// A close frame with its code.
    Closed(u16),
    /// The end, without a close frame.
    Gone,
}

/// A WebSocket of a client's.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens one.
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, address, path, headers).await
    }

    /// Opens one whose receive buffer in the kernel is small, so that not reading is soon felt at the other end.
    pub(crate) async fn open_narrow(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self::over(stream, address, path, headers).await
    }

    async fn over(stream: TcpStream, address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        stream.set_nodelay(true).unwrap();
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(
                name.parse::<HeaderName>().unwrap(),
                value.parse::<HeaderValue>().unwrap(),
            );
        }
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024);
        let opening = client_async_with_config(request, stream, Some(config));
        match in_time("a socket to open", opening).await {
            Ok((stream, _)) => Self { stream },
            Err(Error::Http(response)) => panic!("the socket was refused with {}", response.status()),
            Err(error) => panic!("the socket did not open: {error}"),
        }
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.stream.send(Message::text(text.into())).await.unwrap();
    }

    /// Sends unless the connection is gone; false when it is.
    pub(crate) async fn try_send(&mut self, text: impl Into<String>) -> bool {
        self.stream.send(Message::text(text.into())).await.is_ok()
    }

    pub(crate) async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.stream
            .send(Message::binary(Bytes::from_static(bytes)))
            .await
            .unwrap();
    }

    /// Writes bytes past the library: what a broken client sends.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        // The server may have heard enough before all of it is written.
        let _ = self.stream.get_mut().write_all(bytes).await;
    }

    /// Pings as the protocol does and waits for the pong: what it carries.
    pub(crate) async fn ping(&mut self, payload: &'static [u8]) -> Vec<u8> {
        self.stream
            .send(Message::Ping(Bytes::from_static(payload)))
            .await
            .unwrap();
        match in_time("a pong", self.stream.next()).await {
            Some(Ok(Message::Pong(payload))) => payload.to_vec(),
            other => panic!("a pong was expected, not {other:?}"),
        }
    }

    /// Begins the closing handshake.
    pub(crate) async fn close(&mut self) {
        self.stream.close(None).await.unwrap();
    }

    /// What comes next, however it looks.
    pub(crate) async fn hear(&mut self) -> Received {
        in_time("something on a socket", self.hear_forever()).await
    }

    /// As [`Socket::hear`], without a bound on the time.
    pub(crate) async fn hear_forever(&mut self) -> Received {
        loop {
            return match self.stream.next().await {
                Some(Ok(Message::Text(text))) => Received::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => {
                    Received::Closed(frame.map_or(1005, |frame| frame.code.into()))
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("the server sends text only, not {other:?}"),
                None | Some(Err(_)) => Received::Gone,
            };
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Received::Frame(frame) => frame,
            end => panic!("a frame was expected, not {end:?}"),
        }
    }
}

/// A frame as it stands on the wire, masked with zeros (RFC 6455, section 5.2).
pub(crate) fn raw_frame(opcode: u8, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![opcode | if is_final { 0x80 } else { 0 }];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => frame.push(0x80 | length.to_be_bytes()[1]),
        Ok(length) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}
