//! Host and Origin over real requests.

use crate::support::{PlainClient, Response, Server, Setup, Visitor, client_id, exchange, request};
use serde_json::json;

const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
];

async fn upgrade(server: &Server, path: &str, origin: &str) -> Response {
    let mut headers = UPGRADE.to_vec();
    headers.push(("Origin", origin));
    request(server.address(), "GET", path, &headers, b"").await
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused_whatever_is_asked_for() {
    let server = Setup::new()
        .with(&["--allowed-host", "chat.example.org"])
        .start()
        .await;
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "chat.example.org.evil.example",
        "",
    ] {
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/api/v1/me"),
            ("POST", "/rooms/lobby"),
            ("GET", "/nothing"),
        ] {
            let refused = request(server.address(), method, path, &[("Host", host)], b"").await;
            refused.assert_refused(421, "badHost");
            assert_eq!(refused.header("set-cookie"), None);
        }
    }
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]:80",
        "10.1.2.3:8080",
        "chat.example.org",
        "CHAT.example.org:443",
    ] {
        let answered = request(server.address(), "GET", "/parts/help", &[("Host", host)], b"").await;
        assert_eq!(answered.status, 200, "{host}");
    }
}

#[tokio::test]
async fn health_answers_anybody_by_any_name_or_none() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz"] {
        for host in ["madang:8080", "evil.example", ""] {
            let answered = request(server.address(), "GET", path, &[("Host", host)], b"").await;
            assert_eq!(answered.status, 200, "{path} at {host:?}");
        }
        let nameless = format!("GET {path} HTTP/1.0\r\n\r\n");
        assert_eq!(
            exchange(server.address(), nameless.as_bytes()).await.status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_behind_a_proxy_that_changes_the_host_can_post() {
    let server = Setup::new()
        .with(&["--public-url", "https://chat.example.org:8443"])
        .start()
        .await;
    let visitor = Visitor::known(&server).await;
    for host in [
        "chat.example.org",
        "chat.example.org:443",
        "127.0.0.1:8080",
        "chat.example.org:8443",
    ] {
        let own = [("Host", host), ("Origin", "https://chat.example.org:8443")];
        let body = json!({ "clientId": client_id(), "message": "프록시 뒤에서" }).to_string();
        let path = "/api/v1/rooms/lobby/messages";
        let posted = visitor.request("POST", path, &own, body.as_bytes()).await;
        assert_eq!(posted.status, 200, "{host}: {}", posted.text());
    }
}

#[tokio::test]
async fn two_hosts_in_one_request_are_refused() {
    let server = Server::start().await;
    let headers = [("Host", "localhost"), ("Host", "evil.example")];
    let refused = request(server.address(), "GET", "/", &headers, b"").await;
    assert!(matches!(refused.status, 400 | 421), "{}", refused.status);
}

#[tokio::test]
async fn another_site_s_page_cannot_open_a_socket() {
    let server = Server::start().await;
    let other_scheme_or_port = [
        "null",
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "file://",
        "",
        "http://",
        "chrome-extension://abc",
    ];
    for origin in other_scheme_or_port {
        for path in ["/", "/ws"] {
            upgrade(&server, path, origin)
                .await
                .assert_refused(403, "badOrigin");
        }
    }
}

#[tokio::test]
async fn our_own_page_a_loopback_page_and_a_program_can_open_a_socket() {
    let server = Setup::new()
        .with(&["--allowed-origin", "https://friend.example"])
        .start()
        .await;
    let own = format!("http://{}", server.address());
    for origin in [
        own.as_str(),
        "http://localhost:8081",
        "http://[::1]:3000",
        "https://friend.example",
    ] {
        for path in ["/", "/ws"] {
            let mut page = PlainClient::open_at(&server, path, &[("Origin", origin)]).await;
            page.say("in").await;
            assert_eq!(page.text().await, "in", "{origin}");
        }
    }
    PlainClient::open(&server).await;
}

#[tokio::test]
async fn another_site_s_page_cannot_post() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let body = json!({ "clientId": client_id(), "message": "forged" }).to_string();
    for origin in ["null", "https://evil.example"] {
        for path in ["/api/v1/rooms/lobby/messages", "/rooms/lobby", "/"] {
            let refused = visitor
                .request("POST", path, &[("Origin", origin)], body.as_bytes())
                .await;
            refused.assert_refused(403, "badOrigin");
        }
    }
    assert_eq!(visitor.history("lobby", "").await["seq"], 0);
    let me = visitor.get("/api/v1/me").await.json();
    assert_eq!(me["name"], json!(null));
    let rooms = visitor.get("/api/v1/rooms?find=").await.json();
    assert_eq!(rooms["rooms"], json!([]), "looking for a room does not make it");
}

#[tokio::test]
async fn asking_changes_nothing() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    for query in [
        format!("/rooms/lobby?message=hello&clientId={id}"),
        format!("/api/v1/rooms/lobby/messages?message=hello&clientId={id}"),
        format!("/?message=hello&clientId={id}"),
        format!("/me/name?name=hello&clientId={id}"),
        "/rooms?find=hello".to_owned(),
        "/parts/found?find=hello".to_owned(),
        "/parts/room/hello?topic=hello".to_owned(),
    ] {
        let body = json!({ "clientId": id, "message": "hello" }).to_string();
        for method in ["GET", "HEAD"] {
            visitor.request(method, &query, &[], body.as_bytes()).await;
        }
    }
    assert_eq!(visitor.history("lobby", "").await["seq"], 0);
    let me = visitor.get("/api/v1/me").await.json();
    assert_eq!(me["name"], json!(null));
    let rooms = visitor.get("/api/v1/rooms?find=").await.json();
    assert_eq!(rooms["rooms"], json!([]), "looking for a room does not make it");
}
