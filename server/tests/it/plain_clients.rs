//! Plain clients: the original React component is one, unchanged.

use std::collections::HashSet;

use crate::support::{FullClient, PlainClient, Received, Server, Setup, Visitor};
use serde_json::{Value, json};

#[tokio::test]
async fn a_plain_client_is_told_its_id_and_hears_what_is_said_its_own_words_included() {
    let server = Server::start().await;
    for path in ["/", "/ws"] {
        let mut one = PlainClient::open_at(&server, path, &[]).await;
        let mut other = PlainClient::open_at(&server, path, &[]).await;
        assert_ne!(one.user_id, other.user_id, "each is somebody for its connection");
        one.say("안녕하세요").await;
        other.say("hello\nthere").await;
        for client in [&mut one, &mut other] {
            let heard = [client.text().await, client.text().await];
            let heard: HashSet<&str> = heard.iter().map(String::as_str).collect();
            assert_eq!(heard, HashSet::from(["안녕하세요", "hello\nthere"]), "at {path}");
        }
    }
}

#[tokio::test]
async fn a_plain_client_hears_the_lobby_from_now_on_and_nothing_else() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    writer.post_acknowledged("lobby", "before").await;
    let mut plain = PlainClient::open(&server).await;
    writer.post_acknowledged("elsewhere", "in another room").await;
    writer.post_acknowledged("lobby", "after").await;
    assert_eq!(plain.text().await, "after");
}

#[tokio::test]
async fn a_claimed_user_id_is_not_believed() {
    let server = Server::start().await;
    let mut plain = PlainClient::open(&server).await;
    let somebody_else = Visitor::new(&server).user_id().await;
    let frame = json!({ "userId": somebody_else, "message": "who am I?" });
    plain.socket.send(frame.to_string()).await;
    assert_eq!(plain.message().await["userId"], plain.user_id.as_str());
}

#[tokio::test]
async fn a_plain_client_with_a_cookie_is_who_the_cookie_says() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let cookie = visitor.cookie().unwrap();
    let mut plain = PlainClient::open_at(&server, "/", &[("Cookie", &cookie)]).await;
    assert_eq!(plain.user_id, visitor.user_id().await);
    plain.say("me").await;
    assert_eq!(plain.message().await["userId"], plain.user_id.as_str());
}

#[tokio::test]
async fn a_plain_client_that_closes_is_answered_with_a_close() {
    let server = Server::start().await;
    let mut plain = PlainClient::open(&server).await;
    plain.socket.close().await;
    assert!(
        matches!(plain.hear().await, Received::Closed(_)),
        "a browser would call anything else unclean"
    );
}

#[tokio::test]
async fn two_plain_clients_and_a_full_one_see_the_same_messages_in_the_same_order() {
    const EACH: usize = 200;
    let server = Setup::new().without_rate().start().await;
    let mut first = PlainClient::open_at(&server, "/", &[]).await;
    let mut second = PlainClient::open(&server).await;
    let mut full = FullClient::open(&server).await;
    full.join("lobby").await;
    let (by_first, by_second, by_full) = tokio::join!(
        speak_plainly(&mut first, "first", EACH),
        speak_plainly(&mut second, "second", EACH),
        async {
            for number in 0..EACH {
                full.post("lobby", &crate::support::client_id(), &format!("full {number}"))
                    .await;
            }
            full.messages(3 * EACH).await
        },
    );
    assert_eq!(by_first, by_second);
    assert_eq!(by_first, by_full);
    let seqs: Vec<u64> = by_first
        .iter()
        .map(|frame| frame["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=3 * EACH as u64).collect::<Vec<_>>());
    for name in ["first", "second", "full"] {
        let said: Vec<_> = by_first
            .iter()
            .filter_map(|frame| frame["message"].as_str().unwrap().strip_prefix(name))
            .collect();
        let expected: Vec<_> = (0..EACH).map(|number| format!(" {number}")).collect();
        assert_eq!(said, expected, "what one person says stays in order");
    }
}

async fn speak_plainly(client: &mut PlainClient, name: &str, count: usize) -> Vec<Value> {
    for number in 0..count {
        client.say(&format!("{name} {number}")).await;
    }
    let mut heard = Vec::new();
    while heard.len() < 3 * count {
        heard.push(client.message().await);
    }
    heard
}

#[tokio::test]
async fn plain_clients_that_say_more_than_the_server_can_take_are_slowed_down_and_lose_nothing() {
    const WRITERS: usize = 8;
    const MESSAGES: usize = 500;
    let server = Setup::new().without_rate().start().await;
    let mut reader = FullClient::open(&server).await;
    reader.join("lobby").await;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(PlainClient::open(&server).await);
    }
    let writing = writers.into_iter().enumerate().map(|(writer, mut client)| {
        tokio::spawn(async move {
            for number in 0..MESSAGES {
                client.say(&format!("{writer}/{number}")).await;
            }
            // One that never read would not be read for ever: what it does not take stands in its way.
            for _ in 0..WRITERS * MESSAGES {
                client.message().await;
            }
        })
    });
    let writing: Vec<_> = writing.collect();
    let heard = reader.messages(WRITERS * MESSAGES).await;
    for writer in 0..WRITERS {
        let prefix = format!("{writer}/");
        let of_writer: Vec<&str> = heard
            .iter()
            .filter_map(|frame| frame["message"].as_str()?.strip_prefix(&prefix))
            .collect();
        let expected: Vec<String> = (0..MESSAGES).map(|number| number.to_string()).collect();
        assert_eq!(of_writer, expected, "writer {writer}");
    }
    for writer in writing {
        writer.await.unwrap();
    }
}
