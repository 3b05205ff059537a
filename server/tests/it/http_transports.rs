//! The same conversation without a socket: commands by POST, events by stream, long poll and poll, all from one
//! cursor.

use crate::support::{
    FullClient, Server, Setup, Visitor, client_id, event_stream::EventStream, in_time, is_ephemeral,
};
use serde_json::{Value, json};

/// Sends frames and returns the answer.
async fn command(visitor: &Visitor, cursor: &str, frames: Value) -> Value {
    let path = if cursor.is_empty() {
        "/api/v1/commands".to_owned()
    } else {
        format!("/api/v1/commands?cursor={cursor}")
    };
    let response = visitor.post_json(&path, &frames).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

fn cursor(answer: &Value) -> String {
    answer["cursor"].as_str().unwrap().to_owned()
}

/// A cursor at the beginning of these rooms.
async fn joined(visitor: &Visitor, rooms: &[&str]) -> String {
    let joins: Vec<_> = rooms
        .iter()
        .map(|room| json!({ "type": "join", "room": room, "after": 0 }))
        .collect();
    let answer = command(visitor, "", Value::Array(joins)).await;
    for (frame, room) in answer["frames"].as_array().unwrap().iter().zip(rooms) {
        assert_eq!((&frame["type"], &frame["room"]), (&json!("joined"), &json!(room)));
    }
    // The first answer after a join says who is there, and comes at once.
    cursor(&poll(visitor, &cursor(&answer), 25).await)
}

async fn poll(visitor: &Visitor, cursor: &str, wait: u32) -> Value {
    let response = visitor
        .get(&format!("/api/v1/events?cursor={cursor}&wait={wait}"))
        .await;
    assert_eq!(response.status, 200, "{}", response.text());
    let mut answer = response.json();
    let frames = answer["frames"].as_array_mut().unwrap();
    frames.retain(|frame| !is_ephemeral(frame));
    answer
}

fn texts(frames: &[Value]) -> Vec<&str> {
    frames
        .iter()
        .filter(|frame| frame["type"] == "message")
        .map(|frame| frame["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn without_a_cursor_a_poll_says_who_the_client_is_and_where_to_begin() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let answer = visitor.get("/api/v1/events").await.json();
    assert_eq!(answer["frames"][0]["type"], "userId");
    assert_eq!(answer["frames"][0]["userId"], visitor.user_id().await.as_str());
    let again = poll(&visitor, &cursor(&answer), 0).await;
    assert_eq!(again["frames"], json!([]));
}

#[tokio::test]
async fn polling_yields_every_event_of_all_joined_rooms_once_and_in_order() {
    let server = Setup::new().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    let mut place = joined(&visitor, &["lobby", "개발"]).await;
    let mut heard: Vec<Value> = Vec::new();
    let mut writer = FullClient::open(&server).await;
    for number in 0..40 {
        let room = if number % 2 == 0 { "lobby" } else { "개발" };
        writer.post_acknowledged(room, &format!("{number}")).await;
        if number % 7 == 0 {
            let answer = poll(&visitor, &place, 0).await;
            place = cursor(&answer);
            heard.extend(answer["frames"].as_array().unwrap().clone());
        }
    }
    in_time("the rest", async {
        while heard.len() < 40 {
            let answer = poll(&visitor, &place, 1).await;
            place = cursor(&answer);
            heard.extend(answer["frames"].as_array().unwrap().clone());
        }
    })
    .await;
    for (room, first) in [("lobby", 0), ("개발", 1)] {
        let of_room: Vec<_> = heard
            .iter()
            .filter(|frame| frame["room"] == room)
            .cloned()
            .collect();
        let expected: Vec<String> = (first..40).step_by(2).map(|number| number.to_string()).collect();
        assert_eq!(texts(&of_room), expected);
        assert_eq!(of_room.last().unwrap()["seq"], 20);
    }
    assert_eq!(poll(&visitor, &place, 0).await["frames"], json!([]));
}

#[tokio::test]
async fn a_long_poll_is_answered_by_the_next_event() {
    let server = Setup::new().with(&["--log", "info,server=debug"]).start().await;
    let visitor = Visitor::known(&server).await;
    let place = joined(&visitor, &["lobby"]).await;
    let waiting = poll(&visitor, &place, 25);
    let posting = async {
        server.logged_times(&["a session began", "poll"], 2).await;
        Visitor::known(&server)
            .await
            .post("lobby", &client_id(), "at last")
            .await
    };
    let (answer, _) = tokio::join!(waiting, posting);
    assert_eq!(texts(answer["frames"].as_array().unwrap()), ["at last"]);
}

#[tokio::test]
async fn a_stream_greets_and_then_tells_what_happens() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let place = joined(&visitor, &["lobby"]).await;
    let mut stream =
        EventStream::open(&server, &visitor, &format!("/api/v1/events?cursor={place}"), None).await;
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert!(stream.header("cache-control").unwrap().contains("no-transform"));
    assert_eq!(stream.next().await.frame["type"], "userId");
    let mut writer = FullClient::open(&server).await;
    for number in 0..5 {
        writer.post_acknowledged("lobby", &number.to_string()).await;
        let event = stream.next().await;
        assert_eq!(event.frame["message"], number.to_string());
        assert!(event.id.is_some(), "an event that came alone carries the cursor");
    }
}

#[tokio::test]
async fn a_stream_beats_as_soon_as_its_reader_asks_for() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut stream = EventStream::open(&server, &visitor, "/api/v1/events?beat=1", None).await;
    assert_eq!(stream.next().await.frame["type"], "userId");
    assert_eq!(stream.next().await.frame["type"], "beat");
    assert_eq!(stream.next().await.frame["type"], "beat");
}

#[tokio::test]
async fn a_stream_goes_on_from_the_last_id_a_browser_says_it_had() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let place = joined(&visitor, &["lobby"]).await;
    let path = format!("/api/v1/events?cursor={place}");
    let mut writer = FullClient::open(&server).await;
    let mut stream = EventStream::open(&server, &visitor, &path, None).await;
    stream.next().await;
    writer.post_acknowledged("lobby", "one").await;
    let last_id = stream.next().await.id.unwrap();
    drop(stream);
    writer.post_acknowledged("lobby", "two").await;
    let mut again = EventStream::open(&server, &visitor, &path, Some(&last_id)).await;
    assert_eq!(again.next().await.frame["type"], "userId");
    assert_eq!(again.next().await.frame["message"], "two");
}

