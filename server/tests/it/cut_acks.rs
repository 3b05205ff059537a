//! Ten thousand posts whose ack was cut off on its way, sent again, also across a crash: ten thousand messages.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::support::{
    FullClient, Received, Server, Setup, Socket, Visitor, client_id, in_time, is_ephemeral, post_frame,
};
use protocol::SUBPROTOCOL;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use torture::proxy::{Fault, FaultPlan, Proxy};

const WRITERS: usize = 8;
const POSTS_EACH: usize = 1_250;
const POSTS: usize = WRITERS * POSTS_EACH;
/// Posts sent again at a time: fewer than a connection may have on their way.
const WINDOW: usize = 200;

/// Somebody who posts to a room of their own, so that its order can be told.
struct Writer {
    number: usize,
    visitor: Visitor,
    /// `clientId` and text, in the order of sending.
    posts: Vec<(String, String)>,
}

impl Writer {
    async fn new(server: &Server, number: usize) -> Self {
        let text = |post| format!("writer {number}, message {post}: {}", "말".repeat(post % 50));
        Self {
            number,
            visitor: Visitor::known(server).await,
            posts: (0..POSTS_EACH).map(|post| (client_id(), text(post))).collect(),
        }
    }

    fn room(&self) -> String {
        format!("room-{}", self.number)
    }

    /// Sends every post once, each on a connection that breaks in front of its ack. Every other writer does so by
    /// requests.
    async fn send_all_in_vain(&self, proxy: SocketAddr) {
        for (id, text) in &self.posts {
            let frame = post_frame(&self.room(), id, text);
            if self.number.is_multiple_of(2) {
                self.send_by_socket(proxy, &frame).await;
            } else {
                self.send_by_request(proxy, &frame).await;
            }
        }
    }

    async fn send_by_socket(&self, proxy: SocketAddr, frame: &Value) {
        let cookie = self.visitor.cookie().unwrap();
        let headers = [("Sec-WebSocket-Protocol", SUBPROTOCOL), ("Cookie", &cookie)];
        let mut socket = Socket::open(proxy, "/ws", &headers).await;
        socket
            .send(json!({ "type": "join", "room": self.room() }).to_string())
            .await;
        loop {
            match socket.hear().await {
                Received::Frame(heard) if heard["type"] == "joined" => socket.send(frame.to_string()).await,
                // The room may tell of the post before the connection is told that it was taken.
                Received::Frame(heard) if heard["type"] == "message" => {}
                Received::Frame(heard) => {
                    assert!(heard["type"] == "userId" || is_ephemeral(&heard), "{heard}")
                }
                Received::Gone => return,
                Received::Closed(code) => panic!("the server closed with {code}"),
            }
        }
    }

    async fn send_by_request(&self, proxy: SocketAddr, frame: &Value) {
        let (body, cookie) = (frame.to_string(), self.visitor.cookie().unwrap());
        let request = format!(
            "POST /api/v1/commands HTTP/1.1\r\nHost: {proxy}\r\nCookie: {cookie}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(proxy).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // The reset may come with what was sent on before it, or in place of it.
        let _ = in_time("the end of the connection", stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains(r#""type":"ack""#), "{answer}");
    }

    /// Sends these posts again and waits for their acks: the places they have.
    async fn send_again(&self, server: &Server, posts: &[(String, String)]) -> HashMap<String, u64> {
        let mut client = FullClient::open_as(server, &self.visitor).await;
        let mut acks = HashMap::new();
        for posts in posts.chunks(WINDOW) {
            for (id, text) in posts {
                client.post(&self.room(), id, text).await;
            }
            for _ in posts {
                let ack = client.next_of("ack").await;
                acks.insert(
                    ack["clientId"].as_str().unwrap().to_owned(),
                    ack["seq"].as_u64().unwrap(),
                );
            }
        }
        acks
    }

    /// The room holds every post once, in the order of sending, where the acks say.
    async fn assert_all_there(&self, acks: &HashMap<String, u64>) {
        let history = self.visitor.whole_history(&self.room()).await;
        assert_eq!(history.len(), POSTS_EACH);
        for ((message, (id, text)), seq) in history.iter().zip(&self.posts).zip(1..) {
            assert_eq!(message["seq"], seq);
            assert_eq!(message["clientId"], id.as_str());
            assert_eq!(message["message"], text.as_str());
            assert_eq!(acks.get(id), Some(&seq), "the ack of {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_posts_whose_ack_was_cut_off_and_that_are_sent_again_are_ten_thousand_messages() {
    let mut server = Setup::new().without_rate().start().await;
    let proxy = Proxy::start_with(server.address(), |_| FaultPlan::before_first_ack())
        .await
        .unwrap();
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        writers.push(Writer::new(&server, number).await);
    }

    let mut sending = tokio::task::JoinSet::new();
    for writer in writers {
        let proxy = proxy.address();
        sending.spawn(async move {
            writer.send_all_in_vain(proxy).await;
            writer
        });
    }
    let writers = sending.join_all().await;
    assert_eq!(
        proxy.counts().of(Fault::BeforeAck),
        POSTS as u64,
        "each was cut between commit and ack"
    );

    // The first half is sent again to the server that took it, then everything to one that was killed meanwhile.
    let mut before = Vec::new();
    for writer in &writers {
        before.push(writer.send_again(&server, &writer.posts[..POSTS_EACH / 2]).await);
    }
    server.kill().await;
    server.restart().await;
    for (writer, before) in writers.iter().zip(before) {
        let acks = writer.send_again(&server, &writer.posts).await;
        for (id, seq) in before {
            assert_eq!(acks.get(&id), Some(&seq), "a repeat has one answer, for ever");
        }
        writer.assert_all_there(&acks).await;
    }
}
