//! What a full client asks for and gets: joining, catching up, leaving, beats.

use crate::support::{FullClient, Received, Server, Setup, Visitor, client_id};
use protocol::limits::{CATCH_UP_EVENTS_MAX, JOINED_ROOMS_MAX};
use serde_json::{Value, json};

/// Posts `count` short messages, many at a time.
async fn fill(client: &mut FullClient, room: &str, count: usize) {
    const WINDOW: usize = 200;
    for start in (0..count).step_by(WINDOW) {
        let window = WINDOW.min(count - start);
        for number in start..start + window {
            client.post(room, &client_id(), &number.to_string()).await;
        }
        for _ in 0..window {
            client.next_of("ack").await;
        }
    }
}

fn seqs(messages: &[Value]) -> Vec<u64> {
    messages
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_greeting_says_who_one_is_and_what_the_bounds_are() {
    let server = Setup::new().with(&["--post-rate", "7"]).start().await;
    let visitor = Visitor::known(&server).await;
    let client = FullClient::open_as(&server, &visitor).await;
    assert_eq!(client.user_id(), visitor.user_id().await);
    let me = visitor.get("/api/v1/me").await.json();
    for field in ["userId", "epoch", "limits"] {
        assert_eq!(client.greeting[field], me[field]);
    }
    assert_eq!(me["limits"]["postRate"], 7);
    assert_eq!(me["limits"]["messageChars"], 4_000);
}

#[tokio::test]
async fn who_joins_at_the_head_hears_what_comes_and_who_names_a_place_what_lies_between_too() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    fill(&mut writer, "lobby", 5).await;

    let mut at_head = FullClient::open(&server).await;
    let joined = at_head.join("lobby").await;
    assert_eq!((&joined["seq"], &joined["head"]), (&json!(5), &json!(5)));
    assert_eq!(joined["epoch"], at_head.epoch());

    let mut behind = FullClient::open(&server).await;
    let joined = behind.join_after("lobby", 2).await;
    assert_eq!((&joined["seq"], &joined["head"]), (&json!(2), &json!(5)));

    fill(&mut writer, "lobby", 1).await;
    assert_eq!(seqs(&at_head.messages(1).await), [6]);
    assert_eq!(seqs(&behind.messages(4).await), [3, 4, 5, 6]);
}

#[tokio::test]
async fn a_room_nobody_has_spoken_in_can_be_joined() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    for joined in [client.join("개발").await, client.join_after("개발", 0).await] {
        assert_eq!(joined["room"], "개발");
        assert_eq!((&joined["seq"], &joined["head"]), (&json!(0), &json!(0)));
    }
    client.post("개발", &client_id(), "첫 마디").await;
    let first = client.next_of("message").await;
    assert_eq!((&first["seq"], &first["room"]), (&json!(1), &json!("개발")));
}

#[tokio::test]
async fn a_place_that_means_nothing_here_is_answered_with_resync_and_joins_nothing() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    fill(&mut client, "lobby", 3).await;
    let epoch = client.epoch().to_owned();
    let (other_epoch, other_event) = (client_id(), client_id());
    for place in [
        json!({ "epoch": epoch, "after": 4 }),
        json!({ "epoch": epoch, "after": u64::MAX }),
        json!({ "epoch": other_epoch, "after": 2 }),
        json!({ "epoch": other_epoch, "after": 0 }),
        json!({ "epoch": epoch, "after": 2, "eventId": other_event }),
    ] {
        let mut join = place.clone();
        join["type"] = "join".into();
        join["room"] = "lobby".into();
        client.send(&join).await;
        assert_eq!(
            client.next().await,
            json!({ "type": "resync", "room": "lobby" }),
            "{place}"
        );
    }
    fill(&mut client, "lobby", 1).await;
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await["type"], "beat", "nothing was joined");
}

