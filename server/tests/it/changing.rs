//! Editing, taking back, answering, reacting, topics and names, over real sockets and requests.

use crate::support::{FullClient, PlainClient, Server, Setup, Visitor, client_id};
use serde_json::{Value, json};

fn edit(target: u64, message: &str) -> Value {
    json!({ "type": "edit", "room": "lobby", "target": target, "message": message })
}

fn delete(target: u64) -> Value {
    json!({ "type": "delete", "room": "lobby", "target": target })
}

fn react(target: u64, emoji: &str, on: bool) -> Value {
    json!({ "type": "react", "room": "lobby", "target": target, "emoji": emoji, "on": on })
}

fn topic(topic: &str) -> Value {
    json!({ "type": "topic", "room": "lobby", "topic": topic })
}

fn rename(name: &str) -> Value {
    json!({ "type": "rename", "name": name })
}

/// These fields of a frame.
fn fields(frame: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| frame[*name].clone()).collect()
}

#[tokio::test]
async fn what_becomes_of_a_message_is_told_to_everyone_and_stands_in_its_history() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut author = FullClient::open_as(&server, &visitor).await;
    let mut other = FullClient::open(&server).await;
    let mut witness = FullClient::open(&server).await;
    witness.join("lobby").await;
    assert_eq!(author.ask(rename("  하나  ")).await, 0);
    assert_eq!(author.post_acknowledged("lobby", "**first**").await, 1);
    assert_eq!(author.ask(edit(1, "second")).await, 2);
    assert_eq!(other.ask(react(1, "👍", true)).await, 3);
    assert_eq!(author.ask(topic("모두의 방")).await, 4);
    let answer = json!({ "type": "post", "room": "lobby", "message": "an answer", "replyTo": 1 });
    assert_eq!(other.ask(answer).await, 5);

    let (author_id, other_id) = (author.user_id().to_owned(), other.user_id().to_owned());
    let history = visitor.history("lobby", "").await;
    assert_eq!(
        fields(&history, &["seq", "topic", "hasOlder", "hasNewer"]),
        json!([5, "모두의 방", false, false])
    );
    let row = &history["messages"][0];
    assert_eq!(
        fields(row, &["seq", "name", "message", "html", "rev", "deleted"]),
        json!([1, "하나", "second", null, 3, null])
    );
    assert!(row["editedAt"].as_u64().unwrap() >= row["at"].as_u64().unwrap());
    assert_eq!(
        row["reactions"],
        json!([{ "emoji": "👍", "userIds": [other_id] }])
    );
    let quote = json!({ "seq": 1, "userId": author_id, "name": "하나", "message": "second" });
    assert_eq!(history["messages"][1]["replyTo"], quote);

    let mut late = FullClient::open(&server).await;
    assert_eq!(late.join_after("lobby", 0).await["head"], 5);
    let mut heard = Vec::new();
    for client in [&mut witness, &mut late] {
        let mut events = Vec::new();
        for _ in 0..5 {
            events.push(client.next().await);
        }
        heard.push(events);
    }
    assert_eq!(
        heard[0], heard[1],
        "whoever comes later hears what those heard who were there"
    );
    let heard = &heard[0];
    assert_eq!(
        fields(&heard[0], &["type", "message", "html", "name"]),
        json!(["message", "**first**", "<strong>first</strong>", "하나"])
    );
    assert_eq!(
        fields(&heard[1], &["type", "target", "message"]),
        json!(["edited", 1, "second"])
    );
    assert_eq!(
        fields(&heard[2], &["type", "target", "emoji", "on", "userId"]),
        json!(["reacted", 1, "👍", true, other_id])
    );
    assert_eq!(
        fields(&heard[3], &["type", "topic", "userId"]),
        json!(["topic", "모두의 방", author_id])
    );
    assert_eq!(heard[4]["replyTo"], quote);
}

#[tokio::test]
async fn a_deleted_message_is_gone_for_everyone_and_its_former_texts_too() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut author = FullClient::open_as(&server, &visitor).await;
    author.join("lobby").await;
    author.post_acknowledged("lobby", "regret").await;
    author.ask(edit(1, "more _regret_")).await;
    let edits = visitor.get("/api/v1/rooms/lobby/messages/1/edits").await;
    assert_eq!(edits.header("cache-control"), Some("no-store"));
    assert_eq!(
        fields(&edits.json()["edits"][0], &["message", "html"]),
        json!(["regret", null])
    );
    assert_eq!(author.ask(delete(1)).await, 3);
    assert_eq!(
        author.ask(delete(1)).await,
        3,
        "a second time changes nothing and is no error"
    );
    let row = &visitor.history("lobby", "").await["messages"][0];
    assert_eq!(fields(row, &["message", "deleted", "rev"]), json!(["", true, 3]));
    let edits = visitor.get("/api/v1/rooms/lobby/messages/1/edits").await.json();
    assert_eq!(edits, json!({ "edits": [] }));
    let mut late = FullClient::open(&server).await;
    late.join_after("lobby", 0).await;
    let events = [late.next().await, late.next().await, late.next().await];
    assert!(!json!(events).to_string().contains("regret"), "{events:?}");
    assert_eq!(fields(&events[2], &["type", "target"]), json!(["deleted", 1]));
    for nowhere in ["2", "9", "x", "-1", "99999999999999999999"] {
        let path = format!("/api/v1/rooms/lobby/messages/{nowhere}/edits");
        visitor.get(&path).await.assert_refused(404, "noSuchMessage");
    }
}

