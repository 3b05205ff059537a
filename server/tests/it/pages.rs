//! The pages' addresses, and what each page starts from.

use crate::support::{FullClient, Server, Setup, Visitor, client_id};
use serde_json::{Value, json};

/// The text that a page starts from.
fn start_text(html: &str) -> &str {
    let (_, rest) = html.split_once("id=\"start\"").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split("</script>").next().unwrap()
}

async fn start(visitor: &Visitor, path: &str) -> Value {
    let page = visitor.get(path).await;
    assert_eq!(page.status, 200, "{}", page.text());
    serde_json::from_str(start_text(page.text())).unwrap()
}

fn seqs(page: &Value) -> Vec<u64> {
    let messages = page["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect()
}

async fn room_of(server: &Server, messages: usize) -> Visitor {
    let visitor = Visitor::known(server).await;
    for number in 1..=messages {
        let posted = visitor
            .post("lobby", &client_id(), &format!("message {number}"))
            .await;
        assert_eq!(posted.status, 200);
    }
    visitor
}

#[tokio::test]
async fn a_page_starts_from_what_the_api_answers_whatever_people_write() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    let hostile = "</script><!--<script> & \u{2028} \"'\\";
    client.ask(json!({ "type": "rename", "name": "</script>" })).await;
    client
        .ask(json!({ "type": "topic", "room": "개발", "topic": hostile.replace('\u{2028}', "") }))
        .await;
    client.post_acknowledged("개발", hostile).await;
    client.post_acknowledged("lobby", "**bold**").await;

    let page = visitor.get("/rooms/%EA%B0%9C%EB%B0%9C").await;
    let text = start_text(page.text());
    assert!(!text.contains('<'), "{text}");
    let start: Value = serde_json::from_str(text).unwrap();
    assert_eq!(start["room"], "개발");
    assert_eq!(start["name"], "</script>");
    assert_eq!(start["userId"], visitor.user_id().await);
    assert_eq!(start["page"], visitor.history("개발", "").await);
    let rooms = visitor.get("/api/v1/rooms").await.json();
    assert_eq!(start["rooms"], rooms["rooms"]);
    assert_eq!(start["rooms"].as_array().unwrap().len(), 2);
    assert_eq!((&start["place"], &start["refusal"]), (&Value::Null, &Value::Null));

    let lobby = self::start(&visitor, "/").await;
    assert_eq!(lobby["page"]["messages"][0]["html"], "<strong>bold</strong>");
    let stranger = self::start(&Visitor::new(&server), "/").await;
    assert_eq!(
        (&stranger["name"], &stranger["rooms"]),
        (&Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn a_refused_post_is_told_in_the_start_and_its_text_is_given_back_in_the_form_alone() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let refused = visitor
        .post_form(
            "/rooms/lobby",
            &[("clientId", &client_id()), ("message", &"a".repeat(4_001))],
        )
        .await;
    assert_eq!(refused.status, 413);
    let start: Value = serde_json::from_str(start_text(refused.text())).unwrap();
    assert_eq!(start["refusal"], "tooLong");
    assert!(!start_text(refused.text()).contains("aaaa"));
}

#[tokio::test]
async fn older_and_newer_messages_are_pages_of_their_own() {
    let server = Setup::new().without_rate().start().await;
    let visitor = room_of(&server, 120).await;
    for (path, first, last, more) in [
        ("/", 71, 120, [true, false]),
        ("/?before=71", 21, 70, [true, true]),
        ("/rooms/lobby?before=21", 1, 20, [false, true]),
        ("/rooms/lobby?after=20", 21, 70, [true, true]),
        ("/?after=100&before=103", 101, 102, [true, true]),
        ("/?unknown=1", 71, 120, [true, false]),
    ] {
        let page = &start(&visitor, path).await["page"];
        assert_eq!(seqs(page), (first..=last).collect::<Vec<u64>>(), "{path}");
        assert_eq!(json!([page["hasOlder"], page["hasNewer"]]), json!(more), "{path}");
    }
    for path in [
        "/?before=1",
        "/rooms/lobby?after=120",
        "/?before=0&after=9",
        "/?after=18446744073709551615",
    ] {
        let beyond = visitor.get(path).await;
        assert_eq!(
            (beyond.status, beyond.header("location")),
            (303, Some("/")),
            "{path}"
        );
    }
    for path in [
        "/?before=x",
        "/rooms/lobby?after=-1",
        "/?before=",
        "/?before=1&before=2",
    ] {
        visitor.get(path).await.assert_refused(400, "badFrame");
    }
    let empty = start(&visitor, "/rooms/nobody").await;
    assert_eq!(empty["page"]["messages"], json!([]));
}

#[tokio::test]
async fn a_message_has_an_address_which_shows_what_was_said_around_it() {
    let server = Setup::new().without_rate().start().await;
    let visitor = room_of(&server, 120).await;
    let place = start(&visitor, "/rooms/lobby/60").await;
    assert_eq!(place["place"], 60);
    assert_eq!(seqs(&place["page"]), (35..=84).collect::<Vec<u64>>());
    let on = start(&visitor, "/rooms/lobby/60?after=84").await;
    assert_eq!((&on["place"], seqs(&on["page"])[0]), (&Value::Null, 85));

    // Somebody set a topic: that has a seq too, but is no message.
    let mut client = FullClient::open_as(&server, &visitor).await;
    client
        .ask(json!({ "type": "topic", "room": "lobby", "topic": "새 주제" }))
        .await;
    for path in [
        "/rooms/lobby/121",
        "/rooms/lobby/0",
        "/rooms/lobby/99999999999999999999",
        "/rooms/lobby/x",
        "/rooms/nobody/1",
    ] {
        visitor.get(path).await.assert_refused(404, "noSuchMessage");
    }
    visitor.get("/rooms/A%20B/1").await.assert_refused(400, "badRoom");
    visitor
        .request("POST", "/rooms/lobby/60", &[], b"")
        .await
        .assert_refused(405, "methodNotAllowed");

    let headers = [("Accept", "text/html"), ("Accept-Language", "ko")];
    let path = "/rooms/%EA%B0%9C%EB%B0%9C/7";
    let page = visitor.request("GET", path, &headers, b"").await;
    assert_eq!(page.status, 404);
    for part in ["없는 메시지입니다", "href=\"/rooms/%EA%B0%9C%EB%B0%9C\""] {
        assert!(page.text().contains(part), "{}", page.text());
    }
}

#[tokio::test]
async fn the_form_can_answer_a_message() {
    let server = Server::start().await;
    let visitor = room_of(&server, 1).await;
    for (reply_to, status) in [("1", 303), ("", 303), ("x", 400), ("9", 404)] {
        let id = client_id();
        let fields = [("clientId", &*id), ("message", "answer"), ("replyTo", reply_to)];
        let posted = visitor.post_form("/rooms/lobby", &fields).await;
        assert_eq!(posted.status, status, "{reply_to}: {}", posted.text());
    }
    let history = visitor.history("lobby", "").await;
    let quoted: Vec<&Value> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["replyTo"]["seq"])
        .collect();
    assert_eq!(quoted, [&Value::Null, &json!(1), &Value::Null]);
}

#[tokio::test]
async fn every_page_has_what_the_server_draws_once() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.ask(json!({ "type": "rename", "name": "<하나>" })).await;
    let headers = [("Accept-Language", "ko")];
    let page = visitor.request("GET", "/rooms/lobby", &headers, b"").await;
    for part in [
        "<div class=\"menu\" id=\"menu\" popover=\"auto\" role=\"menu\" aria-label=\"메시지 메뉴\">",
        "data-act=\"react\" data-emoji=\"👍\" title=\"좋아요\" aria-label=\"좋아요\"",
        "<dialog class=\"dialog\" id=\"dialog\" aria-labelledby=\"dialog-title\">",
        "<div id=\"dialog-content\"",
        "<dialog class=\"dialog\" id=\"deleting\" aria-labelledby=\"deleting-title\"",
        "이 메시지를 지울까요?",
        "action=\"/me/name\" data-act=\"name\"",
        "value=\"&lt;하나&gt;\"",
    ] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
    for act in [
        "emoji",
        "reply",
        "copy",
        "link",
        "seen",
        "unread",
        "edits",
        "edit",
        "delete",
        "delete-now",
        "close",
    ] {
        let part = format!("data-act=\"{act}\"");
        assert!(page.text().contains(&part), "{part}");
    }
}

#[tokio::test]
async fn the_opener_is_kept_away_where_browsers_heed_it() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let policy = "cross-origin-opener-policy";
    assert_eq!(
        visitor.get("/").await.header(policy),
        None,
        "they do not trust the origin"
    );
    let trusted = visitor
        .request("GET", "/", &[("Sec-Fetch-Dest", "document")], b"")
        .await;
    assert_eq!(trusted.header(policy), Some("same-origin"));
}
