//! Nodes of a cluster: what they serve while they join, while NATS is away and when they have stopped.

use serde_json::json;

use crate::support::cluster::{node, ready, readyz, until_readyz};
use crate::support::nats::Nats;
use crate::support::{
    FullClient, PlainClient, Received, Server, Setup, Visitor, client_id, post_frame, request,
};

/// A visitor of this node who is somebody at another.
fn same_at(server: &Server, visitor: &Visitor) -> Visitor {
    let same = Visitor::new(server);
    same.set_cookie(&visitor.cookie().unwrap());
    same
}

/// Asserts that nothing is served: a browser is shown a page that waits, programs and sockets are told to come back.
async fn assert_closed(server: &Server, words: &str) {
    assert_eq!(
        request(server.address(), "GET", "/healthz", &[], b"")
            .await
            .status,
        200
    );
    let page = request(
        server.address(),
        "GET",
        "/",
        &[("Accept", "text/html"), ("Accept-Language", "ko")],
        b"",
    )
    .await;
    assert_eq!(page.status, 503);
    assert_eq!(page.header("retry-after"), Some("2"));
    assert!(page.text().contains(words), "{}", page.text());
    let me = request(server.address(), "GET", "/api/v1/me", &[], b"").await;
    me.assert_refused(503, "busy");
    assert_eq!(me.header("retry-after"), Some("2"));
    let upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ];
    let socket = request(server.address(), "GET", "/ws", &upgrade, b"").await;
    assert_eq!(socket.status, 503);
}

#[tokio::test]
async fn a_node_that_joins_serves_nothing_and_then_everything() {
    let mut nats = Nats::start(1);
    nats.kill_all();
    let server = node(&nats).start().await;
    until_readyz(&server, 503, "joining: ").await;
    assert_closed(&server, "저절로 열립니다").await;
    nats.restart();
    until_readyz(&server, 200, "ready").await;
    let visitor = Visitor::known(&server).await;
    assert_eq!(visitor.get("/").await.status, 200);
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.join("lobby").await;
    assert_eq!(client.post_acknowledged("lobby", "안녕하세요").await, 1);
}

#[tokio::test]
async fn a_node_that_waits_for_nats_ends_when_it_is_asked_to() {
    let mut nats = Nats::start(1);
    nats.kill_all();
    let mut server = node(&nats).start().await;
    until_readyz(&server, 503, "joining: ").await;
    server.terminate();
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn what_makes_no_sense_for_a_node_is_said_in_a_sentence() {
    for (arguments, part) in [
        (&["--rebuild"][..], "no cluster is named: give --nats"),
        (&["--nats", "10.0.0.1:4222"], "write it like nats://10.0.0.1:4222"),
        (&["--nats", "nats://a", "--nats-replicas", "2"], "1, 3 or 5"),
        (&["--nats", "nats://a", "--new-signing-key"], "leave it out"),
    ] {
        let (status, log) = Setup::new().with(arguments).fail().await;
        assert!(!status.success());
        assert!(log.join("\n").contains(part), "{part:?} in {log:?}");
    }
}

#[tokio::test]
async fn while_nats_is_away_a_node_is_read_and_takes_what_waits_when_it_is_back() {
    let mut nats = Nats::start(1);
    let server = ready(node(&nats)).await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.join("lobby").await;
    client.post_acknowledged("lobby", "before").await;
    let mut plain = PlainClient::open(&server).await;

    nats.kill_all();
    until_readyz(&server, 200, "ready, apart from NATS: nothing can be posted").await;
    let id = client_id();
    client.post("lobby", &id, "meanwhile").await;
    let refused = client.next_of("error").await;
    assert_eq!(
        (refused["code"].as_str(), refused["clientId"].as_str()),
        (Some("unavailable"), Some(id.as_str()))
    );
    assert!(
        refused["retryAfterMs"].as_u64().is_some_and(|ms| ms <= 2_000),
        "{refused}"
    );
    let over_http = visitor.post("lobby", &client_id(), "over HTTP").await;
    over_http.assert_refused(503, "unavailable");
    assert_eq!(over_http.header("retry-after"), Some("1"));
    // A plain client cannot be told, so what it says waits.
    plain.say("from a plain client").await;
    assert_eq!(visitor.whole_history("lobby").await.len(), 1);
    let mut other = FullClient::open(&server).await;
    other.join("lobby").await;
    let shown = loop {
        let presence = client.next_soft("presence").await;
        if presence["count"] == 3 {
            break presence;
        }
    };
    assert!(shown.to_string().contains(other.user_id()), "{shown}");

    nats.restart();
    until_readyz(&server, 200, "ready").await;
    loop {
        client.send(&post_frame("lobby", &id, "meanwhile")).await;
        let answer = client.hear().await;
        let Received::Frame(answer) = answer else {
            panic!("{answer:?}");
        };
        match answer["type"].as_str() {
            Some("ack") => break,
            Some("message") => {}
            _ => assert_eq!(answer["code"], "unavailable", "{answer}"),
        }
    }
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let history = visitor.whole_history("lobby").await;
        texts = history
            .iter()
            .skip(1)
            .map(|row| row["message"].as_str().unwrap().to_owned())
            .collect();
    }
    texts.sort();
    assert_eq!(texts, ["from a plain client", "meanwhile"]);
}

