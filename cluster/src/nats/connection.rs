//! The connection to NATS: one for everything a node does there.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{AccountErrorKind, ContextBuilder};
use async_nats::{
    Client, ConnectError, ConnectErrorKind, ConnectOptions, ReconnectToServer, ServerAddr, ServerInfo,
    jetstream, rustls,
};
use futures_util::StreamExt as _;
use tokio::sync::{Notify, watch};

use super::link::{Link, LinkState, Service};
use super::patience::{Trouble, patiently};
use super::reasons::Reasons;
use super::servers::Servers;
use crate::config::Config;
use crate::error::Error;
use crate::limits::{
    ENVELOPE_ALONE_BYTES_MAX, NATS_CONNECT_MS, NATS_DELIVERIES_WAITING_MAX, NATS_ECHO_MS, NATS_LOOK_MS,
    NATS_PING_MS, NATS_RECONNECT_MS_MAX, NATS_REQUEST_MS, NATS_VERSION_FAST, NATS_VERSION_MIN,
    NATS_WRITES_WAITING_MAX,
};

/// A connection to NATS that is made again whenever it breaks, for ever. Its clones are the same one.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    client: Client,
    jetstream: jetstream::Context,
    link: LinkState,
    is_doubted: AtomicBool,
    /// The server that there is takes too little at a time.
    is_unfit: AtomicBool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.0.link.now()).finish()
    }
}

impl Connection {
    /// Connects to one of the servers, which are waited for some while if need be: `progress` is told of it.
    ///
    /// # Errors
    /// What is wrong with the configuration or with NATS, in a sentence that says what to do.
    pub async fn open(config: &Config, progress: &(dyn Fn(String) + Send + Sync)) -> Result<Self, Error> {
        let addresses = addresses(config)?;
        let changed = Arc::new(Notify::new());
        let options = options(config, &addresses, &changed).await?;
        let client = patiently(progress, || {
            let connecting = options.clone().connect(addresses.clone());
            async { connecting.await.map_err(|error| trouble(&error, config)) }
        })
        .await?;
        check_server(&client)?;
        let jetstream = ContextBuilder::new()
            .timeout(Duration::from_millis(NATS_REQUEST_MS))
            .build(client.clone());
        patiently(progress, || check_jetstream(&client, &jetstream)).await?;
        let inner = Arc::new(Inner {
            client,
            jetstream,
            link: LinkState::new(),
            is_doubted: AtomicBool::new(false),
            is_unfit: AtomicBool::new(false),
        });
        inner.look();
        tokio::spawn(keep_looking(Arc::downgrade(&inner), changed));
        Ok(Self(inner))
    }

    /// For core NATS.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// For JetStream; requests end after [`NATS_REQUEST_MS`].
    #[must_use]
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.0.jetstream
    }

    /// Whether NATS is there, and how that changes.
    #[must_use]
    pub fn link(&self) -> watch::Receiver<Link> {
        self.0.link.watch()
    }

    /// Notes whether NATS does for this node what it is there for.
    pub(crate) fn set_served(&self, service: Service, is_served: bool) {
        self.0.link.set_served(service, is_served);
    }

    /// Says that something was not answered: where the server does not even echo a message, another one is gone to, and where it
    /// does, after a while. A server that stands still keeps its connections, and is missed by nothing else for a while; one that
    /// is cut off from the others does all but what needs them.
    pub(crate) fn doubt(&self) {
        if self.0.link.now().is_connected() && !self.0.is_doubted.swap(true, Ordering::AcqRel) {
            let connection = self.clone();
            tokio::spawn(async move {
                connection.settle_doubt().await;
                connection.0.is_doubted.store(false, Ordering::Release);
            });
        }
    }

    async fn settle_doubt(&self) {
        let connections = self.0.link.now().connections;
        let limit = Duration::from_millis(NATS_ECHO_MS);
        if tokio::time::timeout(limit, self.echo()).await.unwrap_or_default() {
            if self.0.link.is_to_be_left() {
                tracing::warn!(
                    server = self.0.client.server_info().server_name,
                    "a NATS server is there and its JetStream does not answer; trying another"
                );
                // It fails only where the client has ended.
                let _ = self.0.client.force_reconnect().await;
            }
            return;
        }
        // Over TLS the client says goodbye first, which a server that stands still may never let it: there, unanswered pings
        // have to do.
        let is_plain = !self.0.client.server_info().tls_required;
        if is_plain && self.0.link.now().connections == connections {
            tracing::warn!("a NATS server does not answer; going to another");
            // It fails only where the client has ended.
            let _ = self.0.client.force_reconnect().await;
        }
    }

    /// Whether a message to ourselves comes back.
    async fn echo(&self) -> bool {
        let client = &self.0.client;
        let inbox = client.new_inbox();
        let Ok(mut echoes) = client.subscribe(inbox.clone()).await else {
            return false;
        };
        client.publish(inbox, bytes::Bytes::new()).await.is_ok() && echoes.next().await.is_some()
    }
}

