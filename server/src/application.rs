//! Putting the parts together, and running until asked to end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::{Chat, DataFolder, Health};
use cluster::Node;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::access::Access;
use crate::assets::Assets;
use crate::config::Config;
use crate::gate::Gate;
use crate::host_names;
use crate::huge_pages;
use crate::identity::Identities;
use crate::limits::{CONNECTIONS_MAX, CONNECTIONS_MIN, OPEN_FILES, OPEN_FILES_KEPT};
use crate::listener;
use crate::node;
use crate::open_files;
use crate::routes;
use crate::shutdown::Shutdown;
use crate::state::{AppState, Foundation};
use crate::sweeper;

/// What the signing key is kept under.
const SIGNING_KEY: &str = "signing-key";

/// A server that has its port and has not begun to serve.
pub struct Application {
    foundation: Foundation,
    source: Source,
    listener: TcpListener,
    address: SocketAddr,
    /// How many it takes at a time.
    connections: usize,
    /// The names it answers to.
    hosts: Vec<String>,
}

/// Where the chat comes from.
enum Source {
    /// It is open, and all there is.
    Here(Arc<Chat>, Identities),
    /// A cluster has it, and this folder some of it.
    Cluster(cluster::Config, DataFolder),
}

/// What has to be ended in good order.
struct Running {
    state: AppState,
    node: Option<Node>,
}

impl Application {
    /// Opens the data, binds the port; a node of a cluster the other way round.
    ///
    /// # Errors
    /// What is missing or in the way, in a sentence that says what to do.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        // The page's renderer spawns through this; a second server in one process finds it set already.
        let _ = any_spawner::Executor::init_tokio();
        let listen = config.listen()?;
        let hosts = host_names::hosts(&config.allowed_host)?;
        let access = Access::new(
            &hosts,
            &host_names::origins(&config.allowed_origin)?,
            config.public_url.as_deref().map(host_names::in_ascii).as_deref(),
        )?;
        let cluster = config.node.config()?;
        huge_pages::do_without();
        let connections = connections(open_files::ask_for(OPEN_FILES))?;
        let foundation = Foundation {
            access,
            assets: Assets::open(&site_dir(&config)?)?,
            post_rate: config.post_rate,
            sessions: connections,
            shutdown: Shutdown::new(Duration::from_secs(config.drain_seconds)),
        };
        let (source, listener) = match cluster {
            None => {
                let source = open(&config).await?;
                (source, bind(listen).await?)
            }
            Some(cluster) => {
                anyhow::ensure!(
                    !config.new_signing_key,
                    "--new-signing-key is for a server by itself: what identities are signed with is the cluster's; leave it out"
                );
                // Whoever looks after the node sees from the start what it does.
                let listener = bind(listen).await?;
                (
                    Source::Cluster(cluster, DataFolder::open(&config.data_dir)?),
                    listener,
                )
            }
        };
        let address = listener.local_addr()?;
        Ok(Self {
            foundation,
            source,
            listener,
            address,
            connections,
            hosts,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `ended` completes, drains the connections, and returns when all that was taken is on the disk.
    ///
    /// # Errors
    /// When the database failed in a way that cannot be lived with, or the cluster cannot be joined.
    pub async fn run(self, ended: impl Future<Output = ()>) -> anyhow::Result<()> {
        let shutdown = self.foundation.shutdown.clone();
        let mut running = None;
        let outcome = tokio::select! {
            // In this order, so that a signal is heard from before anybody is told the address.
            biased;
            () = ended => Ok(()),
            outcome = self.serve(&mut running) => outcome,
        };
        tracing::info!("going away");
        shutdown.drain().await;
        if let Some(Running { state, node }) = running {
            if let Some(node) = node {
                let chat = Arc::clone(&state.chat);
                tokio::task::spawn_blocking(move || chat.flush_reading()).await?;
                node.stop().await;
            }
            tokio::task::spawn_blocking(move || state.chat.close()).await?;
        }
        outcome
    }

    async fn serve(self, running: &mut Option<Running>) -> anyhow::Result<()> {
        self.announce();
        let (gate, shutdown) = (Gate::new(), self.foundation.shutdown.clone());
        let accept = listener::serve(self.listener, gate.clone(), shutdown.clone(), self.connections);
        // A task of its own: what starts each connection runs where those run, and no other thread has to be woken for it.
        let accept = || AbortOnDropHandle::new(tokio::spawn(accept));
        match self.source {
            Source::Here(chat, identities) => {
                let state = self.foundation.state(chat, identities, None);
                Running::begin(running, &state, None);
                gate.open(|| routes::router(&state));
                let _accepting = accept();
                fail(&state).await
            }
            Source::Cluster(config, folder) => {
                let _accepting = accept();
                let (chat, node) = node::join(config, folder, &gate).await?;
                let (identities, status) = (Identities::new(node.signing_key())?, node.status());
                let state = self.foundation.state(chat, identities, Some(status.clone()));
                Running::begin(running, &state, Some(node));
                tokio::select! {
                    ended = node::follow(status, &gate, &shutdown, || routes::router(&state)) => ended,
                    failed = fail(&state) => failed,
                }
            }
        }
    }

    fn announce(&self) {
        tracing::info!("listening on http://{}", self.address);
        if !self.hosts.is_empty() {
            tracing::info!(
                "answering to {}, beside IP addresses and localhost",
                self.hosts.join(", ")
            );
        }
        if self.connections < CONNECTIONS_MAX {
            tracing::warn!(
                connections = self.connections,
                wanted = OPEN_FILES,
                "each connection is an open file, and the system allows only so many; raise its hard limit for more"
            );
        }
    }
}

impl Running {
    fn begin(running: &mut Option<Self>, state: &AppState, node: Option<Node>) {
        state.shutdown.spawn(sweeper::run(state.clone()));
        *running = Some(Self {
            state: state.clone(),
            node,
        });
    }
}

/// Waits until the chat has failed, and says so.
async fn fail(state: &AppState) -> anyhow::Result<()> {
    // A writer that is gone without a word has failed, too.
    let _ = (state.chat.health().wait_for(|health| *health == Health::Failed)).await;
    anyhow::bail!("the database failed; see the log above, and check the disk before starting again")
}

/// Opens the chat of a server by itself.
async fn open(config: &Config) -> anyhow::Result<Source> {
    let mut folder = DataFolder::open(&config.data_dir)?;
    let known_key = folder.secret(SIGNING_KEY)?;
    // The database is made before the key: where there is a key, there was a database.
    if known_key.is_some() {
        folder.expect_database();
    }
    let chat = tokio::task::spawn_blocking(move || Chat::open(folder)).await??;
    let identities = Identities::new(match known_key {
        Some(key) => key,
        None => new_key(&chat, config.new_signing_key)?,
    })?;
    Ok(Source::Here(Arc::new(chat), identities))
}

async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}; is another program using it? --listen takes another address")
    })
}