#[tokio::test]
async fn commands_are_answered_with_the_frames_a_socket_would_have_been_sent() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let id = client_id();
    let post = json!({ "type": "post", "room": "lobby", "clientId": id, "message": "hello" });
    let frames = json!([
        post,
        post,
        { "type": "post", "room": "lobby", "clientId": id, "message": "something else" },
        { "type": "post", "room": "Lobby", "clientId": client_id(), "message": "x" },
        { "type": "ping" },
        { "type": "dance", "clientId": "c" },
        { "type": "join", "room": "lobby", "epoch": client_id(), "after": 1 },
    ]);
    let answer = command(&visitor, "", frames).await;
    let said: Vec<_> = answer["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| {
            let code = frame["code"].as_str().unwrap_or_default();
            format!("{} {code}", frame["type"].as_str().unwrap())
                .trim()
                .to_owned()
        })
        .collect();
    let expected = [
        "ack",
        "ack",
        "error clientIdReused",
        "error badRoom",
        "beat",
        "error unknownType",
        "resync",
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn leaving_a_room_takes_it_out_of_the_cursor() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let place = joined(&visitor, &["lobby", "other"]).await;
    let place = cursor(
        &command(
            &visitor,
            &place,
            json!({ "type": "unsubscribe", "room": "lobby" }),
        )
        .await,
    );
    let mut writer = FullClient::open(&server).await;
    writer.post_acknowledged("lobby", "not for us").await;
    writer.post_acknowledged("other", "for us").await;
    assert_eq!(
        texts(poll(&visitor, &place, 0).await["frames"].as_array().unwrap()),
        ["for us"]
    );
}

#[tokio::test]
async fn a_cursor_of_another_database_is_answered_with_resync() {
    let one = Server::start().await;
    let visitor = Visitor::known(&one).await;
    visitor.post("lobby", &client_id(), "hello").await;
    let place = joined(&visitor, &["lobby"]).await;
    let place = cursor(&poll(&visitor, &place, 0).await);
    let other = Server::start().await;
    let answer = poll(&Visitor::known(&other).await, &place, 0).await;
    assert_eq!(answer["frames"][0], json!({ "type": "resync", "room": "lobby" }));
}

#[tokio::test]
async fn what_is_not_a_cursor_or_brings_no_identity_is_refused() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    visitor
        .get("/api/v1/events?cursor=nonsense")
        .await
        .assert_refused(400, "badCursor");
    visitor
        .post_json("/api/v1/commands?cursor=nonsense", &json!({ "type": "ping" }))
        .await
        .assert_refused(400, "badCursor");
    visitor
        .request("POST", "/api/v1/commands", &[], b"[ not json")
        .await
        .assert_refused(400, "badJson");
    let nobody = Visitor::new(&server);
    nobody
        .get("/api/v1/events")
        .await
        .assert_refused(401, "noIdentity");
    nobody
        .post_json("/api/v1/commands", &json!({ "type": "ping" }))
        .await
        .assert_refused(401, "noIdentity");
}

#[tokio::test]
async fn a_server_that_goes_away_says_so_on_streams_and_to_those_who_wait() {
    let mut server = Setup::new()
        .with(&["--drain-seconds", "2", "--log", "info,server=debug"])
        .start()
        .await;
    let visitor = Visitor::known(&server).await;
    let place = joined(&visitor, &["lobby"]).await;
    let mut stream =
        EventStream::open(&server, &visitor, &format!("/api/v1/events?cursor={place}"), None).await;
    stream.next().await;
    let waiting = poll(&visitor, &place, 25);
    let leaving = async {
        server.logged_times(&["a session began", "poll"], 2).await;
        server.terminate();
        stream.next().await
    };
    let (answer, goodbye) = tokio::join!(waiting, leaving);
    for frame in [&answer["frames"][0], &goodbye.frame] {
        assert_eq!((&frame["type"], &frame["code"]), (&json!("bye"), &json!(1001)));
        assert!(frame["reconnectMs"].as_u64().is_some());
    }
    assert!(server.wait().await.success());
}
