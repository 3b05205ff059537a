//! Posting: the ack, the repeat, the rate, history.

use crate::support::{FullClient, Server, Setup, Visitor, client_id};
use serde_json::{Value, json};

const BURST: usize = 30;

fn seqs(page: &Value) -> Vec<u64> {
    page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_same_client_id_again_gives_the_first_result_on_any_way_in_also_after_a_restart() {
    let mut server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.post_acknowledged("lobby", "before").await;
    client.post("lobby", &id, "once").await;
    assert_eq!(
        client.next().await,
        json!({ "type": "ack", "clientId": id, "seq": 2 })
    );
    client.post("lobby", &id.to_uppercase(), "once").await;
    assert_eq!(
        client.next().await,
        json!({ "type": "ack", "clientId": id, "seq": 2 })
    );
    let by_http = visitor.post("lobby", &id, "once").await;
    assert_eq!(by_http.json(), json!({ "type": "ack", "clientId": id, "seq": 2 }));
    server.kill().await;
    server.restart().await;
    assert_eq!(visitor.post("lobby", &id, "once").await.json()["seq"], 2);
    assert_eq!(visitor.history("lobby", "").await["seq"], 2);
}

#[tokio::test]
async fn the_same_client_id_for_something_else_is_refused() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    assert_eq!(visitor.post("lobby", &id, "this").await.status, 200);
    visitor
        .post("lobby", &id, "that")
        .await
        .assert_refused(409, "clientIdReused");
    visitor
        .post("elsewhere", &id, "this")
        .await
        .assert_refused(409, "clientIdReused");
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.post("lobby", &id, "that").await;
    let refusal = client.next().await;
    assert_eq!(
        (&refusal["code"], &refusal["clientId"]),
        (&json!("clientIdReused"), &json!(id))
    );
    let somebody_else = Visitor::known(&server).await;
    assert_eq!(somebody_else.post("lobby", &id, "that").await.json()["seq"], 2);
}

#[tokio::test]
async fn an_author_who_has_the_ack_finds_the_message_everywhere() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    for number in 1..=20 {
        let text = format!("message {number}");
        assert_eq!(client.post_acknowledged("lobby", &text).await, number);
        let page = visitor.history("lobby", "limit=1").await;
        assert_eq!(page["messages"][0]["message"], text);
    }
}

#[tokio::test]
async fn far_more_posts_than_may_be_on_their_way_are_all_answered() {
    const POSTS: usize = 2_000;
    let server = Setup::in_memory().without_rate().start().await;
    let mut client = FullClient::open(&server).await;
    let ids: Vec<_> = (0..POSTS).map(|_| client_id()).collect();
    for id in &ids {
        client.post("lobby", id, "hello").await;
    }
    for (id, seq) in ids.iter().zip(1..) {
        assert_eq!(
            client.next().await,
            json!({ "type": "ack", "clientId": id, "seq": seq })
        );
    }
}

#[tokio::test]
async fn too_many_posts_are_told_when_to_come_again_and_what_is_known_is_answered_all_the_same() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    let known = client_id();
    client.post("lobby", &known, "known").await;
    assert_eq!(client.next().await["seq"], 1);
    // A burst, and what the rate lets through while it is said.
    let mut said = 1;
    let (one_more, refusal) = loop {
        let id = client_id();
        client.post("lobby", &id, "one of the burst").await;
        let answer = client.next().await;
        if answer["type"] == "error" {
            break (id, answer);
        }
        said += 1;
    };
    assert!(said >= BURST, "{said}");
    assert_eq!(
        (&refusal["code"], &refusal["clientId"]),
        (&json!("rateLimited"), &json!(one_more))
    );
    let wait = refusal["retryAfterMs"].as_u64().unwrap();
    assert!((1..=10_000).contains(&wait), "{wait}");

    client.post("lobby", &known, "known").await;
    assert_eq!(
        client.next().await,
        json!({ "type": "ack", "clientId": known, "seq": 1 })
    );
    client.post("lobby", &known, "other").await;
    assert_eq!(client.next().await["code"], "clientIdReused");
    assert_eq!(visitor.post("lobby", &known, "known").await.json()["seq"], 1);

    let by_http = loop {
        let answer = visitor.post("lobby", &client_id(), "too many").await;
        // What the rate has let through since.
        if answer.status != 200 {
            break answer;
        }
    };
    by_http.assert_refused(429, "rateLimited");
    assert!(by_http.json()["retryAfterMs"].as_u64().is_some_and(|ms| ms > 0));
    assert!(by_http.header("retry-after").is_some());
    assert_eq!(
        Visitor::known(&server)
            .await
            .post("lobby", &client_id(), "others may")
            .await
            .status,
        200
    );
    // Whoever waits as long as told is let in.
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
    client.post("lobby", &one_more, "one of the burst").await;
    assert_eq!(client.next().await["type"], "ack");
}

