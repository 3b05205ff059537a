//! What the NATS servers' monitoring says that clients are not told.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::limits::{MONITOR_ANSWER_BYTES_MAX, MONITOR_ANSWER_MS, MONITORS_MAX};

/// What is wrong with a NATS server, or could not be seen. Its text is a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It acknowledges what is not on its disk.
    NotSynced { server: String },
    /// It has no JetStream.
    NoJetStream { server: String },
    /// Whether it syncs could not be seen.
    Unseen { address: String, reason: String },
    /// None of them could be looked at.
    NothingToAsk,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSynced { server } => write!(
                f,
                "the NATS server {server} acknowledges what is not on its disk yet, and a power cut can lose it: put sync_interval: \
                 always into the jetstream part of its configuration"
            ),
            Self::NoJetStream { server } => {
                write!(
                    f,
                    "the NATS server {server} has no JetStream: it keeps no copy of the log"
                )
            }
            Self::Unseen { address, reason } => write!(
                f,
                "whether the NATS server at {address} syncs what it acknowledges could not be seen ({reason}): correct \
                 --nats-monitor, or look for sync_interval: always in its configuration"
            ),
            Self::NothingToAsk => write!(
                f,
                "whether the NATS servers sync what they acknowledge could not be seen: give their monitoring addresses with \
                 --nats-monitor, and sync_interval: always to the servers"
            ),
        }
    }
}

/// Asks each of these monitoring addresses (`http://host:8222`) whether its server syncs what it acknowledges.
pub async fn look(addresses: &[String]) -> Vec<Finding> {
    if addresses.is_empty() {
        return vec![Finding::NothingToAsk];
    }
    let looks = addresses
        .iter()
        .take(MONITORS_MAX)
        .map(|address| look_at(address));
    futures_util::future::join_all(looks)
        .await
        .into_iter()
        .flatten()
        .collect()
}

/// [`look`], told in the log.
pub async fn look_and_warn(addresses: &[String]) {
    for finding in look(addresses).await {
        match finding {
            Finding::NotSynced { .. } | Finding::NoJetStream { .. } => tracing::error!("{finding}"),
            Finding::Unseen { .. } | Finding::NothingToAsk => tracing::warn!("{finding}"),
        }
    }
}

async fn look_at(address: &str) -> Option<Finding> {
    let limit = Duration::from_millis(MONITOR_ANSWER_MS);
    let answer = tokio::time::timeout(limit, ask(address)).await;
    let server = match answer.unwrap_or_else(|_| Err("it did not answer in time".to_owned())) {
        Ok(server) => server,
        Err(reason) => {
            return Some(Finding::Unseen {
                address: address.to_owned(),
                reason,
            });
        }
    };
    let name = format!("{} ({address})", server.server_name);
    match server.jetstream.config {
        None => Some(Finding::NoJetStream { server: name }),
        Some(config) => (!config.sync_always).then_some(Finding::NotSynced { server: name }),
    }
}

/// Of `/varz`.
#[derive(Debug, Deserialize)]
struct Server {
    server_name: String,
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Debug, Default, Deserialize)]
struct JetStream {
    config: Option<JetStreamConfig>,
}

#[derive(Debug, Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
}

/// By HTTP/1.0, so that the answer is what comes until the end: no client of ours is needed for that.
async fn ask(address: &str) -> Result<Server, String> {
    let place = address
        .strip_prefix("http://")
        .ok_or("it does not begin with http://")?;
    let place = place.trim_end_matches('/');
    let mut stream = TcpStream::connect(place)
        .await
        .map_err(|error| error.to_string())?;
    let request = format!("GET /varz HTTP/1.0\r\nHost: {place}\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    let bytes = u64::try_from(MONITOR_ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
    stream
        .take(bytes)
        .read_to_end(&mut answer)
        .await
        .map_err(|error| error.to_string())?;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or("it does not speak HTTP")?;
    let (head, body) = answer.split_at(end);
    if !head.starts_with(b"HTTP/1.0 200") && !head.starts_with(b"HTTP/1.1 200") {
        return Err("it is no monitoring address".to_owned());
    }
    serde_json::from_slice(&body[4..]).map_err(|_| "it is no monitoring address".to_owned())
}