#[tokio::test]
async fn what_may_not_be_is_refused_with_its_reason() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut author = FullClient::open_as(&server, &visitor).await;
    let mut other = FullClient::open(&server).await;
    author.post_acknowledged("lobby", "mine").await;
    author.post_acknowledged("lobby", "gone soon").await;
    author.ask(delete(2)).await;
    for (frame, code) in [
        (edit(1, "x"), "notYours"),
        (delete(1), "notYours"),
        (edit(9, "x"), "noSuchMessage"),
        (edit(1, " "), "empty"),
        (react(3, "👍", true), "noSuchMessage"),
        (react(2, "👍", true), "deleted"),
        (react(1, "thumb", true), "badEmoji"),
        (topic("a\nb"), "badTopic"),
        (rename(""), "badName"),
        (
            json!({ "type": "edit", "room": "A b", "target": 1, "message": "x" }),
            "badRoom",
        ),
        (
            json!({ "type": "react", "room": "lobby", "target": 1 }),
            "badFrame",
        ),
        (
            json!({ "type": "post", "room": "lobby", "message": "x", "replyTo": 7 }),
            "noSuchMessage",
        ),
    ] {
        assert_eq!(other.ask_in_vain(frame.clone()).await, code, "{frame}");
    }
    let not_yours = json!({ "type": "delete", "room": "lobby", "clientId": client_id(), "target": 1 });
    let somebody = Visitor::known(&server).await;
    let answer = somebody.post_json("/api/v1/commands", &not_yours).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        fields(&answer.json()["frames"][0], &["type", "code"]),
        json!(["error", "notYours"])
    );
    let body = json!({ "message": "x", "replyTo": 7 });
    somebody
        .post_json("/api/v1/rooms/lobby/messages", &body)
        .await
        .assert_refused(404, "noSuchMessage");
    assert_eq!(visitor.history("lobby", "").await["seq"], 3);
}

#[tokio::test]
async fn everything_can_be_asked_for_by_requests_too_and_sent_again() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let ids: Vec<String> = (0..6).map(|_| client_id()).collect();
    let mut frames = [
        json!({ "type": "post", "room": "lobby", "message": "one" }),
        edit(1, "two"),
        react(1, "👍", true),
        topic("talk"),
        rename("Jose\u{301}"),
        delete(1),
    ];
    for (frame, id) in frames.iter_mut().zip(&ids) {
        frame["clientId"] = json!(id);
    }
    let acks: Vec<Value> = ids
        .iter()
        .zip([1, 2, 3, 4, 0, 5])
        .map(|(id, seq)| json!({ "type": "ack", "clientId": id, "seq": seq }))
        .collect();
    for _ in 0..2 {
        let answer = visitor.post_json("/api/v1/commands", &json!(frames)).await;
        assert_eq!(answer.json()["frames"], json!(acks));
    }
    assert_eq!(visitor.history("lobby", "").await["seq"], 5);
    let me = visitor.get("/api/v1/me").await.json();
    assert_eq!(me["name"], "José", "composed, however it was typed");
    let client = FullClient::open_as(&server, &visitor).await;
    assert_eq!(client.greeting["name"], "José");
}

#[tokio::test]
async fn all_that_is_asked_for_shares_one_rate_and_what_is_known_is_answered_beyond_it() {
    let server = Setup::new().with(&["--post-rate", "4"]).start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.post_acknowledged("lobby", "one").await;
    let known = json!({
        "type": "edit", "room": "lobby", "clientId": client_id(), "target": 1, "message": "two"
    });
    for _ in 0..2 {
        client.send(&known).await;
        assert_eq!(client.next_of("ack").await["seq"], 2);
    }
    client.ask(react(1, "👍", true)).await;
    for frame in [
        edit(1, "x"),
        delete(1),
        react(1, "❤️", true),
        topic("x"),
        rename("x"),
    ] {
        assert_eq!(client.ask_in_vain(frame).await, "rateLimited");
    }
    client.send(&known).await;
    assert_eq!(client.next_of("ack").await["seq"], 2);
}

#[tokio::test]
async fn a_plain_client_sees_messages_and_nothing_else_whatever_full_clients_do() {
    let server = Setup::new().without_rate().start().await;
    let mut early = PlainClient::open(&server).await;
    let mut full = FullClient::open(&server).await;
    full.join("lobby").await;
    for number in 0..20 {
        let seq = full
            .post_acknowledged("lobby", &format!("message {number}"))
            .await;
        full.ask(edit(seq, "changed")).await;
        full.ask(react(seq, "👍", true)).await;
        full.ask(topic(&format!("topic {number}"))).await;
        full.ask(rename(&format!("name {number}"))).await;
        let typing = json!({ "type": "typing", "room": "lobby", "on": true });
        full.send(&typing).await;
        full.send(&json!({ "type": "read", "room": "lobby", "seq": seq }))
            .await;
        if number % 3 == 0 {
            full.ask(delete(seq)).await;
        }
    }
    early.say("and I").await;
    for number in 0..20 {
        // Each frame is looked at by its type: `message` takes no other.
        assert_eq!(early.text().await, format!("message {number}"));
    }
    assert_eq!(early.text().await, "and I");
}