#[tokio::test]
async fn repeats_are_charged_and_answered_as_long_as_there_is_a_rate_for_them() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    let known = client_id();
    let mut answered = 0;
    let refusal = loop {
        client.post("lobby", &known, "once").await;
        let answer = client.next().await;
        if answer["type"] != "ack" {
            break answer;
        }
        assert_eq!(answer["seq"], 1);
        answered += 1;
    };
    assert_eq!(refusal["code"], "rateLimited");
    assert!(refusal["retryAfterMs"].as_u64().is_some_and(|ms| ms > 0));
    // Beyond the rate there is another for repeats alone.
    assert!(answered >= 2 * BURST, "{answered}");
}

#[tokio::test]
async fn history_is_read_page_by_page_in_both_directions() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    for number in 1..=120 {
        let posted = visitor
            .post("개발", &client_id(), &format!("message {number}"))
            .await;
        assert_eq!(posted.json()["seq"], number);
    }
    let latest = visitor.history("개발", "").await;
    assert_eq!(
        (&latest["seq"], seqs(&latest)),
        (&json!(120), (71..=120).collect())
    );
    let older = visitor.history("개발", "before=71").await;
    assert_eq!((&older["seq"], seqs(&older)), (&json!(120), (21..=70).collect()));
    assert_eq!(
        seqs(&visitor.history("개발", "before=21").await),
        (1..=20).collect::<Vec<_>>()
    );
    assert!(seqs(&visitor.history("개발", "before=1").await).is_empty());
    assert_eq!(seqs(&visitor.history("개발", "after=117").await), [118, 119, 120]);
    assert_eq!(
        seqs(&visitor.history("개발", "after=10&before=13").await),
        [11, 12]
    );
    assert_eq!(seqs(&visitor.history("개발", "after=0&limit=2").await), [1, 2]);
    assert_eq!(seqs(&visitor.history("개발", "limit=100000").await).len(), 120);
    for nowhere in ["after=120", "after=18446744073709551615", "before=0"] {
        assert!(
            seqs(&visitor.history("개발", nowhere).await).is_empty(),
            "{nowhere}"
        );
    }
    assert_eq!(
        seqs(
            &visitor
                .history("개발", "before=18446744073709551615&limit=1")
                .await
        ),
        [120]
    );
    let message = &visitor.history("개발", "after=0&limit=1").await["messages"][0];
    for (field, value) in [
        ("type", json!("message")),
        ("room", json!("개발")),
        ("message", json!("message 1")),
        ("userId", json!(visitor.user_id().await)),
    ] {
        assert_eq!(message[field], value);
    }
    let me = visitor.get("/api/v1/me").await.json();
    assert_eq!(latest["epoch"], me["epoch"]);
}

#[tokio::test]
async fn a_program_may_post_without_a_client_id() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let posted = visitor
        .post_json(
            "/api/v1/rooms/lobby/messages",
            &json!({ "message": "from a program" }),
        )
        .await;
    assert_eq!(posted.status, 200);
    let ack = posted.json();
    let page = visitor.history("lobby", "").await;
    assert_eq!(page["messages"][0]["clientId"], ack["clientId"]);
}
