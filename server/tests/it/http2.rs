//! WebSocket over HTTP/2, in clear text: Extended CONNECT (RFC 8441).

use std::time::Instant;

use crate::support::{Server, Visitor, client_id, in_time, is_ephemeral, raw_frame};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::ext::Protocol;
use hyper::{Method, Request, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use protocol::limits::FRAME_BYTES_MAX;
use serde_json::{Value, json};
use server::limits::{FRAMES_AT_ONCE, FRAMES_PER_SECOND};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Bytes, Message};

type Sender = hyper::client::conn::http2::SendRequest<String>;

/// One HTTP/2 connection with prior knowledge.
async fn connect(server: &Server) -> Sender {
    let stream = TokioIo::new(TcpStream::connect(server.address()).await.unwrap());
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

/// A WebSocket as one stream of the connection.
async fn open(
    sender: &mut Sender,
    server: &Server,
    headers: &[(&str, &str)],
) -> Result<WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>, StatusCode> {
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://{}/ws", server.address()))
        .version(Version::HTTP_2)
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender.ready().await.unwrap();
    let mut response = sender
        .send_request(request.body(String::new()).unwrap())
        .await
        .unwrap();
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    let upgraded = hyper::upgrade::on(&mut response).await.unwrap();
    Ok(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await)
}

async fn frame(socket: &mut WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>) -> Value {
    loop {
        let message = in_time("a frame over HTTP/2", socket.next())
            .await
            .unwrap()
            .unwrap();
        if let Message::Text(text) = message {
            let frame = serde_json::from_str(&text).unwrap();
            if !is_ephemeral(&frame) {
                return frame;
            }
        }
    }
}

#[tokio::test]
async fn two_clients_chat_as_two_streams_of_one_connection() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let mut sender = connect(&server).await;
    let full = [
        ("sec-websocket-protocol", "madang.v1"),
        ("cookie", cookie.as_str()),
    ];
    let mut one = open(&mut sender, &server, &full).await.unwrap();
    let mut plain = open(&mut sender, &server, &[]).await.unwrap();
    assert_eq!(frame(&mut one).await["userId"], visitor.user_id().await.as_str());
    assert_eq!(frame(&mut plain).await["type"], "userId");
    one.send(Message::text(
        json!({ "type": "join", "room": "lobby" }).to_string(),
    ))
    .await
    .unwrap();
    assert_eq!(frame(&mut one).await["type"], "joined");
    let post = json!({ "type": "post", "room": "lobby", "clientId": client_id(), "message": "둘째 판" });
    one.send(Message::text(post.to_string())).await.unwrap();
    assert_eq!(frame(&mut plain).await["message"], "둘째 판");
    let answers = [frame(&mut one).await, frame(&mut one).await];
    for kind in ["ack", "message"] {
        assert!(answers.iter().any(|answer| answer["type"] == kind), "{answers:?}");
    }
}

#[tokio::test]
async fn what_a_stream_says_beyond_its_budget_is_left_unread() {
    const BEYOND: u32 = 50;
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let full = [
        ("sec-websocket-protocol", "madang.v1"),
        ("cookie", cookie.as_str()),
    ];
    let mut sender = connect(&server).await;
    let pings = raw_frame(9, true, b"?").repeat((FRAMES_AT_ONCE + BEYOND) as usize);
    let last = raw_frame(1, true, br#"{"type":"ping"}"#);
    let pieces = raw_frame(0, false, b"").repeat((FRAMES_AT_ONCE + BEYOND) as usize);
    let (begin, end) = (
        raw_frame(1, false, b""),
        raw_frame(0, true, br#"{"type":"ping"}"#),
    );
    for bytes in [[pings, last].concat(), [begin, pieces, end].concat()] {
        let began = Instant::now();
        let mut socket = open(&mut sender, &server, &full).await.unwrap();
        socket.get_mut().write_all(&bytes).await.unwrap();
        while frame(&mut socket).await["type"] != "beat" {}
        let most = (began.elapsed().as_secs_f64() * f64::from(FRAMES_PER_SECOND)) as u32 + 1;
        assert!(
            BEYOND < most,
            "{BEYOND} frames too many were read where {most} may be"
        );
    }
}

#[tokio::test]
async fn a_stream_is_pinged_back_and_its_goodbye_is_answered() {
    let server = Server::start().await;
    let mut sender = connect(&server).await;
    let mut socket = open(&mut sender, &server, &[]).await.unwrap();
    assert_eq!(frame(&mut socket).await["type"], "userId");
    let payload = Bytes::from_static(b"still there?");
    socket.send(Message::Ping(payload.clone())).await.unwrap();
    let pong = in_time("a pong", socket.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong(payload));
    socket.close(None).await.unwrap();
    let goodbye = in_time("a goodbye", socket.next()).await.unwrap().unwrap();
    assert!(goodbye.is_close(), "{goodbye:?}");
    assert!(in_time("the end", socket.next()).await.is_none());
}

#[tokio::test]
async fn what_cannot_be_read_ends_its_stream_and_no_other() {
    let server = Server::start().await;
    let mut sender = connect(&server).await;
    let mut socket = open(&mut sender, &server, &[]).await.unwrap();
    let mut other = open(&mut sender, &server, &[]).await.unwrap();
    assert_eq!(frame(&mut socket).await["type"], "userId");
    assert_eq!(frame(&mut other).await["type"], "userId");
    let too_big = raw_frame(1, true, &vec![b'a'; FRAME_BYTES_MAX + 1]);
    socket.get_mut().write_all(&too_big[..1_000]).await.unwrap();
    let closed = in_time("a goodbye", socket.next()).await.unwrap().unwrap();
    let Message::Close(Some(closed)) = closed else {
        panic!("{closed:?}");
    };
    assert_eq!(u16::from(closed.code), 1009);
    let post = json!({ "message": "goes on" });
    other.send(Message::text(post.to_string())).await.unwrap();
    assert_eq!(frame(&mut other).await["message"], "goes on");
}

#[tokio::test]
async fn the_rules_for_identity_and_origin_are_the_same() {
    let server = Server::start().await;
    let mut sender = connect(&server).await;
    let full = open(&mut sender, &server, &[("sec-websocket-protocol", "madang.v1")]).await;
    assert_eq!(full.err(), Some(StatusCode::UNAUTHORIZED));
    let foreign = open(&mut sender, &server, &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.err(), Some(StatusCode::FORBIDDEN));
    assert!(open(&mut sender, &server, &[]).await.is_ok());
}
