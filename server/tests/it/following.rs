//! Rooms one follows: read positions on all of one's devices, lists, who has seen what, history around a message.

use crate::support::{FullClient, Server, Setup, Visitor, client_id, event_stream::EventStream, in_time};
use serde_json::{Value, json};

async fn rooms(visitor: &Visitor, query: &str) -> Vec<Value> {
    let response = visitor.get(&format!("/api/v1/rooms{query}")).await;
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.header("cache-control"), Some("no-store"));
    response.json()["rooms"].as_array().unwrap().clone()
}

/// Waits until the server knows how far somebody has read.
async fn has_read(visitor: &Visitor, room: &str, seq: u64) {
    in_time("a position", async {
        loop {
            let rooms = rooms(visitor, "").await;
            if rooms.iter().any(|row| row["room"] == room && row["read"] == seq) {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn read(room: &str, seq: u64) -> Value {
    json!({ "type": "read", "room": room, "seq": seq })
}

#[tokio::test]
async fn what_is_read_on_one_device_is_read_on_all_and_nobody_else_hears_of_it() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut writer = FullClient::open(&server).await;
    for text in ["one", "two", "three"] {
        writer.post_acknowledged("lobby", text).await;
    }
    let mut desk = FullClient::open_as(&server, &visitor).await;
    let mut phone = EventStream::open(&server, &visitor, "/api/v1/events", None).await;
    phone.next().await;
    desk.send(&read("lobby", 1)).await;
    let told = json!({ "type": "read", "room": "lobby", "read": 1, "unread": 2 });
    assert_eq!(desk.next_soft("read").await, told, "they follow the room now");
    assert_eq!(phone.next_of_all().await.frame, told);
    desk.send(&read("lobby", 2)).await;
    let told = json!({ "type": "read", "room": "lobby", "read": 2, "unread": 1 });
    assert_eq!(phone.next_of_all().await.frame, told);
    desk.send(&json!({ "type": "ping" })).await;
    assert_eq!(
        desk.socket.frame().await["type"],
        "beat",
        "what one says oneself one knows"
    );

    desk.send(&json!({ "type": "unread", "room": "lobby", "seq": 0 }))
        .await;
    let told = json!({ "type": "read", "room": "lobby", "read": 0, "unread": 3, "marked": true });
    assert_eq!(phone.next_of_all().await.frame, told);
    let command = json!({ "type": "leave", "room": "lobby" });
    let answer = visitor.post_json("/api/v1/commands", &command).await;
    assert_eq!(answer.json()["frames"], json!([]), "there is no ack");
    assert_eq!(
        phone.next_of_all().await.frame,
        json!({ "type": "left", "room": "lobby" })
    );
    desk.ask(json!({ "type": "rename", "name": "하나" })).await;
    let told = json!({ "type": "name", "userId": visitor.user_id().await, "name": "하나" });
    assert_eq!(phone.next_of_all().await.frame, told);

    // The writer has heard of none of it: what comes next is what it asks for.
    writer.send(&json!({ "type": "ping" })).await;
    assert_eq!(writer.socket.frame().await["type"], "beat");
}

#[tokio::test]
async fn of_many_read_positions_in_a_second_the_last_one_counts_and_none_is_lost() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    let mut writer = FullClient::open(&server).await;
    for number in 0..40 {
        writer.post_acknowledged("lobby", &format!("{number}")).await;
    }
    let mut client = FullClient::open_as(&server, &visitor).await;
    for seq in 1..=30 {
        client.send(&read("lobby", seq)).await;
    }
    has_read(&visitor, "lobby", 30).await;
    // A session that ends says what it still had to say.
    client.send(&read("lobby", 35)).await;
    client.send(&read("lobby", 40)).await;
    client.send(&json!({ "type": "ping" })).await;
    client.next_of("beat").await;
    drop(client);
    has_read(&visitor, "lobby", 40).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.send(&read("a b", 1)).await;
    let refusal = client.next().await;
    assert_eq!(
        json!([
            refusal["type"],
            refusal["code"],
            refusal["room"],
            refusal["clientId"]
        ]),
        json!(["error", "badRoom", "a b", null])
    );
}

#[tokio::test]
async fn marking_as_unread_is_not_undone_by_a_position_that_was_still_waiting() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut writer = FullClient::open(&server).await;
    for text in ["one", "two", "three"] {
        writer.post_acknowledged("lobby", text).await;
    }
    let mut client = FullClient::open_as(&server, &visitor).await;
    client.send(&read("lobby", 1)).await;
    client.send(&read("lobby", 3)).await;
    client
        .send(&json!({ "type": "unread", "room": "lobby", "seq": 0 }))
        .await;
    assert_eq!(client.next_soft("read").await["read"], 0);
    // What the server has heard of on the same way comes later on: the first position would have been there before.
    visitor.post("attic", &client_id(), "one").await;
    writer.post_acknowledged("attic", "two").await;
    client.send(&read("attic", 2)).await;
    has_read(&visitor, "attic", 2).await;
    has_read(&visitor, "lobby", 0).await;
    client.send(&read("lobby", 2)).await;
    client
        .send(&json!({ "type": "unsubscribe", "room": "lobby" }))
        .await;
    has_read(&visitor, "lobby", 2).await;
}

#[tokio::test]
async fn marking_as_unread_is_not_undone_by_what_another_session_said_before() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut writer = FullClient::open(&server).await;
    for text in ["one", "two", "three"] {
        writer.post_acknowledged("lobby", text).await;
    }
    for room in ["attic", "cellar"] {
        visitor.post(room, &client_id(), "one").await;
        writer.post_acknowledged(room, "two").await;
    }
    let mut desk = FullClient::open_as(&server, &visitor).await;
    for (room, is_closed) in [("attic", false), ("cellar", true)] {
        let mut phone = FullClient::open_as(&server, &visitor).await;
        phone.send(&read("lobby", 2)).await;
        // It waits, for it is the second one in a second.
        phone.send(&read("lobby", 3)).await;
        phone.send(&json!({ "type": "ping" })).await;
        phone.next_soft("beat").await;
        desk.send(&json!({ "type": "unread", "room": "lobby", "seq": 1 }))
            .await;
        while phone.next_soft("read").await["marked"] != true {}
        // What waits no longer than this leaves before it, or with it.
        phone.send(&read(room, 1)).await;
        phone.send(&read(room, 2)).await;
        if is_closed {
            phone.send(&json!({ "type": "ping" })).await;
            phone.next_soft("beat").await;
            drop(phone);
        }
        has_read(&visitor, room, 2).await;
        has_read(&visitor, "lobby", 1).await;
    }
}

#[tokio::test]
async fn rooms_one_follows_are_listed_and_others_are_found() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let somebody = Visitor::known(&server).await;
    somebody.post("개발", &client_id(), "hello").await;
    somebody.post("개발-후기", &client_id(), "hello").await;
    assert_eq!(rooms(&visitor, "").await, [Value::Null; 0]);
    visitor.post("lobby", &client_id(), "me").await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    client
        .ask(json!({ "type": "topic", "room": "개발", "topic": "코드" }))
        .await;
    client.send(&read("개발", 0)).await;
    client.next_soft("read").await;
    let listed = rooms(&visitor, "").await;
    let what: Vec<Value> = listed
        .iter()
        .map(|room| {
            json!([
                room["room"],
                room["topic"],
                room["head"],
                room["read"],
                room["unread"],
                room["following"]
            ])
        })
        .collect();
    let expected = [
        json!(["lobby", null, 1, 1, 0, true]),
        json!(["개발", "코드", 2, 0, 1, true]),
    ];
    assert_eq!(what, expected);
    assert!(listed[0]["at"].as_u64().unwrap() > 0);

    // Decomposed, as some keyboards type it.
    let decomposed = "%E1%84%80%E1%85%A2%E1%84%87%E1%85%A1%E1%86%AF";
    let found = rooms(&visitor, &format!("?find={decomposed}")).await;
    let names: Vec<_> = found
        .iter()
        .map(|room| (room["room"].as_str().unwrap(), room["following"] == true))
        .collect();
    assert_eq!(names, [("개발", true), ("개발-후기", false)]);
    assert!(found[1].get("read").is_none() && found[1].get("unread").is_none());
    let stranger = Visitor::new(&server);
    assert_eq!(rooms(&stranger, "").await, [Value::Null; 0]);
    assert_eq!(rooms(&stranger, "?find=LOB").await[0]["room"], "lobby");
    assert_eq!(stranger.cookie(), None, "asking makes nobody");
}

