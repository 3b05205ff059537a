//! kill -9 in the middle of posting: what was acknowledged is there, once; what was not can be sent again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{FullClient, Received, Server, Setup, Visitor, client_id};
use serde_json::Value;
use tokio::sync::Notify;

const ROUNDS: usize = 20;
const CONNECTIONS: usize = 4;
const POSTS_EACH: usize = 500;
const POSTS: usize = CONNECTIONS * POSTS_EACH;
/// Posts of one connection that wait for their `ack`: two of one identity have no more than an author may have waiting.
const WINDOW: usize = 32;

/// What one person wants to have said, and which of it was acknowledged, with its seq.
struct Posts {
    room: String,
    /// `clientId` and text, in the order of sending.
    all: Vec<(String, String)>,
    acknowledged: HashMap<String, u64>,
}

impl Posts {
    fn new(room: &str, writer: usize) -> Self {
        let text = |number| {
            format!(
                "{room}, writer {writer}, message {number}: {}",
                "말".repeat(number % 200)
            )
        };
        Self {
            room: room.to_owned(),
            all: (0..POSTS_EACH)
                .map(|number| (client_id(), text(number)))
                .collect(),
            acknowledged: HashMap::new(),
        }
    }

    /// Sends what is not acknowledged, many at a time, until all of it is or the server is gone.
    async fn send(&mut self, client: &mut FullClient, progress: &Progress) {
        let waiting: Vec<_> = self
            .all
            .iter()
            .filter(|(id, _)| !self.acknowledged.contains_key(id))
            .cloned()
            .collect();
        let mut unsent = waiting.iter();
        let mut in_flight = 0;
        loop {
            while in_flight < WINDOW
                && let Some((id, text)) = unsent.next()
            {
                let frame = crate::support::post_frame(&self.room, id, text).to_string();
                if !client.socket.try_send(frame).await {
                    return self.hear_what_is_left(client).await;
                }
                in_flight += 1;
            }
            if in_flight == 0 {
                return;
            }
            match client.hear().await {
                Received::Frame(frame) => self.acknowledge(&frame),
                Received::Closed(_) | Received::Gone => return,
            }
            in_flight -= 1;
            progress.count();
        }
    }

    /// An `ack` that had reached this side before the server died counts.
    async fn hear_what_is_left(&mut self, client: &mut FullClient) {
        while let Received::Frame(frame) = client.hear().await {
            self.acknowledge(&frame);
        }
    }

    fn acknowledge(&mut self, frame: &Value) {
        assert_eq!(frame["type"], "ack", "{frame}");
        let id = frame["clientId"].as_str().unwrap().to_owned();
        let seq = frame["seq"].as_u64().unwrap();
        let before = self.acknowledged.insert(id, seq);
        assert!(
            before.is_none_or(|before| before == seq),
            "one post has one place"
        );
    }
}

/// Counts acknowledgements, and says when there are as many as the kill waits for.
#[derive(Default)]
struct Progress {
    acknowledged: AtomicUsize,
    kill_at: usize,
    reached: Notify,
}

impl Progress {
    fn count(&self) {
        if self.acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == self.kill_at {
            self.reached.notify_one();
        }
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_doubled_when_the_server_is_killed_twenty_times() {
    let mut server = Setup::new().without_rate().start().await;
    let visitors: Vec<_> = [Visitor::known(&server).await, Visitor::known(&server).await].into();
    let mut random = Random::new();
    let mut kills_in_the_middle = 0;
    for round in 0..ROUNDS {
        let room = format!("round-{round}");
        let mut posts: Vec<_> = (0..CONNECTIONS).map(|writer| Posts::new(&room, writer)).collect();
        let progress = Progress {
            kill_at: 1 + random.below(POSTS * 3 / 4),
            ..Progress::default()
        };
        let kill = async {
            progress.reached.notified().await;
            // Some microseconds more: into the commit, between it and the acks, or after them.
            for _ in 0..random.below(40) {
                tokio::task::yield_now().await;
            }
            server.kill_now();
        };
        tokio::join!(send_all(&server, &visitors, &mut posts, &progress), kill);
        let acknowledged: usize = posts.iter().map(|posts| posts.acknowledged.len()).sum();
        kills_in_the_middle += usize::from(acknowledged < POSTS);
        server.wait().await;
        server.restart().await;
        assert_holds(&visitors[0], &room, &posts).await;

        send_all(&server, &visitors, &mut posts, &Progress::default()).await;
        assert!(posts.iter().all(|posts| posts.acknowledged.len() == POSTS_EACH));
        assert_holds(&visitors[0], &room, &posts).await;
    }
    assert_eq!(kills_in_the_middle, ROUNDS, "every kill hit the middle of it");
    server.kill().await;
    server.restart().await;
    for round in 0..ROUNDS {
        let page = visitors[0].history(&format!("round-{round}"), "limit=1").await;
        assert_eq!(page["seq"], POSTS, "round {round} is as it was");
    }
}

/// Lets everybody post until they have done or the server is gone.
async fn send_all(server: &Server, visitors: &[Visitor], posts: &mut [Posts], progress: &Progress) {
    let everybody = posts.iter_mut().enumerate().map(|(writer, posts)| async move {
        // Two connections of each identity: a restart must keep their posts apart too.
        let mut client = FullClient::open_as(server, &visitors[writer % visitors.len()]).await;
        posts.send(&mut client, progress).await;
    });
    futures_util::future::join_all(everybody).await;
}

/// The room holds all that was acknowledged, where it was said to be, whole; nothing twice, no gap.
async fn assert_holds(visitor: &Visitor, room: &str, posts: &[Posts]) {
    let history = visitor.whole_history(room).await;
    let texts: HashMap<&str, &str> = posts
        .iter()
        .flat_map(|posts| &posts.all)
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    let mut places = HashMap::new();
    for (row, seq) in history.iter().zip(1_u64..) {
        assert_eq!(row["seq"], seq, "no gap");
        let id = row["clientId"].as_str().unwrap();
        assert_eq!(
            Some(&row["message"].as_str().unwrap()),
            texts.get(id),
            "what was written"
        );
        assert_eq!(places.insert(id, seq), None, "nothing twice");
    }
    for (id, seq) in posts.iter().flat_map(|posts| &posts.acknowledged) {
        assert_eq!(
            places.get(id.as_str()),
            Some(seq),
            "what was acknowledged is there"
        );
    }
}

/// A xorshift: the moments of the kills need no better.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(1, |since| since.as_nanos() as u64)
            | 1;
        println!("seed {seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
