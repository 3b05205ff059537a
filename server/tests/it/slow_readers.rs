//! A reader that stops reading costs nobody else anything, and is caught up when it goes on.

use std::time::Duration;

use crate::support::{FullClient, PlainClient, Server, Setup, Socket, Visitor, client_id};
use protocol::limits::MESSAGE_CHARS_MAX;
use serde_json::json;
use tokio::time::interval;

/// What the two stalled readers may cost, in bytes, and the allocator beside them: a queue of what one of them does not read
/// would be 20 MB.
const GROWTH_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// A message's text, in characters of three bytes: with the posts below it is far more than the kernel holds for a
/// connection.
const TEXT_CHARS: usize = 2_000;
/// How the load is spread: this many posts each tick.
const POSTS_A_TICK: usize = 10;
const TICK: Duration = Duration::from_millis(30);
/// How long everybody reads, for comparison.
const WARM_UP: Duration = Duration::from_secs(3);
/// How long the reader does not read.
const STALL: Duration = Duration::from_secs(10);

/// Two who follow the lobby, one in each dialect.
struct Readers {
    full: FullClient,
    plain: PlainClient,
}

impl Readers {
    /// With small receive buffers, so that not reading is soon felt at the other end.
    async fn open_narrow(server: &Server) -> Self {
        let visitor = Visitor::known(server).await;
        let mut full = FullClient::open_narrow(server, &visitor).await;
        full.join("lobby").await;
        let plain = Socket::open_narrow(server.address(), "/ws", &[]).await;
        Self {
            full,
            plain: PlainClient::greeted(plain).await,
        }
    }

    /// Reads `count` messages with each: they go on from `after`, each once, in order and whole.
    async fn read(&mut self, after: u64, count: usize) {
        let (by_full, by_plain) = tokio::join!(self.full.messages(count), async {
            let mut heard = Vec::new();
            while heard.len() < count {
                heard.push(self.plain.message().await);
            }
            heard
        });
        for messages in [by_full, by_plain] {
            for (message, seq) in messages.iter().zip(after + 1..) {
                assert_eq!(message["seq"], seq);
                assert!(message["message"] == text(seq), "message {seq} is whole");
            }
        }
    }
}

/// How many posts, and ticks, make a load of this length.
fn size(time: Duration) -> (usize, u32) {
    let ticks = time.div_duration_f64(TICK).ceil() as u32;
    (ticks as usize * POSTS_A_TICK, ticks)
}

/// Posts at a steady pace for as long as `ticks` last.
async fn load(writer: &mut FullClient, from: u64, ticks: u32) {
    let mut tick = interval(TICK);
    let mut seq = from;
    for _ in 0..ticks {
        tick.tick().await;
        for _ in 0..POSTS_A_TICK {
            seq += 1;
            writer.post("lobby", &client_id(), &text(seq)).await;
        }
        for _ in 0..POSTS_A_TICK {
            writer.next_of("ack").await;
        }
    }
}

fn text(seq: u64) -> String {
    let mut text = format!("{seq} ");
    text.push_str(&"가".repeat(TEXT_CHARS - text.len()));
    text
}

