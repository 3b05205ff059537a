//! What the tests share: folders, commands, readers of feeds, a seeded source of randomness.

mod gate;
mod log;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chat::command::COMMAND_FORMAT;
use chat::limits::ORDER_AUTHOR_COMMANDS_MAX;
use chat::{
    Accepted, Action, Calls, Chat, Command, DataFolder, Feed, Health, JoinCursor, Joined, Outcome, Page,
    PageQuery, Refusal, Reply, Signal, ids,
};
use protocol::{Emoji, MessageText, PersonName, RoomName, Topic, UserId};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) use gate::open_with_gate;
pub(crate) use log::{LogWriter, applied, message, open_log, payload, try_open_log};

/// How long a condition may take before a test gives up on it. Nothing is asserted about time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for `condition`, for which `what` is the name in the failure.
pub(crate) async fn in_time<T>(what: &str, condition: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, condition).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for: {what}"),
    }
}

/// A folder that is gone with the test, on the disk.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A folder that is gone with the test, in memory where the system has such a place: for tests of many commits that
/// are not about the disk.
pub(crate) fn fast_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).unwrap_or_else(|_| folder())
}

/// A chat in this folder.
pub(crate) fn open(folder: &Path) -> Arc<Chat> {
    Arc::new(Chat::open(DataFolder::open(folder).unwrap()).unwrap())
}

/// Where the database of a folder is.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("madang.db")
}

/// Another program that reads the database until this is dropped: what is written meanwhile stays in the write-ahead log.
pub(crate) fn read_by_another(folder: &Path) -> Connection {
    let other = Connection::open(database(folder)).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM meta;").unwrap();
    other
}

/// The database's files as a kill would leave them now, in a folder of their own.
pub(crate) fn killed(folder: &Path) -> TempDir {
    let killed = fast_folder();
    // So that the write-ahead log does not begin anew between the copies of the two.
    let _reading = read_by_another(folder);
    for name in ["madang.db", "madang.db-wal"] {
        std::fs::copy(folder.join(name), killed.path().join(name)).unwrap();
    }
    killed
}

pub(crate) fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

/// A command with ids of its own, taken now.
pub(crate) fn command(author: UserId, action: Action) -> Command {
    Command {
        format: COMMAND_FORMAT,
        client_id: ids::client_id(),
        author,
        event_id: ids::event_id(),
        at: ids::unix_ms(),
        action,
    }
}

/// A post.
pub(crate) fn post(author: UserId, room: &RoomName, message: &str) -> Command {
    let action = Action::Post {
        room: room.clone(),
        message: MessageText::parse(message).unwrap(),
        reply_to: None,
        calls: Calls::default(),
    };
    command(author, action)
}

/// The same, with these people chosen by id.
pub(crate) fn calling(mut command: Command, people: &[UserId]) -> Command {
    if let Action::Post { calls, .. } | Action::Edit { calls, .. } = &mut command.action {
        calls.ids = people.to_vec();
    }
    command
}

/// A post that answers another.
pub(crate) fn reply(author: UserId, room: &RoomName, message: &str, target: u64) -> Command {
    let action = Action::Post {
        room: room.clone(),
        message: MessageText::parse(message).unwrap(),
        reply_to: Some(target),
        calls: Calls::default(),
    };
    command(author, action)
}

pub(crate) fn edit(author: UserId, room: &RoomName, target: u64, message: &str) -> Command {
    let action = Action::Edit {
        room: room.clone(),
        target,
        message: MessageText::parse(message).unwrap(),
        calls: Calls::default(),
    };
    command(author, action)
}

pub(crate) fn delete(author: UserId, room: &RoomName, target: u64) -> Command {
    let room = room.clone();
    command(author, Action::Delete { room, target })
}

pub(crate) fn react(author: UserId, room: &RoomName, target: u64, emoji: &str, on: bool) -> Command {
    let action = Action::React {
        room: room.clone(),
        target,
        emoji: Emoji::parse(emoji).unwrap(),
        on,
    };
    command(author, action)
}

pub(crate) fn topic(author: UserId, room: &RoomName, topic: &str) -> Command {
    let action = Action::SetTopic {
        room: room.clone(),
        topic: Topic::parse(topic).unwrap(),
    };
    command(author, action)
}

pub(crate) fn rename(author: UserId, name: &str) -> Command {
    let name = PersonName::parse(name).unwrap();
    command(author, Action::Rename { name })
}

pub(crate) fn read(author: UserId, room: &RoomName, seq: u64) -> Command {
    let room = room.clone();
    command(author, Action::Read { room, seq })
}

pub(crate) fn unread(author: UserId, room: &RoomName, seq: u64) -> Command {
    let room = room.clone();
    command(author, Action::Unread { room, seq })
}

pub(crate) fn leave(author: UserId, room: &RoomName) -> Command {
    let room = room.clone();
    command(author, Action::Leave { room })
}

/// The same command as a client sends it again: another event id and time, the rest the same.
pub(crate) fn again(command: &Command) -> Command {
    Command {
        event_id: ids::event_id(),
        at: command.at + 1,
        ..command.clone()
    }
}

/// Submits without waiting; the outcome comes out of the receiver.
pub(crate) fn send(chat: &Chat, command: Command) -> oneshot::Receiver<Outcome> {
    let (answer, outcome) = oneshot::channel();
    let reply = Reply::new(move |outcome| {
        let _ = answer.send(outcome);
    });
    let _ = chat.submit(command, reply);
    outcome
}

/// Submits and waits for the outcome.
pub(crate) async fn submit(chat: &Chat, command: Command) -> Outcome {
    in_time("an outcome", send(chat, command))
        .await
        .expect("every command is answered")
}

