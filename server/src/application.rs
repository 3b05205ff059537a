//! Putting the parts together, and running until asked to end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::{Chat, DataFolder, Health};
use protocol::LimitsFrame;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use crate::access::Access;
use crate::answers::Answers;
use crate::assets::Assets;
use crate::config::Config;
use crate::host_names;
use crate::huge_pages;
use crate::identity::Identities;
use crate::limits::{
    CONNECTIONS_MAX, CONNECTIONS_MIN, IDENTITY_FRAMES_PER_WINDOW, OPEN_FILES, OPEN_FILES_KEPT,
};
use crate::listener;
use crate::open_files;
use crate::post_limiter::PostLimiter;
use crate::routes;
use crate::shares::Shares;
use crate::shutdown::Shutdown;
use crate::state::{AppState, Parts};
use crate::sweeper;

/// What the signing key is kept under.
const SIGNING_KEY: &str = "signing-key";

/// A server that has its port and its data and has not begun to serve.
pub struct Application {
    state: AppState,
    listener: TcpListener,
    address: SocketAddr,
    /// How many it takes at a time.
    connections: usize,
    /// The names it answers to.
    hosts: Vec<String>,
}

impl Application {
    /// Opens the data, binds the port.
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
        huge_pages::do_without();
        let connections = connections(open_files::ask_for(OPEN_FILES))?;
        let assets = Assets::open(&site_dir(&config)?)?;
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
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; is another program using it? --listen takes another address")
        })?;
        let address = listener.local_addr()?;
        let state = AppState::new(Parts {
            chat,
            identities,
            access,
            assets,
            answers: Answers::default(),
            shares: Shares::default(),
            post_limiter: Arc::new(PostLimiter::new(config.post_rate)),
            repeat_limiter: PostLimiter::new(config.post_rate),
            frame_limiter: PostLimiter::new(IDENTITY_FRAMES_PER_WINDOW),
            limits: LimitsFrame::new(config.post_rate),
            session_permits: Arc::new(Semaphore::new(connections)),
            shutdown: Shutdown::new(Duration::from_secs(config.drain_seconds)),
        });
        Ok(Self {
            state,
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
    /// When the database failed in a way that cannot be lived with.
    pub async fn run(self, ended: impl Future<Output = ()>) -> anyhow::Result<()> {
        let router = routes::router(&self.state);
        let mut health = self.state.chat.health();
        self.state.shutdown.spawn(sweeper::run(self.state.clone()));
        let serve = async {
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
            // A task of its own: what starts each connection runs where those run, and no other thread has to be woken for it.
            let serve = listener::serve(self.listener, router, self.state.clone(), self.connections);
            AbortOnDropHandle::new(tokio::spawn(serve)).await
        };
        let failed = tokio::select! {
            // In this order, so that a signal is heard from before anybody is told the address.
            biased;
            () = ended => false,
            _ = health.wait_for(|health| *health == Health::Failed) => true,
            _ = serve => false,
        };
        tracing::info!("going away");
        self.state.shutdown.drain().await;
        let state = self.state;
        tokio::task::spawn_blocking(move || state.chat.close()).await?;
        anyhow::ensure!(
            !failed,
            "the database failed; see the log above, and check the disk before starting again"
        );
        Ok(())
    }
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