#[tokio::test]
async fn the_event_one_has_is_checked() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    client.post("lobby", &client_id(), "first").await;
    let first = client.next_of("message").await;
    let mut again = FullClient::open(&server).await;
    let epoch = again.epoch().to_owned();
    again
        .send(&json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": 1, "eventId": first["id"] }))
        .await;
    assert_eq!(again.next().await["type"], "joined");
}

#[tokio::test]
async fn joining_again_moves_the_cursor_and_doubles_nothing() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    fill(&mut writer, "lobby", 3).await;
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    client.join("lobby").await;
    assert_eq!(client.join_after("lobby", 1).await["seq"], 1);
    assert_eq!(seqs(&client.messages(2).await), [2, 3]);
    fill(&mut writer, "lobby", 1).await;
    assert_eq!(seqs(&client.messages(1).await), [4]);
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await["type"], "beat", "once each");
}

#[tokio::test]
async fn a_room_that_was_left_is_heard_no_more() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    let mut client = FullClient::open(&server).await;
    client.join("one").await;
    client.join("two").await;
    client
        .send(&json!({ "type": "unsubscribe", "room": "one" }))
        .await;
    client
        .send(&json!({ "type": "unsubscribe", "room": "never-joined" }))
        .await;
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await["type"], "beat");
    fill(&mut writer, "one", 2).await;
    fill(&mut writer, "two", 1).await;
    assert_eq!(client.next().await["room"], "two");
}

#[tokio::test]
async fn one_connection_joins_a_hundred_rooms_and_no_more() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    for number in 0..JOINED_ROOMS_MAX {
        client.join(&format!("room-{number}")).await;
    }
    let more = json!({ "type": "join", "room": "one-more" });
    client.send(&more).await;
    let refusal = client.next().await;
    assert_eq!(
        (&refusal["code"], &refusal["room"]),
        (&json!("tooManyRooms"), &json!("one-more"))
    );
    client.join("room-7").await;
    client
        .send(&json!({ "type": "unsubscribe", "room": "room-7" }))
        .await;
    client.join("one-more").await;
    let mut writer = FullClient::open(&server).await;
    for room in ["room-0", "room-99", "one-more"] {
        writer.post_acknowledged(room, "hello").await;
        assert_eq!(client.next_of("message").await["room"], room);
    }
}

#[tokio::test]
async fn who_is_far_behind_is_caught_up_from_the_database_and_who_is_too_far_starts_over() {
    let server = Setup::in_memory().without_rate().start().await;
    let mut writer = FullClient::open(&server).await;
    let count = usize::try_from(CATCH_UP_EVENTS_MAX).unwrap();
    fill(&mut writer, "lobby", count).await;
    let mut behind = FullClient::open(&server).await;
    assert_eq!(behind.join_after("lobby", 0).await["type"], "joined");
    assert_eq!(
        seqs(&behind.messages(count).await),
        (1..=CATCH_UP_EVENTS_MAX).collect::<Vec<_>>()
    );
    fill(&mut writer, "lobby", 1).await;
    let mut later = FullClient::open(&server).await;
    assert_eq!(later.join_after("lobby", 0).await["type"], "resync");
    assert_eq!(later.join_after("lobby", 1).await["type"], "joined");
}

#[tokio::test]
async fn a_ping_is_answered_with_a_beat_and_the_protocol_s_own_ping_with_a_pong() {
    let server = Server::start().await;
    let mut client = FullClient::open(&server).await;
    client.send(&json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "beat" }));
    assert_eq!(client.socket.ping(b"are you there").await, b"are you there");
}

#[tokio::test]
async fn a_full_client_that_closes_is_answered_with_a_close_and_leaves_nothing_behind() {
    let server = Server::start().await;
    let before = server.open_files();
    for _ in 0..50 {
        let mut client = FullClient::open(&server).await;
        client.join("lobby").await;
        client.socket.close().await;
        assert!(matches!(client.hear().await, Received::Closed(_)));
    }
    for _ in 0..50 {
        // Gone without a word.
        drop(FullClient::open(&server).await);
    }
    crate::support::until("the descriptors are back", || server.open_files() <= before + 8).await;
}
