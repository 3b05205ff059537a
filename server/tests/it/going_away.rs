//! SIGTERM: everybody is told, nothing acknowledged is lost, and the process ends well and in time.

use std::collections::HashMap;

use crate::support::{FullClient, PlainClient, Received, Setup, Visitor, client_id, try_exchange};
use serde_json::{Value, json};

#[tokio::test]
async fn full_clients_get_bye_and_1001_and_plain_ones_1001() {
    let mut server = Setup::new().with(&["--drain-seconds", "2"]).start().await;
    let mut full = Vec::new();
    let mut plain = Vec::new();
    for _ in 0..10 {
        let mut client = FullClient::open(&server).await;
        client.join("lobby").await;
        full.push(client);
        plain.push(PlainClient::open(&server).await);
    }
    server.terminate();
    for client in &mut full {
        let bye = client.next().await;
        assert_eq!(
            (bye["type"].as_str(), bye["code"].as_u64()),
            (Some("bye"), Some(1001))
        );
        assert!(
            bye["reconnectMs"].as_u64().is_some_and(|ms| ms <= 10_000),
            "{bye}"
        );
        assert_eq!(client.hear().await, Received::Closed(1001));
    }
    for client in &mut plain {
        assert_eq!(client.hear().await, Received::Closed(1001));
    }
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn a_server_nobody_talks_to_ends_at_once_and_one_with_a_silent_client_when_the_time_is_over() {
    let mut server = Setup::new().with(&["--drain-seconds", "300"]).start().await;
    Visitor::known(&server).await;
    server.terminate();
    assert!(server.wait().await.success(), "long before the 300 s are over");

    let mut server = Setup::new().with(&["--drain-seconds", "1"]).start().await;
    let _never_reads = FullClient::open(&server).await;
    let _never_asks = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    server.terminate();
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn what_was_acknowledged_before_the_end_is_there_after_it_and_the_page_goes_on() {
    let mut server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    let epoch = client.epoch().to_owned();
    let mut acknowledged: HashMap<String, u64> = HashMap::new();
    let mut sent = 0;
    // Posts go on until the connection ends; the server is asked to end in the middle of it.
    loop {
        while sent < acknowledged.len() + 32 {
            sent += 1;
            if !client.socket.try_send(post(sent)).await {
                break;
            }
        }
        match client.hear().await {
            Received::Frame(frame) => acknowledge(&frame, &mut acknowledged),
            Received::Closed(code) => {
                assert_eq!(code, 1001);
                break;
            }
            Received::Gone => break,
        }
        if acknowledged.len() == 200 {
            server.terminate();
        }
    }
    assert!(acknowledged.len() >= 200);
    assert!(server.wait().await.success());
    server.restart().await;
    let places: HashMap<String, u64> = visitor
        .whole_history("lobby")
        .await
        .iter()
        .zip(1_u64..)
        .map(|(row, seq)| {
            assert_eq!(row["seq"], seq);
            (row["clientId"].as_str().unwrap().to_owned(), seq)
        })
        .collect();
    for (id, seq) in &acknowledged {
        assert_eq!(places.get(id), Some(seq));
    }
    let mut again = FullClient::open_as(&server, &visitor).await;
    assert_eq!(again.epoch(), epoch, "the same database");
    let head = places.len() as u64;
    assert_eq!(again.join_after("lobby", head).await["head"], head);
}

fn post(number: usize) -> String {
    crate::support::post_frame("lobby", &client_id(), &format!("message {number}")).to_string()
}

fn acknowledge(frame: &Value, acknowledged: &mut HashMap<String, u64>) {
    match frame["type"].as_str() {
        Some("ack") => {
            let id = frame["clientId"].as_str().unwrap().to_owned();
            acknowledged.insert(id, frame["seq"].as_u64().unwrap());
        }
        Some("bye") => {}
        _ => panic!("{frame}"),
    }
}

#[tokio::test]
async fn a_post_over_http_that_is_on_its_way_is_answered() {
    let mut server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let posts = (0..50).map(|_| {
        let body = json!({ "clientId": client_id(), "message": "on its way" }).to_string();
        let request = format!(
            "POST /api/v1/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let address = server.address();
        async move { try_exchange(address, request.as_bytes()).await }
    });
    let (answers, ()) = tokio::join!(futures_util::future::join_all(posts), async {
        visitor.get("/healthz").await;
        server.terminate();
    });
    // Whoever got through to the server got an answer, and the answer holds.
    let acknowledged: Vec<_> = answers
        .iter()
        .flatten()
        .filter(|answer| answer.status == 200)
        .collect();
    assert!(server.wait().await.success());
    server.restart().await;
    let history = visitor.whole_history("lobby").await;
    for answer in acknowledged {
        let ack = answer.json();
        let row = &history[ack["seq"].as_u64().unwrap() as usize - 1];
        assert_eq!(row["clientId"], ack["clientId"]);
    }
}

#[tokio::test]
async fn a_terminal_that_is_closed_ends_it_in_good_order_unless_it_was_to_outlive_it() {
    let mut server = Setup::new().with(&["--drain-seconds", "2"]).start().await;
    let mut client = FullClient::open(&server).await;
    server.signal("HUP");
    assert_eq!(client.next().await["type"], "bye");
    assert_eq!(client.hear().await, Received::Closed(1001));
    assert!(server.wait().await.success());

    let mut server = Setup::new().after(&[], "trap '' HUP").start().await;
    server.signal("HUP");
    let mut client = FullClient::open(&server).await;
    client.post_acknowledged("lobby", "still here").await;
    server.terminate();
    assert!(server.wait().await.success());
}

#[tokio::test]
async fn a_second_ctrl_c_ends_it_at_once_and_nothing_acknowledged_is_lost() {
    let mut server = Setup::new().with(&["--drain-seconds", "300"]).start().await;
    let visitor = Visitor::known(&server).await;
    assert_eq!(visitor.post("lobby", &client_id(), "kept").await.status, 200);
    let _never_asks = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let _never_reads = FullClient::open(&server).await;
    server.signal("INT");
    server.logged(&["going away"]).await;
    server.signal("INT");
    assert_eq!(server.wait().await.code(), Some(130));
    server.restart().await;
    assert_eq!(visitor.whole_history("lobby").await.len(), 1);
}