/// The most memory the server held while `work` went on.
async fn peak_bytes<T>(server: &Server, work: impl Future<Output = T>) -> (T, u64) {
    tokio::pin!(work);
    let mut peak = server.memory_bytes();
    let mut look = interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            done = &mut work => return (done, peak.max(server.memory_bytes())),
            _ = look.tick() => peak = peak.max(server.memory_bytes()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stop_for_ten_seconds_under_load_cost_nothing_and_are_caught_up() {
    let server = Setup::in_memory().without_rate().start().await;
    let mut writer = FullClient::open(&server).await;
    let mut others = Readers::open_narrow(&server).await;
    let mut stalled = Readers::open_narrow(&server).await;

    // What the same load costs while everybody reads, caches and the allocator's reserve included.
    let (count, ticks) = size(WARM_UP);
    let warm_up = async {
        tokio::join!(
            load(&mut writer, 0, ticks),
            others.read(0, count),
            stalled.read(0, count)
        )
    };
    let (_, before) = peak_bytes(&server, warm_up).await;
    // A reader that falls behind far enough reads SQLite, whose caches are filled once.
    catch_up_side_by_side(&server, count).await;
    let before = before.max(server.memory_bytes());
    let mut head = count as u64;

    // The others hear everything while the stalled ones do not read: this ends only when they have.
    let (count, ticks) = size(STALL);
    let stall = async { tokio::join!(load(&mut writer, head, ticks), others.read(head, count)) };
    let (_, with) = peak_bytes(&server, stall).await;
    println!(
        "{count} messages of {TEXT_CHARS} characters; peak {before} bytes before the stall, {with} in it"
    );
    assert!(
        with <= before + GROWTH_BYTES_MAX,
        "{with} bytes while readers stalled, {before} before"
    );

    stalled.read(head, count).await;
    head += count as u64;
    // Nothing comes twice: what comes next is what is said next.
    writer.post("lobby", &client_id(), &text(head + 1)).await;
    stalled.read(head, 1).await;
}

/// Fills the caches of every reader of the database: many catch up at once.
async fn catch_up_side_by_side(server: &Server, messages: usize) {
    let visitor = Visitor::known(server).await;
    let everybody = (0..24).map(|_| async {
        let mut reader = FullClient::open_as(server, &visitor).await;
        assert_eq!(reader.join_after("lobby", 0).await["type"], "joined");
        for _ in 0..messages {
            reader.next_of("message").await;
        }
    });
    futures_util::future::join_all(everybody).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stop_in_the_middle_of_catching_up_hold_no_more_than_a_pull_each() {
    const MESSAGES: usize = 1_000;
    const READERS: usize = 12;
    const WINDOW: usize = 10;
    /// What a pull may weigh, twice over: the frames and what is made of them.
    const EACH_BYTES_MAX: u64 = 600 * 1024;
    let server = Setup::in_memory().without_rate().start().await;
    let mut writer = FullClient::open(&server).await;
    let text = "😀".repeat(MESSAGE_CHARS_MAX);
    for _ in 0..MESSAGES / WINDOW {
        for _ in 0..WINDOW {
            writer.post("lobby", &client_id(), &text).await;
        }
        for _ in 0..WINDOW {
            writer.next_of("ack").await;
        }
    }
    catch_up_side_by_side(&server, MESSAGES / 4).await;
    let visitor = Visitor::known(&server).await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(FullClient::open_narrow(&server, &visitor).await);
    }
    let before = server.memory_bytes();
    for reader in &mut readers {
        let epoch = reader.epoch().to_owned();
        reader
            .send(&json!({ "type": "join", "room": "lobby", "epoch": epoch, "after": 0 }))
            .await;
        assert_eq!(reader.next().await["type"], "joined");
    }
    // Each has begun to be caught up and has not come far; a while later they still have not.
    let mut look = interval(Duration::from_millis(100));
    let mut peak = before;
    for _ in 0..20 {
        look.tick().await;
        peak = peak.max(server.memory_bytes());
    }
    let unread = server.unacknowledged_bytes();
    println!("{before} bytes before, {peak} at the most; the system holds {unread} beside");
    assert!(
        peak <= before + READERS as u64 * EACH_BYTES_MAX,
        "{peak} bytes for {READERS} readers, {before} before"
    );
    assert!(
        (1..=READERS as u64 * EACH_BYTES_MAX).contains(&unread),
        "the system holds {unread} bytes for {READERS} readers"
    );
    let mut last = readers.pop().unwrap();
    let messages = last.messages(MESSAGES).await;
    for (message, seq) in messages.iter().zip(1_u64..) {
        assert_eq!(message["seq"], seq);
        assert_eq!(message["message"], text);
    }
}

#[tokio::test]
async fn a_reader_that_is_far_behind_is_heard_all_the_same() {
    const MESSAGES: u64 = 3_000;
    let server = Setup::new().without_rate().start().await;
    let mut writer = FullClient::open(&server).await;
    let text = "가".repeat(1_300);
    for _ in 0..MESSAGES {
        writer.post("lobby", &client_id(), &text).await;
    }
    for _ in 0..MESSAGES {
        writer.next_of("ack").await;
    }
    // 12 MB lie before it: more than the sockets between it and the server can hold.
    let visitor = Visitor::known(&server).await;
    let mut reader = FullClient::open_narrow(&server, &visitor).await;
    reader.join_after("lobby", 0).await;
    reader.send(&json!({ "type": "ping" })).await;
    let mut last = 0;
    loop {
        let frame = reader.next().await;
        match frame["type"].as_str() {
            Some("message") => last = frame["seq"].as_u64().unwrap(),
            Some("beat") => break,
            _ => panic!("{frame}"),
        }
    }
    assert!(last < MESSAGES, "the answer came only after everything else");
}