/// Submits until it is accepted, as a client does that hears "busy".
pub(crate) async fn accept(chat: &Chat, command: &Command) -> Accepted {
    loop {
        match submit(chat, command.clone()).await {
            Ok(accepted) => return accepted,
            Err(Refusal::Busy) => tokio::task::yield_now().await,
            Err(refusal) => panic!("refused: {refusal:?}"),
        }
    }
}

/// Submits and expects it to be accepted; the seq.
pub(crate) async fn done(chat: &Chat, command: Command) -> u64 {
    submit(chat, command).await.unwrap().seq
}

/// A page with everything in a room of a few messages.
pub(crate) async fn whole(chat: &Chat, room: &RoomName) -> Page {
    let query = PageQuery {
        limit: 500,
        ..PageQuery::default()
    };
    chat.page(room, query).await.unwrap()
}

/// Posts `count` short messages of one author, as many at once as one may, and waits for every one.
pub(crate) async fn fill(chat: &Chat, room: &RoomName, count: usize) {
    let author = ids::user_id();
    let mut left = count;
    while left > 0 {
        let now = left.min(ORDER_AUTHOR_COMMANDS_MAX);
        let outcomes: Vec<_> = (0..now)
            .map(|number| send(chat, post(author, room, &format!("filler {number}"))))
            .collect();
        for outcome in outcomes {
            in_time("a filler's outcome", outcome).await.unwrap().unwrap();
        }
        left -= now;
    }
}

/// A cursor of this chat's epoch.
pub(crate) fn after(chat: &Chat, seq: u64) -> JoinCursor {
    JoinCursor {
        epoch: Some(chat.epoch()),
        after: Some(seq),
        event_id: None,
    }
}

/// Joins, where a feed is expected.
pub(crate) async fn join(chat: &Chat, room: &RoomName, cursor: JoinCursor) -> Reader {
    let signal = Signal::default();
    match chat.join(room, cursor, signal.clone()).await.unwrap() {
        Joined::Feed { feed, head } => Reader { feed, signal, head },
        other => panic!("joined at {cursor:?}: {other:?}"),
    }
}

/// One subscriber that reads one feed.
pub(crate) struct Reader {
    pub(crate) feed: Feed,
    pub(crate) signal: Signal,
    /// The room's head when it joined.
    pub(crate) head: u64,
}

impl Reader {
    /// Reads on until the cursor has reached `seq`, and returns the frames.
    pub(crate) async fn read_to(&mut self, chat: &Chat, seq: u64) -> Vec<Bytes> {
        let mut frames = Vec::new();
        while self.feed.cursor() < seq {
            let before = frames.len();
            self.feed.pull(chat, &mut frames).await.unwrap();
            if frames.len() == before {
                in_time("an event", self.signal.woken()).await;
            } else {
                self.expect_to_stand_at(&frames);
            }
        }
        frames
    }

    /// Whether it has been woken since this was asked the last time.
    pub(crate) async fn is_woken(&self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.signal.woken())
            .await
            .is_ok()
    }

    /// What is there to be read now, without waiting for more.
    pub(crate) async fn read_now(&mut self, chat: &Chat) -> Vec<Bytes> {
        let mut frames = Vec::new();
        while self.feed.lag() > 0 {
            self.feed.pull(chat, &mut frames).await.unwrap();
            self.expect_to_stand_at(&frames);
        }
        frames
    }

    /// The cursor names the last event that was handed out.
    fn expect_to_stand_at(&self, frames: &[Bytes]) {
        let last: Place = serde_json::from_slice(frames.last().unwrap()).unwrap();
        assert_eq!(
            (self.feed.cursor(), self.feed.event_id()),
            (last.seq, Some(last.id))
        );
    }
}

/// Where an event of any kind stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) id: protocol::EventId,
}

/// A `message` frame, as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) room: String,
    pub(crate) seq: u64,
    pub(crate) id: protocol::EventId,
    pub(crate) client_id: protocol::ClientId,
    pub(crate) user_id: UserId,
    pub(crate) message: String,
    pub(crate) at: u64,
}

pub(crate) fn parse(frame: &[u8]) -> Frame {
    serde_json::from_slice(frame).unwrap()
}

/// A frame of any kind.
pub(crate) fn value(frame: &[u8]) -> Value {
    serde_json::from_slice(frame).unwrap()
}

/// The events of a room after `after`, as who comes later reads them.
pub(crate) async fn events(chat: &Chat, room: &RoomName, place: u64) -> Vec<Value> {
    let mut reader = join(chat, room, after(chat, place)).await;
    let frames = reader.read_now(chat).await;
    frames.iter().map(|frame| value(frame)).collect()
}

/// The seqs of these frames.
pub(crate) fn seqs(frames: &[Bytes]) -> Vec<u64> {
    frames
        .iter()
        .map(|frame| value(frame)["seq"].as_u64().unwrap())
        .collect()
}

/// Waits until the chat is in this state of health.
pub(crate) async fn healthy_as(chat: &Chat, expected: Health) {
    let mut health = chat.health();
    in_time(
        &format!("health to be {expected:?}"),
        health.wait_for(|health| *health == expected),
    )
    .await
    .unwrap();
}

/// A source of randomness that can be had again: SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A source from `MADANG_TEST_SEED`, else from a fresh seed; either is printed.
    pub(crate) fn from_environment() -> Self {
        let seed = match std::env::var("MADANG_TEST_SEED") {
            Ok(seed) => seed.parse().expect("MADANG_TEST_SEED is a number"),
            Err(_) => {
                let id = ids::user_id();
                u64::from_be_bytes(id.as_bytes()[8..].try_into().unwrap())
            }
        };
        println!("MADANG_TEST_SEED={seed}");
        Self(seed)
    }

    pub(crate) const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}
