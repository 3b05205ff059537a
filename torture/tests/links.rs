//! A link that is cut carries nothing, and no other link notices.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use torture::cluster::network::{Cut, Link};

/// Longer than anything takes on loopback.
const A_WHILE: Duration = Duration::from_millis(300);

/// A server that sends back what it is sent.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
            });
        }
    });
    address
}

async fn say(stream: &mut TcpStream, word: &[u8]) {
    stream.write_all(word).await.unwrap();
}

/// What comes back within a while; nothing when nothing does.
async fn heard(stream: &mut TcpStream, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let read = tokio::time::timeout(A_WHILE, stream.read_exact(&mut bytes)).await;
    read.ok()?.ok().map(|_| bytes)
}

async fn answers(link: &Link) -> bool {
    let mut stream = TcpStream::connect(link.address()).await.unwrap();
    let _ = stream.write_all(b"x").await;
    heard(&mut stream, 1).await.is_some()
}

#[tokio::test]
async fn a_cut_takes_exactly_its_link() {
    let server = echo().await;
    for how in [Cut::Reset, Cut::Silence] {
        let (one, other) = (
            Link::start(server).await.unwrap(),
            Link::start(server).await.unwrap(),
        );
        assert!(answers(&one).await && answers(&other).await);
        one.cut(how);
        assert!(!answers(&one).await, "{how:?}");
        assert!(answers(&other).await, "{how:?}");
        one.heal();
        assert!(answers(&one).await && answers(&other).await, "{how:?}");
    }
}

#[tokio::test]
async fn what_is_said_into_silence_arrives_when_the_link_is_whole_again() {
    let link = Link::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(link.address()).await.unwrap();
    say(&mut stream, b"one").await;
    assert_eq!(heard(&mut stream, 3).await.as_deref(), Some(&b"one"[..]));
    link.cut(Cut::Silence);
    say(&mut stream, b"two").await;
    assert_eq!(heard(&mut stream, 3).await, None);
    link.heal();
    assert_eq!(heard(&mut stream, 3).await.as_deref(), Some(&b"two"[..]));
}

#[tokio::test]
async fn a_reset_ends_what_stands() {
    let link = Link::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(link.address()).await.unwrap();
    say(&mut stream, b"one").await;
    assert!(heard(&mut stream, 3).await.is_some());
    link.cut(Cut::Reset);
    assert!(stream.read(&mut [0]).await.is_err());
}
