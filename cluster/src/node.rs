//! A node: a chat that is fed by the cluster's log, and what keeps it honest.

use std::sync::{Arc, Mutex, PoisonError};

use chat::{Chat, DataFolder, LogPoint};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::begin::{Beginning, Prepared, blocking};
use crate::catching_up::{CatchingUp, Comparing};
use crate::config::Config;
use crate::differing;
use crate::error::Error;
use crate::folder_id;
use crate::found::Found;
use crate::heartbeat::{Findings, Heartbeats, Speaker};
use crate::lease::Lease;
use crate::level;
use crate::log_client::{Following, LogClient};
use crate::names::{Names, NodeId};
use crate::nats::connection::Connection;
use crate::nats::monitor;
use crate::nats::patience::insistently;
use crate::nats::stream::Storage;
use crate::peers::Peers;
use crate::refused;
use crate::settings::Settings;
use crate::snapshots::Snapshots;
use crate::snapshotter::{self, Snapshotter};
use crate::status::{Status, Stopped};
use crate::supervisor::Supervisor;

/// A node that has joined its cluster. Dropped, it ends without saying goodbye: the others find it silent.
#[derive(Debug)]
pub struct Node {
    status: watch::Receiver<Status>,
    peers: watch::Receiver<Peers>,
    signing_key: [u8; 32],
    /// Told to the supervisor.
    leave: CancellationToken,
    /// Ended with the node, and what it looks after with it.
    supervisor: AbortOnDropHandle<JoinSet<()>>,
    speaker: Speaker,
    applied: watch::Receiver<LogPoint>,
}

