//! Those who say far more than people do: what counts is read no faster than there is room for it, and others get through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::support::{
    FullClient, PlainClient, Server, Setup, Visitor, client_id, in_time, post_frame, raw_frame, until,
};
use protocol::limits::POSTS_PER_WINDOW_DEFAULT;
use serde_json::{Value, json};
use server::limits::{FRAMES_AT_ONCE, FRAMES_PER_SECOND, IDENTITY_FRAMES_PER_WINDOW};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PING: u8 = 9;

/// Frames beyond what is read at once.
const BEYOND: u32 = 100;

fn ping() -> Vec<u8> {
    raw_frame(TEXT, true, br#"{"type":"ping"}"#)
}

/// How many frames may have been read since `began`.
fn may_be_read(began: Instant) -> u32 {
    FRAMES_AT_ONCE + (began.elapsed().as_secs_f64() * f64::from(FRAMES_PER_SECOND)) as u32 + 1
}

/// Says the same thing many times, and then `last`, whose answer shows that all of it was read.
async fn flood(server: &Server, first: &[u8], again: Vec<u8>, last: Vec<u8>) {
    let began = Instant::now();
    let mut client = FullClient::open(server).await;
    let said = FRAMES_AT_ONCE + BEYOND;
    let bytes = [first, &again.repeat(said as usize), &last].concat();
    client.socket.send_raw(&bytes).await;
    client.next_soft("beat").await;
    let most = may_be_read(began);
    assert!(said < most, "{said} frames were read where {most} may be");
}

#[tokio::test]
async fn what_is_said_beyond_the_budget_is_left_unread_whatever_it_is() {
    let server = Server::start().await;
    let text = |text: &[u8]| raw_frame(TEXT, true, text);
    let begin = raw_frame(TEXT, false, b"");
    tokio::join!(
        flood(&server, b"", raw_frame(PING, true, b"?"), ping()),
        flood(&server, b"", text(br#"{"type":"join","room":"lobby"}"#), ping()),
        flood(&server, b"", text(b"{"), ping()),
        flood(&server, b"", raw_frame(BINARY, true, b"?"), ping()),
        // One message, in many pieces with nothing in them.
        flood(
            &server,
            &begin,
            raw_frame(0, false, b""),
            raw_frame(0, true, br#"{"type":"ping"}"#)
        ),
    );
}

#[tokio::test]
async fn whoever_comes_back_joins_a_hundred_rooms_and_says_some_more_at_once() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut client = FullClient::open(&server).await;
    let mut bytes = Vec::new();
    for number in 0..100 {
        let join = json!({ "type": "join", "room": format!("room-{number}") });
        bytes.extend(raw_frame(TEXT, true, join.to_string().as_bytes()));
    }
    bytes.extend(ping().repeat(FRAMES_AT_ONCE as usize - 100));
    client.socket.send_raw(&bytes).await;
    let mut answers = (0, 0);
    while answers != (100, FRAMES_AT_ONCE - 100) {
        match client.next().await["type"].as_str() {
            Some("joined") => answers.0 += 1,
            Some("beat") => answers.1 += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(FRAMES_AT_ONCE <= may_be_read(began));
}

#[tokio::test]
async fn while_some_flood_others_come_and_talk() {
    let server = Server::start().await;
    let mut flooding = Vec::new();
    for _ in 0..20 {
        let mut client = FullClient::open(&server).await;
        let mut plain = PlainClient::open(&server).await;
        flooding.push(tokio::spawn(async move {
            loop {
                client.socket.send_raw(&ping().repeat(1_000)).await;
                plain
                    .socket
                    .send_raw(&raw_frame(TEXT, true, b"{").repeat(1_000))
                    .await;
            }
        }));
    }
    for number in 0..10 {
        let mut client = FullClient::open(&server).await;
        client.join("lobby").await;
        assert_eq!(client.post_acknowledged("lobby", "hello").await, number + 1);
    }
    for flood in flooding {
        flood.abort();
    }
}

#[tokio::test]
async fn whoever_asks_for_pages_in_forty_loops_has_few_of_them_made_before_another_s() {
    const LOOPS: usize = 40;
    const PAGES: usize = 10;
    let server = Setup::in_memory().without_rate().start().await;
    let mut author = FullClient::open(&server).await;
    let text = "@𝐚 ".repeat(1_333);
    for _ in 0..20 {
        author.post_acknowledged("lobby", &text).await;
    }
    let path = "/api/v1/rooms/lobby/messages?limit=500";
    let greedy = Arc::new(Visitor::known(&server).await);
    let answered = Arc::new(AtomicUsize::new(0));
    let mut loops = Vec::new();
    for _ in 0..LOOPS {
        let (greedy, answered) = (Arc::clone(&greedy), Arc::clone(&answered));
        loops.push(tokio::spawn(async move {
            loop {
                assert_eq!(greedy.get(path).await.status, 200);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    until("all loops are under way", || {
        answered.load(Ordering::Relaxed) > LOOPS
    })
    .await;
    let visitor = Visitor::known(&server).await;
    let before = answered.load(Ordering::Relaxed);
    for _ in 0..PAGES {
        assert_eq!(visitor.get(path).await.status, 200);
    }
    let meanwhile = answered.load(Ordering::Relaxed) - before;
    // In one line, each of these pages would be behind one of each loop.
    assert!(meanwhile < PAGES * LOOPS / 2, "{meanwhile}");
    let mut client = FullClient::open(&server).await;
    client.join("lobby").await;
    client.post_acknowledged("lobby", "hello").await;
    for task in loops {
        task.abort();
    }
}

#[tokio::test]
async fn forty_who_repeat_one_frame_are_answered_within_their_rate_and_keep_nobody_from_talking() {
    const REPEATS: usize = 250;
    let server = Server::start().await;
    let began = Instant::now();
    let mut repeating = Vec::new();
    for _ in 0..40 {
        let mut client = FullClient::open(&server).await;
        repeating.push(tokio::spawn(async move {
            let post = post_frame("elsewhere", &client_id(), "again and again").to_string();
            let frames = raw_frame(TEXT, true, post.as_bytes()).repeat(REPEATS);
            client.socket.send_raw(&frames).await;
            let mut acknowledged = 0;
            for _ in 0..REPEATS {
                let answer = client.next().await;
                match answer["type"].as_str() {
                    Some("ack") => acknowledged += 1,
                    _ => assert_eq!(answer["code"], "rateLimited"),
                }
            }
            acknowledged
        }));
    }
    let mut client = FullClient::open(&server).await;
    for number in 1..=20 {
        assert_eq!(client.post_acknowledged("lobby", "hello").await, number);
    }
    for task in repeating {
        let acknowledged = in_time("all answers", task).await.unwrap();
        // A rate for what is said, and one for repeats beyond it.
        let rate = f64::from(POSTS_PER_WINDOW_DEFAULT);
        let most = 2.0 * (rate + began.elapsed().as_secs_f64() * rate / 10.0 + 1.0);
        assert!(acknowledged <= most as usize, "{acknowledged} of {most}");
    }
    let page = Visitor::new(&server).history("elsewhere", "limit=100").await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 40);
}

/// Sends a list of so many pings: how many were answered, or the refusal.
async fn ping_by_request(visitor: &Visitor, count: usize) -> Result<usize, Value> {
    let frames = vec![json!({ "type": "ping" }); count];
    let answer = visitor.post_json("/api/v1/commands", &json!(frames)).await;
    if answer.status == 200 {
        return Ok(answer.json()["frames"].as_array().unwrap().len());
    }
    answer.assert_refused(429, "rateLimited");
    assert!(answer.header("retry-after").is_some());
    Err(answer.json())
}

/// Uses up what an identity may say; how many frames that were.
async fn use_up(visitor: &Visitor) -> usize {
    let mut answered = 0;
    while let Ok(count) = ping_by_request(visitor, 100).await {
        answered += count;
    }
    while let Ok(count) = ping_by_request(visitor, 1).await {
        answered += count;
    }
    answered
}

#[tokio::test]
async fn what_an_identity_says_by_requests_has_a_rate_and_what_it_posts_has_its_own() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let answered = use_up(&visitor).await;
    assert!(answered >= IDENTITY_FRAMES_PER_WINDOW as usize, "{answered}");
    let other = Visitor::known(&server).await;
    assert_eq!(ping_by_request(&other, 100).await, Ok(100));
    // Asking for events is held up, and then answered.
    use_up(&visitor).await;
    assert_eq!(visitor.get("/api/v1/events").await.status, 200);
    assert_eq!(visitor.post("lobby", &client_id(), "hello").await.status, 200);
    // Whoever waits as long as told is answered.
    use_up(&visitor).await;
    let wait = ping_by_request(&visitor, 100).await.unwrap_err()["retryAfterMs"].as_u64();
    tokio::time::sleep(std::time::Duration::from_millis(wait.unwrap())).await;
    assert_eq!(ping_by_request(&visitor, 100).await, Ok(100));
}

#[tokio::test]
async fn posts_do_not_count_among_the_frames_of_their_author() {
    let server = Setup::in_memory().without_rate().start().await;
    let visitor = Visitor::known(&server).await;
    for _ in 0..15 {
        let posts: Vec<_> = (0..100)
            .map(|_| post_frame("lobby", &client_id(), "hello"))
            .collect();
        let answer = visitor.post_json("/api/v1/commands", &json!(posts)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn the_sockets_of_one_identity_share_its_rate_once_they_say_much() {
    let server = Server::start().await;
    let visitor = Visitor::known(&server).await;
    let mut client = FullClient::open_as(&server, &visitor).await;
    use_up(&visitor).await;
    let began = Instant::now();
    // All of this is within the budget of the connection.
    client
        .socket
        .send_raw(&ping().repeat(FRAMES_AT_ONCE as usize))
        .await;
    in_time("all answers", async {
        for _ in 0..FRAMES_AT_ONCE {
            client.next_soft("beat").await;
        }
    })
    .await;
    let in_all = began.elapsed().as_secs_f64() * f64::from(IDENTITY_FRAMES_PER_WINDOW) / 10.0;
    let most = FRAMES_AT_ONCE / 2 + in_all as u32 + 2;
    assert!(FRAMES_AT_ONCE <= most, "{most} may be read");
}
