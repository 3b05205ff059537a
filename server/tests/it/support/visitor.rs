//! Somebody with a browser's cookie jar, and nothing else of a browser.

use std::net::SocketAddr;
use std::sync::Mutex;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::http::{self, Response};
use super::server::Server;

/// A visitor. Keeps the one cookie there is.
#[derive(Debug)]
pub(crate) struct Visitor {
    address: SocketAddr,
    cookie: Mutex<Option<String>>,
}

impl Visitor {
    /// Somebody who was never here.
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            address: server.address(),
            cookie: Mutex::new(None),
        }
    }

    /// Somebody who has an identity.
    pub(crate) async fn known(server: &Server) -> Self {
        let visitor = Self::new(server);
        visitor.user_id().await;
        visitor
    }

    /// The cookie, as a `Cookie` header has it.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// Puts another cookie into the jar.
    pub(crate) fn set_cookie(&self, cookie: &str) {
        *self.cookie.lock().unwrap() = Some(cookie.to_owned());
    }

    /// Who the server says this is; makes an identity if there is none.
    pub(crate) async fn user_id(&self) -> String {
        self.get("/api/v1/me").await.json()["userId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request("GET", path, &[], b"").await
    }

    /// Posts as a program does.
    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Response {
        let body = body.to_string();
        self.request(
            "POST",
            path,
            &[("Content-Type", "application/json")],
            body.as_bytes(),
        )
        .await
    }

    /// Posts a message as a program does.
    pub(crate) async fn post(&self, room: &str, client_id: &str, message: &str) -> Response {
        let body = json!({ "clientId": client_id, "message": message });
        self.post_json(&messages_path(room), &body).await
    }

    /// Sends a form, as a browser without scripts does.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        self.request("POST", path, &headers, body.join("&").as_bytes())
            .await
    }

    /// A page of history.
    pub(crate) async fn history(&self, room: &str, query: &str) -> Value {
        let response = self.get(&format!("{}?{query}", messages_path(room))).await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    }

    /// A room's whole history, page by page.
    pub(crate) async fn whole_history(&self, room: &str) -> Vec<Value> {
        let mut messages: Vec<Value> = Vec::new();
        loop {
            let after = messages.last().map_or(0, |last| last["seq"].as_u64().unwrap());
            let mut page = self.history(room, &format!("after={after}&limit=500")).await;
            let read = page["messages"].as_array_mut().unwrap();
            if read.is_empty() {
                assert_eq!(page["seq"], after, "the history ends at the room's head");
                return messages;
            }
            messages.append(read);
        }
    }

    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let cookie = self.cookie();
        let mut headers = headers.to_vec();
        if let Some(cookie) = &cookie {
            headers.push(("Cookie", cookie));
        }
        let response = http::request(self.address, method, path, &headers, body).await;
        if let Some(set) = response.header("set-cookie") {
            self.set_cookie(set.split(';').next().unwrap());
        }
        response
    }
}

fn messages_path(room: &str) -> String {
    format!(
        "/api/v1/rooms/{}/messages",
        utf8_percent_encode(room, NON_ALPHANUMERIC)
    )
}
