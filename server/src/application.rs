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

use crate::access::Access;
use crate::answers::Answers;
use crate::assets::Assets;
use crate::config::Config;
use crate::identity::Identities;
use crate::limits::{CONNECTIONS_MAX, OPEN_FILES};
use crate::listener;
use crate::open_files;
use crate::post_limiter::PostLimiter;
use crate::routes;
use crate::shutdown::Shutdown;
use crate::state::{AppState, Parts};
use crate::sweeper;

/// A server that has its port and its data and has not begun to serve.
pub struct Application {
    state: AppState,
    listener: TcpListener,
    address: SocketAddr,
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
        let access = Access::new(
            &config.allowed_host,
            &config.allowed_origin,
            config.public_url.as_deref(),
        )?;
        let assets = Assets::open(&site_dir(&config)?)?;
        let folder = DataFolder::open(&config.data_dir)?;
        let identities = Identities::open(&folder)?;
        let chat = tokio::task::spawn_blocking(move || Chat::open(folder)).await??;
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
            post_limiter: Arc::new(PostLimiter::new(config.post_rate)),
            limits: LimitsFrame::new(config.post_rate),
            session_permits: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            shutdown: Shutdown::new(Duration::from_secs(config.drain_seconds)),
        });
        Ok(Self {
            state,
            listener,
            address,
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
            make_room();
            listener::serve(self.listener, router, &self.state).await;
        };
        let failed = tokio::select! {
            // In this order, so that a signal is heard from before anybody is told the address.
            biased;
            () = ended => false,
            _ = health.wait_for(|health| *health == Health::Failed) => true,
            () = serve => false,
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

/// Sees to it that there are open files enough for all connections, or says how many there are.
fn make_room() {
    if let Some(room) = open_files::ask_for(OPEN_FILES)
        && room < OPEN_FILES
    {
        tracing::warn!(
            open_files = room,
            wanted = OPEN_FILES,
            "each connection is an open file, and the system allows this many; raise its hard limit for more"
        );
    }
}

fn site_dir(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &config.site_dir {
        return Ok(folder.clone());
    }
    // cargo-leptos says where it has put the page's files.
    if let Some(folder) = std::env::var_os("LEPTOS_SITE_ROOT") {
        return Ok(PathBuf::from(folder));
    }
    let executable =
        std::env::current_exe().context("the executable's own path is not known; give --site-dir")?;
    Ok(executable.with_file_name("site"))
}
