//! A client that speaks `madang.v1`.

use serde_json::{Value, json};

use super::server::Server;
use super::socket::{Received, Socket};
use super::visitor::Visitor;
use super::{client_id, is_ephemeral};

/// A full client that has been greeted.
#[derive(Debug)]
pub(crate) struct FullClient {
    pub(crate) socket: Socket,
    pub(crate) greeting: Value,
}

impl FullClient {
    /// Connects as somebody new.
    pub(crate) async fn open(server: &Server) -> Self {
        Self::open_as(server, &Visitor::known(server).await).await
    }

    /// Connects as this visitor.
    pub(crate) async fn open_as(server: &Server, visitor: &Visitor) -> Self {
        let cookie = visitor.cookie().unwrap_or_default();
        let socket = Socket::open(server.address(), "/ws", &headers(&cookie)).await;
        Self::greeted(socket).await
    }

    /// Connects as this visitor, who asks how the rooms are.
    pub(crate) async fn open_for_rooms(server: &Server, visitor: &Visitor) -> Self {
        let cookie = visitor.cookie().unwrap_or_default();
        let socket = Socket::open(server.address(), "/ws?rooms=true", &headers(&cookie)).await;
        Self::greeted(socket).await
    }

    /// Connects as this visitor, with a small receive buffer in the kernel.
    pub(crate) async fn open_narrow(server: &Server, visitor: &Visitor) -> Self {
        let cookie = visitor.cookie().unwrap_or_default();
        let socket = Socket::open_narrow(server.address(), "/ws", &headers(&cookie)).await;
        Self::greeted(socket).await
    }

    async fn greeted(mut socket: Socket) -> Self {
        let greeting = socket.frame().await;
        assert_eq!(greeting["type"], "userId", "{greeting}");
        Self { socket, greeting }
    }

    pub(crate) fn user_id(&self) -> &str {
        self.greeting["userId"].as_str().unwrap()
    }

    pub(crate) fn epoch(&self) -> &str {
        self.greeting["epoch"].as_str().unwrap()
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.socket.send(frame.to_string()).await;
    }

    /// The next frame that is not ephemeral.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let frame = self.socket.frame().await;
            if !is_ephemeral(&frame) {
                return frame;
            }
        }
    }

    /// The next ephemeral frame of this type; what comes before it is passed over.
    pub(crate) async fn next_soft(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.socket.frame().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Sends a frame that has a `clientId` and waits for its `ack`: the seq.
    pub(crate) async fn ask(&mut self, mut frame: Value) -> u64 {
        let client_id = client_id();
        frame["clientId"] = json!(client_id);
        self.send(&frame).await;
        let ack = self.answer_to(&client_id).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        ack["seq"].as_u64().unwrap()
    }

    /// Sends a frame that has a `clientId` and waits for its refusal: the code.
    pub(crate) async fn ask_in_vain(&mut self, mut frame: Value) -> String {
        let client_id = client_id();
        frame["clientId"] = json!(client_id);
        self.send(&frame).await;
        let error = self.answer_to(&client_id).await;
        assert_eq!(error["type"], "error", "{error}");
        error["code"].as_str().unwrap().to_owned()
    }

    async fn answer_to(&mut self, client_id: &str) -> Value {
        loop {
            let frame = self.next().await;
            let is_answer = frame["type"] == "ack" || frame["type"] == "error";
            if is_answer && frame["clientId"] == client_id {
                return frame;
            }
        }
    }

    /// The next frame of this type; what comes before it is passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    pub(crate) async fn hear(&mut self) -> Received {
        loop {
            let heard = self.socket.hear().await;
            if !matches!(&heard, Received::Frame(frame) if is_ephemeral(frame)) {
                return heard;
            }
        }
    }

    /// Joins a room at its head; the `joined` frame.
    pub(crate) async fn join(&mut self, room: &str) -> Value {
        self.send(&json!({ "type": "join", "room": room })).await;
        let joined = self.next().await;
        assert_eq!(joined["type"], "joined", "{joined}");
        joined
    }

    /// Asks for a room from `after` on; the answer, whatever it is.
    pub(crate) async fn join_after(&mut self, room: &str, after: u64) -> Value {
        let epoch = self.epoch().to_owned();
        self.send(&json!({ "type": "join", "room": room, "epoch": epoch, "after": after }))
            .await;
        self.next().await
    }

    /// Sends a post and does not wait.
    pub(crate) async fn post(&mut self, room: &str, client_id: &str, message: &str) {
        self.send(&post_frame(room, client_id, message)).await;
    }

    /// Posts a message and waits for its `ack`: its seq.
    pub(crate) async fn post_acknowledged(&mut self, room: &str, message: &str) -> u64 {
        let client_id = client_id();
        self.post(room, &client_id, message).await;
        let ack = self.next_of("ack").await;
        assert_eq!(ack["clientId"], client_id.as_str());
        ack["seq"].as_u64().unwrap()
    }

    /// Posts a text as long as there may be, edits it six times, and deletes it: what makes the database want room beside its
    /// own file. Returns the seq of the message; eight events follow upon each other from there.
    pub(crate) async fn has_a_long_text_deleted(&mut self, room: &str) -> u64 {
        let text = "가".repeat(3_990);
        let target = self.post_acknowledged(room, &text).await;
        for number in 0..6 {
            let message = format!("{number}{text}");
            self.ask(json!({ "type": "edit", "room": room, "target": target, "message": message }))
                .await;
        }
        self.ask(json!({ "type": "delete", "room": room, "target": target }))
            .await;
        target
    }

    /// The next `count` messages. They follow upon each other in their rooms; what else comes is passed over.
    pub(crate) async fn messages(&mut self, count: usize) -> Vec<Value> {
        let mut messages = Vec::with_capacity(count);
        while messages.len() < count {
            messages.push(self.next_of("message").await);
        }
        messages
    }
}

/// The frame that posts.
pub(crate) fn post_frame(room: &str, client_id: &str, message: &str) -> Value {
    json!({ "type": "post", "room": room, "clientId": client_id, "message": message })
}

fn headers(cookie: &str) -> [(&str, &str); 2] {
    [
        ("Sec-WebSocket-Protocol", protocol::SUBPROTOCOL),
        ("Cookie", cookie),
    ]
}