impl Inner {
    /// Whether the server that there is will do; where there is none, one is looked for anyway.
    fn look(&self) -> bool {
        let is_connected = self.client.connection_state() == State::Connected;
        let connections = self.client.statistics().connects.load(Ordering::Relaxed);
        // Each time: the client may say that there is another server before it says which.
        let fit = check_payload(&self.client.server_info());
        let is_unfit = is_connected && fit.is_err();
        let was_unfit = self.is_unfit.swap(is_unfit, Ordering::AcqRel);
        if let (Err(error), true, false) = (fit, is_unfit, was_unfit) {
            tracing::error!("{error}; another server is gone to meanwhile");
        }
        // What it does not take would be offered to it for ever.
        self.link.set_connected(is_connected && !is_unfit, connections);
        !is_unfit
    }
}

/// Until the connection is dropped.
async fn keep_looking(inner: Weak<Inner>, changed: Arc<Notify>) {
    loop {
        // The client may drop what it tells, so that it is looked at without being told as well.
        let _ = tokio::time::timeout(Duration::from_millis(NATS_LOOK_MS), changed.notified()).await;
        let Some(inner) = inner.upgrade() else {
            return;
        };
        if !inner.look() {
            // It fails only where the client has ended.
            let _ = inner.client.force_reconnect().await;
        }
    }
}

fn addresses(config: &Config) -> Result<Vec<ServerAddr>, Error> {
    let address = |server: &String| {
        server
            .parse::<ServerAddr>()
            .ok()
            .filter(|address| !address.is_websocket())
            .ok_or_else(|| {
                // What stands before an @ may be a password.
                Error::ServerAddress(server.rsplit('@').next().unwrap_or_default().to_owned())
            })
    };
    config.servers.iter().map(address).collect()
}

