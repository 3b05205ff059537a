//! Nodes, their folders, and what is said on them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat::command::COMMAND_FORMAT;
use chat::{Action, Calls, Chat, Command, DataFolder, LogPoint, Outcome, Refusal, Reply, ids};
use cluster::{Config, Error, Names, Node, Status, Stopped};
use protocol::{MessageText, RoomName, UserId};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::nats::{FILLING, Nats, PATIENCE};

/// What the signing key is kept under.
const SIGNING_KEY: &str = "signing-key";

/// A data folder that is gone with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Of a single server on which so many messages were said, and which was stopped.
    pub(crate) async fn of_single_server(messages: usize) -> Self {
        let folder = Self::new();
        let data = DataFolder::open(folder.path()).unwrap();
        data.make_secret(SIGNING_KEY).unwrap();
        let chat = Arc::new(Chat::open(data).unwrap());
        for number in 0..messages {
            say(&chat, &format!("before there was a cluster {number}")).await;
        }
        close(chat).await;
        folder
    }

    /// Says so many messages here by a server that runs alone.
    pub(crate) async fn use_alone(&self, messages: usize) {
        let chat = Arc::new(Chat::open(DataFolder::open(self.path()).unwrap()).unwrap());
        for number in 0..messages {
            say(&chat, &format!("alone {number}")).await;
        }
        close(chat).await;
    }

    /// Adds so many messages to the first room, as they would have been said.
    pub(crate) fn fill(&self, messages: u64) {
        self.database()
            .execute_batch(&format!(
                "PRAGMA synchronous = OFF;
                 BEGIN;
                 CREATE TEMP TABLE numbers AS
                     WITH RECURSIVE number (seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM number WHERE seq <= {messages})
                     SELECT seq, randomblob(16) event_id, randomblob(16) client_id FROM number;
                 INSERT INTO events (room_id, seq, kind, event_id, client_id, author, at, body)
                     SELECT e.room_id, n.seq, 1, n.event_id, n.client_id, e.author, e.at + n.seq,
                            'message ' || n.seq || ' ' || hex(randomblob(20))
                     FROM numbers n, events e WHERE e.seq = 1 ORDER BY n.seq;
                 INSERT INTO messages (room_id, seq, event_id, client_id, author, at, body)
                     SELECT room_id, seq, event_id, client_id, author, at, body FROM events WHERE seq > 1 ORDER BY seq;
                 INSERT INTO commands (client_id, author, digest, seq)
                     SELECT client_id, author, randomblob(16), seq FROM events WHERE seq > 1 ORDER BY client_id;
                 UPDATE rooms SET head = {messages} + 1;
                 DROP TABLE numbers;
                 COMMIT;
                 PRAGMA wal_checkpoint(TRUNCATE);"
            ))
            .unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        std::fs::read(self.file(SIGNING_KEY)).unwrap()
    }

    /// The database, whether it is in use or not.
    pub(crate) fn database(&self) -> Connection {
        let connection = Connection::open(self.file("madang.db")).unwrap();
        connection.busy_timeout(PATIENCE).unwrap();
        connection
    }

    /// Everything that was said, as it stands in the database.
    pub(crate) fn said(&self) -> Vec<String> {
        let database = self.database();
        let mut query = database
            .prepare(
                "SELECT r.name, m.seq, hex(m.event_id), hex(m.author), m.at, m.body FROM messages m
                 JOIN rooms r USING (room_id) ORDER BY r.name, m.seq",
            )
            .unwrap();
        let rows = query.query_map([], |row| {
            let (room, seq, event): (String, u64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (author, at, body): (String, u64, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok(format!("{room} {seq} {event} {author} {at} {body}"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub(crate) fn epoch(&self) -> Vec<u8> {
        let query = "SELECT epoch FROM meta";
        self.database().query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// Changes what this folder's node has applied: a message and the hash that would show it.
    pub(crate) fn corrupt(&self) {
        let database = self.database();
        database
            .execute_batch(
                "UPDATE messages SET body = 'never said' WHERE seq = 1;
                 DELETE FROM log_hashes WHERE position < (SELECT applied FROM meta);
                 UPDATE log_hashes SET hash = zeroblob(32);",
            )
            .unwrap();
    }

    /// Changes a message so many before the last, where each says [`FILLING`], and the hashes that follow from it.
    pub(crate) fn corrupt_chain(&self, messages: u64) {
        let mut database = self.database();
        let change = database.transaction().unwrap();
        let query = "SELECT applied FROM meta";
        let applied: u64 = change.query_row(query, [], |row| row.get(0)).unwrap();
        let mut point = LogPoint {
            position: applied - messages,
            hash: [0; 32],
        };
        while point.position <= applied {
            let update = "UPDATE log_hashes SET hash = ?1 WHERE position = ?2";
            let updated = change.execute(update, (point.hash, point.position));
            assert_eq!(updated.unwrap(), 1);
            point = point.then(FILLING);
        }
        change.commit().unwrap();
    }

    /// Takes away a row that has to be there, as a bad disk may.
    pub(crate) fn damage(&self) {
        let row = "DELETE FROM messages WHERE seq = 1";
        self.database().execute_batch(row).unwrap();
    }
}

/// A node that is ready.
pub(crate) struct Running {
    pub(crate) chat: Arc<Chat>,
    pub(crate) node: Node,
    /// What it said while it joined.
    pub(crate) told: Vec<String>,
}

impl Running {
    pub(crate) async fn start(config: Config, folder: &Folder) -> Self {
        Self::try_start(config, folder).await.unwrap()
    }

    pub(crate) async fn try_start(config: Config, folder: &Folder) -> Result<Self, Error> {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let progress = move |words| telling.lock().unwrap().push(words);
        let data = DataFolder::open(folder.path()).unwrap();
        let started = in_time("a node to start", Node::start(config, data, progress)).await;
        let (chat, node) = started?;
        let told = told.lock().unwrap().clone();
        Ok(Self { chat, node, told })
    }

    /// Says something, and says it again until it is accepted.
    pub(crate) async fn say(&self, text: &str) {
        say(&self.chat, text).await;
    }

    pub(crate) async fn say_many(&self, messages: usize, text: &str) {
        for number in 0..messages {
            self.say(&format!("{text} {number}")).await;
        }
    }

    pub(crate) fn position(&self) -> u64 {
        self.chat.applied().borrow().position
    }

    pub(crate) async fn reaches(&self, position: u64) {
        let mut applied = self.chat.applied();
        let reached = applied.wait_for(|point| point.position >= position);
        in_time("the log to be applied", reached).await.unwrap();
    }

    pub(crate) async fn becomes(&self, is_so: impl FnMut(&Status) -> bool) -> Status {
        let mut status = self.node.status();
        let became = in_time("another status", status.wait_for(is_so)).await;
        became.unwrap().clone()
    }

    pub(crate) async fn stops(&self) -> Stopped {
        match self.becomes(|status| matches!(status, Status::Stopped(_))).await {
            Status::Stopped(stopped) => stopped,
            status => panic!("{status:?}"),
        }
    }

    pub(crate) async fn hears(&self, others: usize) {
        let mut peers = self.node.peers();
        let heard =
            peers.wait_for(|peers| peers.others.iter().filter(|peer| peer.is_ready).count() == others);
        in_time("the other nodes", heard).await.unwrap();
    }

    /// Leaves the cluster.
    pub(crate) async fn stop(self) {
        in_time("a node to stop", self.node.stop()).await;
        close(self.chat).await;
    }
}

/// Positions of the snapshots there are, the newest last.
pub(crate) async fn snapshots(nats: &Nats) -> Vec<u64> {
    let bucket = Names::of("MADANG").unwrap().snapshots_bucket();
    let stream = nats
        .jetstream()
        .await
        .get_stream(format!("OBJ_{bucket}"))
        .await
        .unwrap();
    let found = stream
        .info_with_subjects(format!("$O.{bucket}.M.>"))
        .await
        .unwrap();
    let subjects: Vec<(String, usize)> = futures_util::TryStreamExt::try_collect(found).await.unwrap();
    let mut positions = Vec::new();
    for (subject, _) in subjects {
        let message = stream.get_last_raw_message_by_subject(&subject).await.unwrap();
        let info: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        let name = info["name"].as_str().unwrap();
        let (position, _) = name.strip_prefix("snapshot-").unwrap().split_once('-').unwrap();
        positions.push(position.parse().unwrap());
    }
    positions.sort_unstable();
    positions
}

/// What a node is told that is to be built anew.
pub(crate) fn rebuilding(nats: &Nats) -> Config {
    Config {
        rebuild: true,
        ..nats.config()
    }
}

/// Why a node that was just started does not serve, whether it found out before it was ready or just after.
pub(crate) async fn stopped(started: Result<Running, Error>) -> Stopped {
    match started {
        Err(Error::Stopped(stopped)) => stopped,
        Err(error) => panic!("{error}"),
        Ok(running) => {
            let stopped = running.stops().await;
            running.stop().await;
            stopped
        }
    }
}

/// Waits for something that a test needs, and fails where it does not come.
pub(crate) async fn in_time<T>(what: &str, condition: impl Future<Output = T>) -> T {
    match tokio::time::timeout(2 * PATIENCE, condition).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// Asks again and again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    in_time(what, async {
        while !Box::pin(is_so()).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

async fn close(chat: Arc<Chat>) {
    let closing = Arc::clone(&chat);
    tokio::task::spawn_blocking(move || closing.close())
        .await
        .unwrap();
    // Its folder is free once nobody has it.
    until("everybody to let go of a chat", async || {
        Arc::strong_count(&chat) == 1
    })
    .await;
}

async fn say(chat: &Chat, text: &str) {
    let command = Command {
        format: COMMAND_FORMAT,
        client_id: ids::client_id(),
        author: author(),
        event_id: ids::event_id(),
        at: ids::unix_ms(),
        action: Action::Post {
            room: RoomName::lobby(),
            message: MessageText::parse(text).unwrap(),
            reply_to: None,
            calls: Calls::default(),
        },
    };
    until("a message to be accepted", async || {
        match submit(chat, command.clone()).await {
            Ok(_) => true,
            Err(Refusal::Busy | Refusal::Unavailable) => false,
            Err(refusal) => panic!("{refusal:?}"),
        }
    })
    .await;
}

async fn submit(chat: &Chat, command: Command) -> Outcome {
    let (sender, outcome) = oneshot::channel();
    let reply = Reply::new(move |outcome| {
        // Whoever asked waits for it.
        let _ = sender.send(outcome);
    });
    let _ = chat.submit(command, reply);
    outcome.await.unwrap()
}

fn author() -> UserId {
    UserId::from_parts(0, [7; 10])
}