#[tokio::test]
async fn who_has_seen_what_is_told_in_a_room_of_a_few() {
    let server = Server::start().await;
    let (visitor, other) = (Visitor::known(&server).await, Visitor::known(&server).await);
    visitor.post("lobby", &client_id(), "one").await;
    visitor.post("lobby", &client_id(), "two").await;
    let command = json!([
        { "type": "rename", "clientId": client_id(), "name": "두리" },
        { "type": "read", "room": "lobby", "seq": 1 },
    ]);
    other.post_json("/api/v1/commands", &command).await;
    has_read(&other, "lobby", 1).await;
    let seen = visitor.get("/api/v1/rooms/lobby/seen").await.json();
    assert_eq!(seen["people"].as_array().unwrap().len(), 2);
    let expected = json!({ "userId": other.user_id().await, "name": "두리", "seq": 1 });
    assert!(seen["people"].as_array().unwrap().contains(&expected), "{seen}");
    let seen = visitor.get("/api/v1/rooms/lobby/seen?seq=2").await.json();
    assert_eq!(seen["people"][0]["userId"], visitor.user_id().await);
    assert_eq!(seen["people"].as_array().unwrap().len(), 1);
    visitor
        .get("/api/v1/rooms/lobby/seen?seq=x")
        .await
        .assert_refused(400, "badFrame");
    for _ in 0..protocol::limits::SEEN_PEOPLE_MAX {
        let somebody = Visitor::known(&server).await;
        somebody.post_json("/api/v1/commands", &read("lobby", 1)).await;
    }
    let somebody = Visitor::known(&server).await;
    somebody.post_json("/api/v1/commands", &read("lobby", 2)).await;
    has_read(&somebody, "lobby", 2).await;
    visitor
        .get("/api/v1/rooms/lobby/seen")
        .await
        .assert_refused(409, "tooManyPeople");
}

#[tokio::test]
async fn history_around_a_message_is_half_before_it_and_says_whether_there_is_more() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    for number in 1..=20 {
        visitor.post("lobby", &client_id(), &format!("{number}")).await;
    }
    for (query, first, last, older, newer) in [
        ("around=10&limit=4", 8, 11, true, true),
        ("around=1&limit=4", 1, 2, false, true),
        ("around=20&limit=4", 18, 20, true, false),
        ("limit=4", 17, 20, true, false),
        ("before=5", 1, 4, false, true),
        ("after=16", 17, 20, true, false),
    ] {
        let page = visitor.history("lobby", query).await;
        let messages = page["messages"].as_array().unwrap();
        let what = json!([
            messages[0]["seq"],
            messages.last().unwrap()["seq"],
            page["hasOlder"],
            page["hasNewer"]
        ]);
        assert_eq!(what, json!([first, last, older, newer]), "{query}");
    }
}
