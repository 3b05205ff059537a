//! A plain client, as the original React component is one.

use serde_json::{Value, json};

use super::server::Server;
use super::socket::{Received, Socket};

/// A plain client that has been greeted.
#[derive(Debug)]
pub(crate) struct PlainClient {
    pub(crate) socket: Socket,
    pub(crate) user_id: String,
}

impl PlainClient {
    /// Connects at `/ws` without a cookie.
    pub(crate) async fn open(server: &Server) -> Self {
        Self::open_at(server, "/ws", &[]).await
    }

    pub(crate) async fn open_at(server: &Server, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::greeted(Socket::open(server.address(), path, headers).await).await
    }

    /// Takes the greeting off a socket that has just been opened.
    pub(crate) async fn greeted(mut socket: Socket) -> Self {
        let greeting = socket.frame().await;
        assert_eq!(greeting["type"], "userId", "{greeting}");
        let user_id = greeting["userId"].as_str().unwrap().to_owned();
        Self { socket, user_id }
    }

    pub(crate) async fn say(&mut self, message: &str) {
        let frame = json!({ "userId": self.user_id, "message": message });
        self.socket.send(frame.to_string()).await;
    }

    /// The next frame, which is a message: a plain client knows nothing else.
    pub(crate) async fn message(&mut self) -> Value {
        let frame = self.socket.frame().await;
        assert_eq!(frame["type"], "message", "{frame}");
        frame
    }

    pub(crate) async fn text(&mut self) -> String {
        self.message().await["message"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn hear(&mut self) -> Received {
        self.socket.hear().await
    }
}
