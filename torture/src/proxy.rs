//! A TCP proxy that fails on purpose, between the clients and the server, or the nodes that are one.
//!
//! Each connection goes to the node after the one before it, or to the next that takes it.
//!
//! Every connection is given a [`FaultPlan`] drawn from the seed and the connection's number: what goes wrong on it, and
//! when. The numbers are the same in every run of a seed; which client gets which is up to the scheduler.

mod ack_watch;
mod counts;
mod plan;
mod relay;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use client::testing::Random;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

pub use counts::{Counts, Fault};
pub use plan::{Direction, Ending, FaultPlan, FaultRates};
pub(crate) use relay::reset;

/// Connections through the proxy at a time; further ones are dropped at once.
pub const CONNECTIONS_MAX: usize = 4_096;
/// How long a connection that an outage has silenced is kept: longer than any client waits.
const SILENCE: Duration = Duration::from_secs(120);
/// What the system takes from the server ahead of what was sent on, on a narrow connection. With much less it takes TCP seconds
/// to send a page.
const NARROW_BYTES: u32 = 16 * 1_024;
/// How long the proxy waits for the server to take a connection.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// A running proxy; it ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    /// The server, or the nodes.
    upstreams: Vec<SocketAddr>,
    counts: Counts,
    faultless: AtomicBool,
    /// Bytes that were sent on, both ways.
    bytes: AtomicU64,
    outage: watch::Sender<Option<Outage>>,
}

/// What an outage of the network does to the connections that stand. New ones find nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// They are reset at its beginning.
    Reset,
    /// They carry nothing any more, and nobody is told; not afterwards either.
    Silence,
}

impl Proxy {
    /// Starts a proxy to `upstream` on a port of its own, with faults as `fault_rates` has them.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr, seed: u64, fault_rates: FaultRates) -> std::io::Result<Self> {
        Self::start_among(vec![upstream], move |number| {
            FaultPlan::draw(&mut Random::for_purpose(seed, number), &fault_rates)
        })
        .await
    }

    /// Starts a proxy that asks `plan` what to do with each connection, counted from 0.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_with(
        upstream: SocketAddr,
        plan: impl Fn(u64) -> FaultPlan + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start_among(vec![upstream], plan).await
    }

    /// Starts a proxy that gives its connections to these in turn.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_among(
        upstreams: Vec<SocketAddr>,
        plan: impl Fn(u64) -> FaultPlan + Send + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstreams,
            counts: Counts::default(),
            faultless: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            outage: watch::channel(None).0,
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared), plan));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// Where clients connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often each fault has happened.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// Bytes that were sent on so far, both ways, on all connections.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Begins an outage of the network.
    pub fn begin_outage(&self, outage: Outage) {
        self.shared.outage.send_replace(Some(outage));
    }

    /// Ends the outage.
    pub fn end_outage(&self) {
        self.shared.outage.send_replace(None);
    }

    /// Stops all faults, on open connections and on those to come.
    pub fn stop_faults(&self) {
        self.shared.faultless.store(true, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn is_faultless(&self) -> bool {
        self.faultless.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, plan: impl Fn(u64) -> FaultPlan + Send) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut number = 0;
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors, mostly: a moment later there may be some again.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            continue;
        };
        let plan = if shared.is_faultless() {
            FaultPlan::clean()
        } else {
            plan(number)
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _permit = permit;
            connect(client, number, plan, &shared).await;
        });
        number += 1;
    }
}

async fn connect(client: TcpStream, number: u64, plan: FaultPlan, shared: &Shared) {
    shared.counts.add(Fault::Connection);
    let mut outage = shared.outage.subscribe();
    if outage.borrow_and_update().is_some() {
        return relay::reset(client);
    }
    let Some(server) = reach(number, plan.is_narrow, &shared.upstreams).await else {
        // The server is down: say so at once, as its own machine would.
        shared.counts.add(Fault::ServerDown);
        return relay::reset(client);
    };
    let relayed = relay::relay(client, server, plan, shared);
    tokio::pin!(relayed);
    let begun = tokio::select! {
        () = relayed.as_mut() => return,
        begun = outage.wait_for(Option::is_some) => begun.ok().and_then(|begun| *begun),
    };
    if begun == Some(Outage::Silence) {
        tokio::time::sleep(SILENCE).await;
    }
}

/// A connection to the one whose turn it is, or to the next that takes it.
async fn reach(number: u64, is_narrow: bool, upstreams: &[SocketAddr]) -> Option<TcpStream> {
    let first = usize::try_from(number).unwrap_or(0) % upstreams.len().max(1);
    for upstream in upstreams.iter().cycle().skip(first).take(upstreams.len()) {
        let connecting = async {
            let socket = TcpSocket::new_v4()?;
            if is_narrow {
                socket.set_recv_buffer_size(NARROW_BYTES)?;
            }
            socket.connect(*upstream).await
        };
        match tokio::time::timeout(CONNECT_MAX, connecting).await {
            // A port of nobody's can be given to the connection itself, which is then its own peer.
            Ok(Ok(server)) if server.local_addr().ok() != Some(*upstream) => return Some(server),
            _ => {}
        }
    }
    None
}