#[tokio::test]
async fn a_node_that_has_stopped_sends_its_people_away_and_stays_to_be_looked_at() {
    let nats = Nats::start(1);
    let mut server = ready(node(&nats)).await;
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    let mut plain = PlainClient::open(&server).await;
    // What a later version of this program may say one day.
    let stream = nats.jetstream().await;
    let sent = stream
        .publish("MADANG.log", "madang/99\n{}".into())
        .await
        .unwrap();
    sent.await.unwrap();

    let bye = client.next().await;
    assert_eq!(
        (bye["type"].as_str(), bye["code"].as_u64()),
        (Some("bye"), Some(1001))
    );
    assert_eq!(client.hear().await, Received::Closed(1001));
    assert_eq!(plain.hear().await, Received::Closed(1001));
    let (status, words) = readyz(&server).await;
    assert_eq!(status, 503);
    assert!(
        words.starts_with("stopped: ") && words.contains("format 99"),
        "{words}"
    );
    assert_closed(&server, "나중에 다시 들어와 주세요").await;
    server.terminate();
    assert!(server.wait().await.success());
    // Whatever starts it again finds it so, and not ending again and again.
    server.restart().await;
    until_readyz(&server, 503, "stopped: ").await;
    server.terminate();
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn a_single_server_s_folder_becomes_the_first_state_of_a_cluster() {
    let nats = Nats::start(1);
    let config = nats.config();
    let cluster = ["--nats", config.servers[0].as_str(), "--nats-replicas", "1"];
    let seed = [&["cluster", "seed"][..], &cluster].concat();
    let mut first = Setup::new().start().await;
    let visitor = Visitor::known(&first).await;
    let mut client = FullClient::open_as(&first, &visitor).await;
    let (user_id, epoch) = (client.user_id().to_owned(), client.epoch().to_owned());
    for text in ["하나", "둘"] {
        client.post_acknowledged("lobby", text).await;
    }
    let refused = first.run_beside(&seed).await;
    assert!(!refused.status.success(), "the folder is in use");
    drop(client);
    first.terminate();
    assert!(first.wait().await.success());

    let seeded = first.run_beside(&seed).await;
    let said = String::from_utf8(seeded.stdout).unwrap();
    assert!(
        seeded.status.success(),
        "{}",
        String::from_utf8_lossy(&seeded.stderr)
    );
    assert!(
        said.contains("is the first state of the cluster MADANG"),
        "{said}"
    );
    let again = first.run_beside(&seed).await;
    assert!(!again.status.success(), "the cluster has a state");

    first.restart_with(&cluster).await;
    until_readyz(&first, 200, "ready").await;
    let second = ready(node(&nats)).await;
    for server in [&first, &second] {
        let same = same_at(server, &visitor);
        let mut client = FullClient::open_as(server, &same).await;
        assert_eq!(
            (client.user_id(), client.epoch()),
            (user_id.as_str(), epoch.as_str())
        );
        let joined = client.join_after("lobby", 0).await;
        assert_eq!(joined["head"], 2, "{joined}");
        let texts: Vec<_> = client
            .messages(2)
            .await
            .iter()
            .map(|row| row["message"].clone())
            .collect();
        assert_eq!(texts, [json!("하나"), json!("둘")]);
    }
    let mut at_first = FullClient::open_as(&first, &same_at(&first, &visitor)).await;
    at_first.join("lobby").await;
    let mut at_second = FullClient::open_as(&second, &same_at(&second, &visitor)).await;
    assert_eq!(at_second.post_acknowledged("lobby", "셋").await, 3);
    assert_eq!(at_first.next_of("message").await["message"], "셋");
}