async fn options(
    config: &Config,
    addresses: &[ServerAddr],
    changed: &Arc<Notify>,
) -> Result<ConnectOptions, Error> {
    let options = patient(&config.name, Arc::clone(changed));
    let servers = Arc::new(Servers::default());
    let mut options = options.reconnect_to_server_callback(move |pool, info| {
        // Any that is there will do for the first time.
        let is_first = info.server_id.is_empty();
        let next = if is_first { None } else { servers.next(&pool) };
        std::future::ready(next.map(|addr| ReconnectToServer { addr, delay: None }))
    });
    // The client overlooks who an address says that we are. It can be but one for all of them.
    let user = |address: &ServerAddr| {
        let user = unescaped(address.username()?)?;
        Some((user, address.password().map(unescaped)))
    };
    options = match addresses.iter().find_map(user) {
        Some((user, Some(password))) => options.user_and_password(user, password.unwrap_or_default()),
        Some((token, None)) => options.token(token),
        None => options,
    };
    if let Some(path) = &config.credentials {
        options = options
            .credentials_file(path)
            .await
            .map_err(file("credentials", path))?;
    }
    if let Some(path) = &config.tls_ca {
        tokio::fs::metadata(path)
            .await
            .map_err(file("certificate authority", path))?;
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &config.tls_certificate {
        tokio::fs::metadata(certificate)
            .await
            .map_err(file("certificate", certificate))?;
        tokio::fs::metadata(key).await.map_err(file("key", key))?;
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

/// How long things may take, and whom to tell that something has changed.
fn patient(name: &str, changed: Arc<Notify>) -> ConnectOptions {
    let reasons = Reasons::default();
    ConnectOptions::new()
        .name(name)
        .connection_timeout(Duration::from_millis(NATS_CONNECT_MS))
        .request_timeout(Some(Duration::from_millis(NATS_REQUEST_MS)))
        .ping_interval(Duration::from_millis(NATS_PING_MS))
        .client_capacity(NATS_WRITES_WAITING_MAX)
        .subscription_capacity(NATS_DELIVERIES_WAITING_MAX)
        .reconnect_delay_callback(|attempts| {
            let attempts = u64::try_from(attempts).unwrap_or(u64::MAX);
            Duration::from_millis(
                attempts
                    .saturating_sub(1)
                    .saturating_mul(50)
                    .min(NATS_RECONNECT_MS_MAX),
            )
        })
        .event_callback(move |event| {
            reasons.note(&event);
            changed.notify_one();
            std::future::ready(())
        })
}

/// What stands in an address, without its percent signs.
fn unescaped(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::File {
        what,
        path: path.to_owned(),
        source,
    }
}

fn trouble(error: &ConnectError, config: &Config) -> Trouble {
    let reason = error.to_string();
    let servers = || {
        let place = |server: &String| server.rsplit(['@', '/']).next().unwrap_or_default().to_owned();
        config.servers.iter().map(place).collect::<Vec<_>>().join(", ")
    };
    match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            Trouble::Lasting(Error::NotLetIn { servers: servers() })
        }
        ConnectErrorKind::Tls => Trouble::Lasting(Error::Tls {
            servers: servers(),
            reason,
        }),
        _ if is_tls(error) => Trouble::Lasting(Error::Tls {
            servers: servers(),
            reason,
        }),
        _ => Trouble::Passing(Error::NoServer {
            servers: servers(),
            reason,
        }),
    }
}

/// The client calls what goes wrong in a handshake an error of input and output.
fn is_tls(error: &ConnectError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source
        .and_then(std::io::Error::get_ref)
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

fn check_server(client: &Client) -> Result<(), Error> {
    let info = client.server_info();
    let version = version(&info.version);
    if version < NATS_VERSION_MIN {
        return Err(Error::OldServer {
            server: info.server_name,
            version: info.version,
        });
    }
    if version < NATS_VERSION_FAST {
        tracing::warn!(
            version = info.version,
            "this NATS server syncs each message by itself where it is told to sync always: 2.15 and later sync many with one write"
        );
    }
    check_payload(&info)
}

fn check_payload(info: &ServerInfo) -> Result<(), Error> {
    if info.max_payload < ENVELOPE_ALONE_BYTES_MAX {
        return Err(Error::SmallPayload {
            server: info.server_name.clone(),
            bytes: info.max_payload,
        });
    }
    Ok(())
}

/// The numbers a version begins with; zeros for what is none.
fn version(version: &str) -> (u64, u64, u64) {
    let mut numbers = version.split(|character: char| !character.is_ascii_digit());
    let mut next = || {
        numbers
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or_default()
    };
    (next(), next(), next())
}

async fn check_jetstream(client: &Client, jetstream: &jetstream::Context) -> Result<(), Trouble> {
    let Err(error) = jetstream.query_account().await else {
        return Ok(());
    };
    let info = client.server_info();
    let (reason, is_silent) = match error.kind() {
        AccountErrorKind::JetStream(error) => (
            error.to_string(),
            error.error_code() == ErrorCode::CLUSTER_NOT_AVAILABLE,
        ),
        AccountErrorKind::TimedOut => ("it does not answer yet".to_owned(), true),
        _ => (error.to_string(), false),
    };
    let error = if is_silent {
        let what = "let this node use JetStream";
        Error::Nats { what, reason }
    } else {
        Error::NoJetStream { reason }
    };
    // A server that is one of several may only not know yet who leads them.
    Err(if is_silent || info.jetstream || info.cluster.is_some() {
        Trouble::Passing(error)
    } else {
        Trouble::Lasting(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_escapes_is_read_as_it_was_meant() {
        assert_eq!(unescaped("chat").as_deref(), Some("chat"));
        assert_eq!(unescaped("p%40ss%25%eb%a7%88").as_deref(), Some("p@ss%마"));
        assert_eq!(
            (unescaped("%4"), unescaped("%zz"), unescaped("%ff")),
            (None, None, None)
        );
    }

    #[test]
    fn a_version_is_read_whatever_stands_behind_it() {
        assert_eq!(version("2.15.1"), (2, 15, 1));
        assert_eq!(version("2.12.0-preview.2"), (2, 12, 0));
        assert_eq!(version("new"), (0, 0, 0));
        assert!(version("2.9.10") < NATS_VERSION_MIN);
    }
}
