//! How the rooms are that one follows and has not joined, as it is told over each transport.

use crate::support::{FullClient, Server, Setup, Visitor, event_stream::EventStream, in_time};
use serde_json::{Value, json};

/// Somebody who follows these rooms, in each of which one message of somebody else is unread.
async fn follower(server: &Server, writer: &mut FullClient, rooms: &[&str]) -> Visitor {
    let visitor = Visitor::known(server).await;
    for room in rooms {
        writer.post_acknowledged(room, "before").await;
        let read = json!({ "type": "unread", "room": room, "seq": 0 });
        let answer = visitor.post_json("/api/v1/commands", &read).await;
        assert_eq!(answer.json()["frames"], json!([]));
    }
    visitor
}

/// What is told of a room of so many messages, all unread.
fn told(frame: &Value, room: &str) -> Value {
    let of_room = frame["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["room"] == room);
    of_room.map_or(Value::Null, |row| {
        json!([row["head"], row["read"], row["unread"], row["following"]])
    })
}

#[tokio::test]
async fn a_socket_and_a_stream_that_asked_are_told_how_the_rooms_are_that_they_have_not_joined() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    let visitor = follower(&server, &mut writer, &["lobby", "attic"]).await;
    let mut socket = FullClient::open_for_rooms(&server, &visitor).await;
    let mut silent = FullClient::open_as(&server, &visitor).await;
    let mut stream = EventStream::open(&server, &visitor, "/api/v1/events?rooms=true", None).await;
    socket.join("attic").await;
    writer.post_acknowledged("attic", "seen as it comes").await;
    assert_eq!(socket.next_of("message").await["room"], "attic");
    writer.post_acknowledged("lobby", "not seen").await;
    let frame = socket.next_soft("rooms").await;
    assert_eq!(told(&frame, "lobby"), json!([2, 0, 2, true]));
    assert_eq!(told(&frame, "attic"), Value::Null);
    let mut lobby = Value::Null;
    while lobby != json!([2, 0, 2, true]) {
        let event = stream.next_of_all().await;
        if event.frame["type"] == "rooms" {
            lobby = told(&event.frame, "lobby");
        }
    }
    socket
        .send(&json!({ "type": "unsubscribe", "room": "attic" }))
        .await;
    let frame = socket.next_soft("rooms").await;
    assert_eq!(
        told(&frame, "attic"),
        json!([2, 0, 2, true]),
        "what it is like now"
    );
    silent.send(&json!({ "type": "ping" })).await;
    assert_eq!(silent.socket.frame().await["type"], "beat", "it did not ask");
}

#[tokio::test]
async fn a_poll_that_waits_is_answered_when_a_room_has_changed() {
    let server = Server::start().await;
    let mut writer = FullClient::open(&server).await;
    let visitor = follower(&server, &mut writer, &["lobby"]).await;
    in_time("an answer with a room", async {
        loop {
            // What was said before it waited is not told to it.
            let cursor = visitor.get("/api/v1/events").await.json()["cursor"].clone();
            let path = format!(
                "/api/v1/events?cursor={}&wait=3&rooms=true",
                cursor.as_str().unwrap()
            );
            let (answer, _) = tokio::join!(visitor.get(&path), writer.post_acknowledged("lobby", "x"));
            let frames = answer.json()["frames"].clone();
            let rooms = frames.as_array().unwrap().iter();
            if rooms.clone().any(|frame| told(frame, "lobby") != Value::Null) {
                return;
            }
            assert_eq!(rooms.len(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_follows_eighty_rooms_has_a_short_cursor_and_hears_four_letters_in_few_bytes() {
    let server = Setup::new().without_rate().start().await;
    let mut writer = FullClient::open(&server).await;
    let rooms: Vec<String> = (0..80)
        .map(|number| format!("방-{number:02}-{}", "가".repeat(26)))
        .collect();
    let visitor = follower(
        &server,
        &mut writer,
        &rooms.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    let join = json!({ "type": "join", "room": rooms[0] });
    let answer = visitor.post_json("/api/v1/commands", &join).await.json();
    let path = format!(
        "/api/v1/events?cursor={}&rooms=true",
        answer["cursor"].as_str().unwrap()
    );
    assert!(path.len() < 400, "{path}");
    let mut stream = EventStream::open(&server, &visitor, &path, None).await;
    let greeting = stream.next_of_all().await;
    assert_eq!(greeting.frame["type"], "userId");
    writer.post_acknowledged(&rooms[0], "네 글자").await;
    let message = loop {
        let event = stream.next_of_all().await;
        if event.frame["type"] == "message" {
            break event;
        }
    };
    let bytes = message.frame.to_string().len() + message.id.unwrap().len();
    assert!(bytes < 1_000, "{bytes} bytes");
}
