//! Connections that do not behave: bounded in time and in bytes, at nobody else's cost.

use std::time::Duration;

use crate::support::{FullClient, PlainClient, Server, Setup, Visitor, exchange, in_time, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Reads until the server ends the connection: what it said.
async fn until_closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let _ = in_time("the server to close", stream.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_connection_whose_request_does_not_come_whole_is_closed() {
    let server = Server::start().await;
    let beginnings: [&[u8]; 5] = [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HT",
    ];
    let mut streams = Vec::new();
    for bytes in beginnings {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        streams.push(stream);
    }
    let closed = streams.into_iter().map(until_closed);
    let (closed, ()) = tokio::join!(futures_util::future::join_all(closed), drip(&server));
    for said in closed {
        assert!(!said.contains("200 OK"), "{said}");
    }
    Visitor::known(&server).await;
}

/// Sends a head byte by byte until the server ends the connection.
async fn drip(server: &Server) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let beginning = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
    stream.write_all(beginning).await.unwrap();
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    let dripping = async {
        let mut said = [0; 64];
        loop {
            tokio::select! {
                _ = tick.tick() => if stream.write_all(b"x").await.is_err() { return },
                read = stream.read(&mut said) => if matches!(read, Ok(0) | Err(_)) { return },
            }
        }
    };
    in_time("the server to close", dripping).await;
}

#[tokio::test]
async fn a_connection_that_has_asked_is_kept_for_the_next_request_of_a_proxy() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut answers = Vec::new();
    for _ in 0..2 {
        stream.write_all(ask).await.unwrap();
        let before = answers.len();
        while !answers[before..].ends_with(b"ok\n") {
            let read = in_time("an answer", stream.read_buf(&mut answers)).await.unwrap();
            assert_ne!(read, 0, "the connection was ended");
        }
        // What a proxy does: it keeps the connection for a minute, and then sends the next request on it.
        tokio::time::sleep(Duration::from_secs(12)).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let head = format!(
        "POST /api/v1/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
         Content-Length: 100\r\n\r\n{{\"message\""
    );
    let refused = exchange(server.address(), head.as_bytes()).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    assert_eq!(refused.json()["type"], "error");
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    for length in ["Content-Length: 1000000000000", "Content-Length: 65537"] {
        let head = format!(
            "POST /api/v1/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{length}\r\n\r\n"
        );
        exchange(server.address(), head.as_bytes())
            .await
            .assert_refused(413, "tooBig");
    }
}

#[tokio::test]
async fn a_body_in_chunks_without_end_is_refused_once_it_is_too_large() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let mut bytes = format!(
        "POST /api/v1/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for _ in 0..66 {
        bytes.extend_from_slice(b"400\r\n");
        bytes.extend_from_slice(&[b' '; 1024]);
        bytes.extend_from_slice(b"\r\n");
    }
    exchange(server.address(), &bytes)
        .await
        .assert_refused(413, "tooBig");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(100_000));
    let long_header = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    let many_headers = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X: y\r\n".repeat(200)
    );
    for head in [long_path, long_header, many_headers] {
        let status = exchange(server.address(), head.as_bytes()).await.status;
        assert!(matches!(status, 414 | 431), "{status}");
    }
}

#[tokio::test]
async fn what_is_not_http_ends_that_connection_and_no_other() {
    let server = Server::start().await;
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"hello\r\n\r\n",
        &[0; 4096],
    ] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let said = until_closed(stream).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    }
    Visitor::known(&server).await;
}

#[tokio::test]
async fn room_for_more_connections_than_a_process_is_started_with_is_asked_for() {
    let server = Setup::new().with_open_files(64, false).start().await;
    let mut clients = Vec::new();
    for _ in 0..150 {
        clients.push(PlainClient::open(&server).await);
    }
    assert!(server.open_files() > 150);
}

#[tokio::test]
async fn a_server_that_may_open_no_more_files_says_so_and_goes_on_when_there_is_room_again() {
    let server = Setup::new().with_open_files(64, true).start().await;
    server.logged(&["connections=14"]).await;
    let mut witness = PlainClient::open(&server).await;
    let visitor = Visitor::known(&server).await;
    let mut author = FullClient::open_as(&server, &visitor).await;
    let before = server.open_files();
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(TcpStream::connect(server.address()).await.unwrap());
    }
    server.logged(&["all connections are taken"]).await;
    assert!(server.open_files() < 64, "some are kept");
    // What the database is for goes on: long texts, edited and deleted, and history.
    author.has_a_long_text_deleted("lobby").await;
    witness.say("still here").await;
    while witness.text().await != "still here" {}
    drop(idle);
    until("the descriptors are back", || server.open_files() <= before).await;
    let mut next = PlainClient::open(&server).await;
    next.say("and here").await;
    assert_eq!(witness.text().await, "and here");
}

#[tokio::test]
async fn a_server_that_could_take_hardly_anybody_does_not_start() {
    let (status, log) = Setup::new().with_open_files(40, true).fail().await;
    assert_eq!(status.code(), Some(1));
    let [line] = log.as_slice() else {
        panic!("one sentence: {log:?}");
    };
    assert!(
        line.contains("40 open files") && line.contains("ulimit -n"),
        "{line}"
    );
}
