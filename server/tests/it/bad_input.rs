//! Every kind of bad input: a full client is told, a plain client's is dropped with a line in the log, HTTP answers with
//! the same code; and nobody's connection suffers from it unless its framing is lost.

use crate::support::{FullClient, PlainClient, Received, Server, Visitor, client_id, raw_frame};
use protocol::limits::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, MESSAGE_CHARS_MAX};
use serde_json::{Value, json};

const TEXT: u8 = 1;
const CONTINUATION: u8 = 0;

/// Texts that are not a message, and the code they are refused with.
fn bad_texts() -> Vec<(String, &'static str)> {
    vec![
        (String::new(), "empty"),
        (" \n\t\u{3000}".to_owned(), "empty"),
        ("가".repeat(MESSAGE_CHARS_MAX + 1), "tooLong"),
        ("a".repeat(MESSAGE_BYTES_MAX + 1), "tooLong"),
        ("\u{3164}\u{200b}\u{2800}".to_owned(), "empty"),
        ("\0\u{1b}\r\n\u{feff}".to_owned(), "empty"),
    ]
}

/// Texts that are not a frame of a full client, and the code they are refused with.
fn bad_frames() -> Vec<(String, &'static str)> {
    let fixed = [
        ("", "badJson"),
        ("hello", "badJson"),
        ("{", "badJson"),
        (r#"{"type":"ping"} {"type":"ping"}"#, "badJson"),
        ("[]", "badFrame"),
        ("null", "badFrame"),
        ("1e999", "badJson"),
        ("{}", "badFrame"),
        (r#"{"type":7}"#, "badFrame"),
        (r#"{"type":"post"}"#, "badFrame"),
        (
            r#"{"type":"post","room":"lobby","clientId":1,"message":"m"}"#,
            "badFrame",
        ),
        (
            r#"{"type":"post","room":"lobby","clientId":null,"message":"m"}"#,
            "badFrame",
        ),
        (r#"{"type":"join","room":"lobby","after":-1}"#, "badFrame"),
        (r#"{"type":"join","room":"lobby","after":"1"}"#, "badFrame"),
        (r#"{"type":"join","room":""}"#, "badRoom"),
        (r#"{"type":"join","room":"Lobby"}"#, "badRoom"),
        (r#"{"type":"join","room":"a b"}"#, "badRoom"),
        (r#"{"type":"join","room":"../etc"}"#, "badRoom"),
        (r#"{"type":"join","room":"lobby","epoch":"x","after":1}"#, "badId"),
        (r#"{"type":"join","room":"lobby","eventId":"x"}"#, "badId"),
        (r#"{"type":"dance","room":"lobby"}"#, "unknownType"),
        (r#"{"type":"message","message":"m"}"#, "unknownType"),
        (r#"{"type":"\ud800"}"#, "badJson"),
    ];
    let mut frames: Vec<_> = fixed.map(|(text, code)| (text.to_owned(), code)).into();
    frames.push((post("Lobby", &client_id(), "m"), "badRoom"));
    frames.push((post(&"a".repeat(33), &client_id(), "m"), "badRoom"));
    frames.push((post("lobby", "1", "m"), "badId"));
    frames.push((post("lobby", &"x".repeat(36), "m"), "badId"));
    frames.push((post("lobby", &"x".repeat(1_000), "m"), "badId"));
    frames.push((
        format!(r#"{{"type":"ping","deep":{}"#, "[".repeat(10_000)),
        "badJson",
    ));
    for (text, code) in bad_texts() {
        frames.push((post("lobby", &client_id(), &text), code));
    }
    frames
}

fn post(room: &str, client_id: &str, message: &str) -> String {
    json!({ "type": "post", "room": room, "clientId": client_id, "message": message }).to_string()
}

#[tokio::test]
async fn a_full_client_is_told_what_is_wrong_and_goes_on() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    for (text, code) in bad_frames() {
        client.socket.send(text.clone()).await;
        let refusal = client.next().await;
        let shown: String = text.chars().take(80).collect();
        assert_eq!(refusal["type"], "error", "{shown}: {refusal}");
        assert_eq!(refusal["code"], code, "{shown}: {refusal}");
        assert!(
            refusal["message"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{refusal}"
        );
        let sent: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(client_id) = sent["clientId"].as_str().filter(|id| id.len() <= 64) {
            assert_eq!(
                refusal["clientId"], client_id,
                "the refusal says which post it means"
            );
        }
        assert!(
            refusal.to_string().len() < 1_000,
            "a refusal does not repeat what was sent"
        );
    }
    client.socket.send_binary(b"\x00\x01\x02").await;
    assert_eq!(client.next().await["code"], "binary");
    assert_eq!(client.post_acknowledged("lobby", "still here").await, 1);
}

#[tokio::test]
async fn the_longest_message_is_taken_whatever_its_characters() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    for character in ["a", "가", "😀", "\"", "\n.", "\\"] {
        let message = character.repeat(MESSAGE_CHARS_MAX / character.len().min(2));
        client.post("lobby", &client_id(), &message).await;
        assert_eq!(client.next_of("message").await["message"], message);
    }
}

#[tokio::test]
async fn a_plain_client_s_bad_input_is_dropped_with_a_line_in_the_log_and_it_goes_on() {
    let server = Server::start().await;
    let mut client = PlainClient::open(&server).await;
    let mut frames = vec![
        (String::new(), "badJson"),
        ("hello".to_owned(), "badJson"),
        ("[]".to_owned(), "badFrame"),
        ("{}".to_owned(), "badFrame"),
        (r#"{"message":null}"#.to_owned(), "badFrame"),
        (r#"{"message":{"a":1}}"#.to_owned(), "badFrame"),
    ];
    for (text, code) in bad_texts() {
        frames.push((json!({ "message": text }).to_string(), code));
    }
    for (number, (text, code)) in frames.iter().enumerate() {
        client.socket.send(text.as_str()).await;
        server.logged(&[&client.user_id, code]).await;
        // Whatever the server made of it, nothing of it is heard: the next thing said is.
        client.say(&format!("after {number}")).await;
        assert_eq!(client.text().await, format!("after {number}"), "{code}");
    }
    client.socket.send_binary(b"\xff").await;
    server.logged(&[&client.user_id, "binary"]).await;
    client.say("still here").await;
    assert_eq!(client.text().await, "still here");
}

#[tokio::test]
async fn what_is_pasted_is_taken_without_its_control_characters_whichever_way_it_comes() {
    const PASTED: &str = "\u{feff}하나\r\n둘\r\u{1b}[1m셋\u{c}\0";
    const KEPT: &str = "하나\n둘\n[1m셋";
    let server = Server::start().await;
    let mut witness = PlainClient::open(&server).await;
    let visitor = Visitor::known(&server).await;
    let mut full = FullClient::open(&server).await;
    full.post("lobby", &client_id(), PASTED).await;
    assert_eq!(witness.text().await, KEPT);
    let mut plain = PlainClient::open(&server).await;
    plain.say(PASTED).await;
    assert_eq!(witness.text().await, KEPT);
    visitor.post("lobby", &client_id(), PASTED).await;
    assert_eq!(witness.text().await, KEPT);
    let fields = [("clientId", &*client_id()), ("message", PASTED)];
    assert_eq!(visitor.post_form("/rooms/lobby", &fields).await.status, 303);
    assert_eq!(witness.text().await, KEPT);
}

#[tokio::test]
async fn a_frame_or_a_message_in_pieces_that_is_too_big_ends_the_connection_with_1009() {
    let server = Server::start().await;
    let half = vec![b'a'; FRAME_BYTES_MAX / 2 + 1];
    let pieces = [
        raw_frame(TEXT, false, &half),
        raw_frame(CONTINUATION, true, &half),
    ]
    .concat();
    let whole = raw_frame(TEXT, true, &vec![b'a'; FRAME_BYTES_MAX + 1]);
    let announced_only = whole[..14].to_vec();
    for bytes in [announced_only, whole, pieces] {
        let mut full = FullClient::open(&server).await;
        full.socket.send_raw(&bytes).await;
        assert_eq!(full.next().await["code"], "tooBig");
        assert_eq!(full.hear().await, Received::Closed(1009));

        let mut plain = PlainClient::open(&server).await;
        plain.socket.send_raw(&bytes).await;
        assert_eq!(plain.hear().await, Received::Closed(1009));
        server.logged(&[&plain.user_id, "tooBig"]).await;
    }
}

#[tokio::test]
async fn the_largest_frame_is_read() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    let mut frame = json!({ "type": "ping", "padding": "" }).to_string();
    let padding = "x".repeat(FRAME_BYTES_MAX - frame.len());
    frame = json!({ "type": "ping", "padding": padding }).to_string();
    assert_eq!(frame.len(), FRAME_BYTES_MAX);
    client.socket.send(frame).await;
    assert_eq!(client.next().await["type"], "beat");
}

#[tokio::test]
async fn text_that_is_not_utf_8_ends_the_connection_with_1008() {
    let server = Server::start().await;
    let bytes = raw_frame(TEXT, true, b"{\"message\":\"\xff\xfe\"}");
    let mut full = FullClient::open(&server).await;
    full.socket.send_raw(&bytes).await;
    assert_eq!(full.next().await["code"], "binary");
    assert_eq!(full.hear().await, Received::Closed(1008));

    let mut plain = PlainClient::open(&server).await;
    plain.socket.send_raw(&bytes).await;
    assert_eq!(plain.hear().await, Received::Closed(1008));
    server.logged(&[&plain.user_id, "binary"]).await;
}

#[tokio::test]
async fn broken_framing_ends_that_connection_and_no_other() {
    let server = Server::start().await;
    let mut witness = PlainClient::open(&server).await;
    let unmasked = b"\x81\x02{}".to_vec();
    let reserved_bits = raw_frame(0x70 | TEXT, true, b"{}");
    let lone_continuation = raw_frame(CONTINUATION, true, b"{}");
    let long_ping = raw_frame(9, true, &[0; 126]);
    for bytes in [
        unmasked,
        reserved_bits,
        lone_continuation,
        long_ping,
        vec![0xff; 4096],
    ] {
        let mut client = FullClient::open(&server).await;
        client.socket.send_raw(&bytes).await;
        while let Received::Frame(_) = client.hear().await {}
    }
    witness.say("unharmed").await;
    assert_eq!(witness.text().await, "unharmed");
}

#[tokio::test]
async fn a_bad_post_over_http_is_refused_with_the_same_code_as_json() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let path = "/api/v1/rooms/lobby/messages";
    for (text, code) in bad_texts() {
        let status = if code == "tooLong" { 413 } else { 422 };
        let client_id = client_id();
        let refused = visitor.post("lobby", &client_id, &text).await;
        refused.assert_refused(status, code);
        assert_eq!(refused.json()["clientId"], client_id);
    }
    let bodies: &[(&[u8], u16, &str)] = &[
        (b"", 400, "badJson"),
        (b"hello", 400, "badJson"),
        (b"[]", 400, "badFrame"),
        (b"{}", 400, "badFrame"),
        (br#"{"message":1}"#, 400, "badFrame"),
        (br#"{"message":"m","clientId":7}"#, 400, "badFrame"),
        (br#"{"message":"m","clientId":"7"}"#, 400, "badId"),
        (b"{\"message\":\"\xff\"}", 415, "binary"),
        (&[b'a'; FRAME_BYTES_MAX + 1], 413, "tooBig"),
    ];
    for (body, status, code) in bodies {
        let headers = [("Content-Type", "application/json")];
        let refused = visitor.request("POST", path, &headers, body).await;
        refused.assert_refused(*status, code);
    }
    for room in ["Lobby", "%20", "a%2Fb", "%E1%84%80"] {
        for path in [format!("/api/v1/rooms/{room}/messages"), format!("/rooms/{room}")] {
            visitor.get(&path).await.assert_refused(400, "badRoom");
            visitor
                .post_json(&path, &json!({ "message": "m" }))
                .await
                .assert_refused(400, "badRoom");
        }
    }
    for query in ["before=x", "after=-1", "limit=1.5"] {
        let refused = visitor.get(&format!("{path}?{query}")).await;
        refused.assert_refused(400, "badFrame");
    }
    let page = visitor.history("lobby", "").await;
    assert_eq!(page["seq"], 0, "nothing of all this was taken");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_done_is_said_as_json() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    for path in [
        "/nothing",
        "/api/v1/nothing",
        "/api",
        "/pkg/",
        "/../etc/passwd",
        "/%2e%2e/Cargo.toml",
    ] {
        visitor.get(path).await.assert_refused(404, "notFound");
    }
    for (method, path) in [
        ("DELETE", "/"),
        ("PUT", "/rooms/lobby"),
        ("POST", "/api/v1/me"),
        ("DELETE", "/api/v1/rooms/lobby/messages"),
    ] {
        let refused = visitor.request(method, path, &[], b"").await;
        refused.assert_refused(405, "methodNotAllowed");
    }
    assert_eq!(visitor.get("/ws").await.status, 426);
}
