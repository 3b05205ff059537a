//! A chat that follows the log, and people who post to it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat::command::COMMAND_FORMAT;
use chat::{Action, Calls, Chat, Command, DataFolder, LogPoint, Outcome, PageQuery, Refusal, Reply, ids};
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::{Config, Following, LogClient, Names, NodeId, Progress, Stopped};
use protocol::{MessageText, RoomName, UserId};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::nats::PATIENCE;

/// What is asked for is waited for as long as that, on a busy machine.
pub(crate) async fn in_time<T>(what: &str, waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("waited too long for {what}"))
}

/// A chat of a data folder that is gone with it, and follows the log.
pub(crate) struct Node {
    /// Dropped first: a chat that is dropped waits for its log to end.
    following: Following,
    pub(crate) chat: Arc<Chat>,
    pub(crate) connection: Connection,
    pub(crate) storage: Storage,
    folder: TempDir,
}

impl Node {
    /// A new one.
    pub(crate) async fn start(config: &Config) -> Self {
        // In memory where the system has such a place: what is tested is not the disk.
        let folder = tempfile::tempdir_in(Path::new("/dev/shm")).or_else(|_| TempDir::new());
        Self::start_in(config, folder.unwrap()).await
    }

    /// One of this folder.
    pub(crate) async fn start_in(config: &Config, folder: TempDir) -> Self {
        static STARTED: AtomicU64 = AtomicU64::new(1);
        let node = NodeId::new(STARTED.fetch_add(1, Ordering::Relaxed));
        let names = Names::of(&config.stream).unwrap();
        let connection = Connection::open(config, &|_| {}).await.unwrap();
        let storage = Storage::open(&connection, &names, config, &|_| {}).await.unwrap();
        let mut client = None;
        let chat = Chat::open_log(DataFolder::open(folder.path()).unwrap(), |point| {
            let (made, order, log) = LogClient::new(node, &connection, &names, &storage.log, point);
            client = Some(made);
            (Box::new(order), log)
        })
        .unwrap();
        let position = chat.applied().borrow().position;
        let before = chat.log_hash(position.saturating_sub(1)).await.unwrap();
        let following = client.unwrap().start(before);
        Self {
            chat: Arc::new(chat),
            connection,
            storage,
            following,
            folder,
        }
    }

    /// Ends it as a process that is told to, and returns its folder.
    pub(crate) async fn stop(self) -> TempDir {
        let Self {
            chat,
            following,
            folder,
            ..
        } = self;
        in_time("the log to end", following.stop()).await;
        tokio::task::spawn_blocking(move || chat.close()).await.unwrap();
        folder
    }

    /// How far it has received the log.
    pub(crate) fn progress(&self) -> Progress {
        *self.following.progress().borrow()
    }

    /// Waits until it has applied the log up to there.
    pub(crate) async fn applied(&self, position: u64) -> LogPoint {
        let mut applied = self.chat.applied();
        let waiting = applied.wait_for(|point| point.position >= position);
        *in_time("the log to be applied", waiting).await.unwrap()
    }

    /// Waits until nothing more is received, and says why.
    pub(crate) async fn stopped(&self) -> Stopped {
        let mut progress = self.following.progress();
        let stopped = in_time(
            "the node to stop",
            progress.wait_for(|progress| progress.stopped.is_some()),
        )
        .await;
        stopped.unwrap().stopped.unwrap()
    }

    /// Waits until NATS is away, or there again.
    pub(crate) async fn is_apart(&self, is_apart: bool) {
        let mut link = self.connection.link();
        let waiting = link.wait_for(|link| link.is_apart() == is_apart);
        in_time("NATS to be away or there", waiting).await.unwrap();
    }

    /// Submits and waits for the outcome.
    pub(crate) async fn submit(&self, command: Command) -> Outcome {
        submit(&self.chat, command).await
    }

    /// The texts of a room's messages, in order.
    pub(crate) async fn texts(&self, room: &RoomName) -> Vec<String> {
        let mut pages = Vec::new();
        let mut before = None;
        loop {
            let query = PageQuery {
                before,
                limit: 500,
                ..PageQuery::default()
            };
            let page = self.chat.page(room, query).await.unwrap();
            before = page.messages.first().map(|message| message.seq);
            if page.messages.is_empty() {
                break;
            }
            pages.push(page.messages);
        }
        pages
            .into_iter()
            .rev()
            .flatten()
            .map(|message| message.message)
            .collect()
    }
}

pub(crate) async fn submit(chat: &Chat, command: Command) -> Outcome {
    let (answer, answered) = oneshot::channel();
    // What it returns is answered as well.
    let _ = chat.submit(
        command,
        Reply::new(move |outcome| {
            let _ = answer.send(outcome);
        }),
    );
    in_time("an outcome", answered).await.unwrap()
}

/// Submits until it is accepted, as a client does that hears "busy".
pub(crate) async fn accept(chat: &Chat, command: &Command) -> u64 {
    let repeating = async {
        loop {
            match submit(chat, command.clone()).await {
                Ok(accepted) => return accepted.seq,
                Err(Refusal::Busy | Refusal::Unavailable) => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(refusal) => panic!("refused: {refusal:?}"),
            }
        }
    };
    in_time("a post to be accepted", repeating).await
}

/// A post to a room.
pub(crate) fn post(author: UserId, room: &RoomName, text: &str) -> Command {
    Command {
        format: COMMAND_FORMAT,
        client_id: ids::client_id(),
        author,
        event_id: ids::event_id(),
        at: ids::unix_ms(),
        action: Action::Post {
            room: room.clone(),
            message: MessageText::parse(text).unwrap(),
            reply_to: None,
            calls: Calls::default(),
        },
    }
}