/// How many connections can be taken with so many open files (`None` for any number): some are kept for everything else.
fn connections(open_files: Option<u64>) -> anyhow::Result<usize> {
    let Some(open_files) = open_files else {
        return Ok(CONNECTIONS_MAX);
    };
    let left = open_files.saturating_sub(OPEN_FILES_KEPT);
    anyhow::ensure!(
        left >= CONNECTIONS_MIN,
        "the system allows {open_files} open files, and madang needs {} at least: raise the limit, with `ulimit -n`, or with \
         LimitNOFILE= where systemd starts it",
        OPEN_FILES_KEPT + CONNECTIONS_MIN
    );
    Ok(usize::try_from(left).map_or(CONNECTIONS_MAX, |left| left.min(CONNECTIONS_MAX)))
}

/// Makes the key that identities are signed with, in a folder that has none.
fn new_key(chat: &Chat, is_wanted: bool) -> anyhow::Result<[u8; 32]> {
    let folder = chat.folder();
    anyhow::ensure!(
        is_wanted || !chat.was_used(),
        "{} is missing, though there are messages: without it nobody is known any more. Put it back from a backup; to go on \
         with a new one, where everybody is somebody new, start once with --new-signing-key",
        folder.path().join(SIGNING_KEY).display()
    );
    Ok(folder.make_secret(SIGNING_KEY)?)
}

fn site_dir(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &config.site_dir {
        return Ok(folder.clone());
    }
    // cargo-leptos says where it has put the page's files.
    if let Some(folder) = std::env::var_os("LEPTOS_SITE_ROOT").filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let executable =
        std::env::current_exe().context("the executable's own path is not known; give --site-dir")?;
    Ok(executable.with_file_name("site"))
}