impl Node {
    /// Joins the cluster and returns when this node has everything the cluster had when it began, so that it can serve. Until
    /// then `progress` is told now and then, in a few words, how far it is: for [`Status::Joining`]. Where NATS is away it
    /// is waited for: [`crate::limits::NATS_START_WAIT_MS`] long at the beginning, some seconds for each piece of a snapshot, and for
    /// ever once there is only the log to be caught up with.
    ///
    /// The chat is closed by the caller, after [`Node::stop`].
    ///
    /// # Errors
    /// What keeps the node from joining, in a sentence that says what to do. With [`Error::Stopped`] another start would end the
    /// same way.
    pub async fn start(
        config: Config,
        folder: DataFolder,
        progress: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<(Arc<Chat>, Self), Error> {
        // Once a process, and too large for the stack of whoever waits for it.
        Box::pin(Self::begin(config, folder, progress)).await
    }

    async fn begin(
        config: Config,
        folder: DataFolder,
        progress: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<(Arc<Chat>, Self), Error> {
        let names = Names::of(&config.stream).ok_or_else(|| Error::StreamName(config.stream.clone()))?;
        progress(format!("connecting to the cluster {}", names.stream()));
        let (stream, rebuild) = (names.stream().to_owned(), config.rebuild);
        let finding = blocking(folder, move |folder| Found::of(folder, rebuild, &stream));
        let (folder, found) = finding.await?;
        let connection = Connection::open(&config, &progress).await?;
        let refusal = || found.refusal(folder.path(), names.stream());
        let storage = Storage::open_unless(refusal, &connection, &names, &config, &progress).await?;
        monitor::look_and_warn(&config.monitors).await;
        let settings = Settings::new(storage.settings.clone());
        let opening = insistently(&progress, async || {
            Snapshots::open(connection.jetstream(), &names).await
        });
        let snapshots = opening.await?;
        let beginning = Beginning {
            log: &storage.log,
            settings: &settings,
            snapshots: &snapshots,
            rebuild: config.rebuild,
            progress: &progress,
        };
        let Prepared {
            folder,
            identity,
            snapshot,
        } = Box::pin(beginning.prepare(folder, &found)).await?;
        let (folder, folder_id) = blocking(folder, folder_id::of).await?;
        let path = folder.path().to_owned();
        let speaker = Speaker {
            client: connection.client().clone(),
            names,
            node: NodeId::random()?,
            folder: folder_id,
            name: config.name,
        };
        let (chat, client) = open(folder, &speaker, &connection, &storage).await?;
        let joining = Joining {
            chat,
            speaker,
            connection,
            storage,
            settings,
            snapshots,
        };
        let signing_key = identity.signing_key;
        let joined = Box::pin(joining.join(client, signing_key, &progress)).await;
        match &joined {
            Ok(_) => refused::clear(&path),
            Err(Error::Stopped(stopped)) => {
                differing::write(&path, stopped);
                // What else stops a node says nothing against the snapshot.
                if let (Stopped::Differs { .. } | Stopped::Rewritten { .. }, Some(id)) = (stopped, snapshot) {
                    refused::write(&path, &id);
                }
            }
            Err(_) => {}
        }
        joined
    }

    /// How it is now, and how it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// The other nodes, and how that changes: looked at once a second.
    #[must_use]
    pub fn peers(&self) -> watch::Receiver<Peers> {
        self.peers.clone()
    }

    /// What the cluster's cookies are signed with: the same on every node.
    #[must_use]
    pub const fn signing_key(&self) -> [u8; 32] {
        self.signing_key
    }

    /// Leaves the cluster: nothing more is let in, what was let in is waited for some while and then answered as unknown, and
    /// the other nodes are told, so that who is with this node is gone at once.
    pub async fn stop(self) {
        self.leave.cancel();
        match self.supervisor.await {
            // Before goodbye, so that nothing is said afterwards.
            Ok(mut tasks) => tasks.shutdown().await,
            Err(error) => tracing::warn!(%error, "what looks after this node did not end as it should"),
        }
        let point = *self.applied.borrow();
        self.speaker.say_goodbye(point).await;
    }
}

/// Opens the chat in a folder that the log can be applied to.
async fn open(
    folder: DataFolder,
    speaker: &Speaker,
    connection: &Connection,
    storage: &Storage,
) -> Result<(Arc<Chat>, LogClient), Error> {
    let (node, names) = (speaker.node, speaker.names.clone());
    let (connection, log) = (connection.clone(), storage.log.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let client = Mutex::new(None);
        let chat = Chat::open_log(folder, |point| {
            let (made, order, received) = LogClient::new(node, &connection, &names, &log, point);
            *client.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
            (Box::new(order), received)
        })?;
        Ok::<_, Error>((chat, client.into_inner().unwrap_or_else(PoisonError::into_inner)))
    });
    let (chat, client) = opened.await??;
    let client = client.ok_or(chat::Error::Closed)?;
    Ok((Arc::new(chat), client))
}

/// A node whose chat is open and has not everything yet.
struct Joining {
    chat: Arc<Chat>,
    speaker: Speaker,
    connection: Connection,
    storage: Storage,
    settings: Settings,
    snapshots: Snapshots,
}

impl Joining {
    async fn join(
        self,
        client: LogClient,
        signing_key: [u8; 32],
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(Arc<Chat>, Node), Error> {
        let point = *self.chat.applied().borrow();
        let before = match point.position.checked_sub(1) {
            Some(position) => self.chat.log_hash(position).await?,
            None => None,
        };
        let following = client.start(before);
        let mut tasks = JoinSet::new();
        match self.follow(&following, &mut tasks, progress).await {
            Ok(followed) => Ok(self.ready(following, tasks, followed, signing_key)),
            Err(error) => {
                tasks.shutdown().await;
                drop(following);
                let chat = self.chat;
                tokio::task::spawn_blocking(move || chat.close()).await?;
                Err(error)
            }
        }
    }

    /// Applies what there is of the log, and listens to the others meanwhile.
    async fn follow(
        &self,
        following: &Following,
        tasks: &mut JoinSet<()>,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Followed, Error> {
        let status = watch::Sender::new(Status::Joining("catching up".to_owned()));
        let peers = watch::Sender::new(Peers::default());
        let heard = peers.subscribe();
        let (stopped, differs) = mpsc::channel(1);
        let is_settled = watch::Sender::new(true);
        let comparing = Comparing {
            link: self.connection.link(),
            is_settled: is_settled.subscribe(),
        };
        let findings = Findings {
            peers,
            stopped,
            format: following.format(),
            is_settled,
        };
        let heartbeats = Heartbeats::listen(
            self.speaker.clone(),
            Arc::clone(&self.chat),
            self.storage.log.clone(),
            status.subscribe(),
            self.connection.link(),
            findings,
        );
        tasks.spawn(heartbeats.await?.run());
        let mut catching_up = CatchingUp {
            chat: &self.chat,
            log: &self.storage.log,
            following,
            differs,
            comparing,
            progress,
        };
        catching_up.run().await?;
        Ok(Followed {
            status,
            peers: heard,
            differs: catching_up.differs,
        })
    }

    fn ready(
        self,
        following: Following,
        mut tasks: JoinSet<()>,
        followed: Followed,
        signing_key: [u8; 32],
    ) -> (Arc<Chat>, Node) {
        let Followed {
            status,
            peers,
            differs,
        } = followed;
        if let Err(error) = self.chat.folder().remove_database_aside() {
            tracing::warn!(%error, "the database of before the rebuild could not be removed; remove it by hand");
        }
        status.send_replace(Status::Ready);
        let watched = status.subscribe();
        let lease = Lease::new(self.settings, snapshotter::LEASE, self.speaker.node);
        let snapshotter = Snapshotter {
            chat: Arc::clone(&self.chat),
            folder: self.chat.folder().path().to_owned(),
            log: self.storage.log.clone(),
            snapshots: self.snapshots,
            lease,
            status: status.subscribe(),
            peers: peers.clone(),
        };
        tasks.spawn(snapshotter.run());
        let (chat, link) = (Arc::clone(&self.chat), self.connection.link());
        tasks.spawn(level::look(chat, self.storage.log, link, following.progress()));
        let leave = CancellationToken::new();
        let supervisor = Supervisor {
            folder: self.chat.folder().path().to_owned(),
            link: self.connection.link(),
            following,
            differs,
            status,
            leave: leave.clone(),
            tasks,
        };
        let node = Node {
            status: watched,
            peers,
            signing_key,
            leave,
            supervisor: AbortOnDropHandle::new(tokio::spawn(supervisor.run())),
            speaker: self.speaker,
            applied: self.chat.applied(),
        };
        tracing::info!(node = %node.speaker.node, name = node.speaker.name, "this node is ready");
        (self.chat, node)
    }
}

/// What a node is told by that has everything.
struct Followed {
    status: watch::Sender<Status>,
    peers: watch::Receiver<Peers>,
    differs: mpsc::Receiver<Stopped>,
}
