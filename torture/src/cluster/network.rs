//! The links between the programs, each a TCP proxy of its own that can be cut and healed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::proxy::reset;

/// Connections on a link at a time; further ones are reset.
pub const CONNECTIONS_MAX: usize = 256;
/// Bytes read at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// How a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Connections are reset, new ones too.
    Reset,
    /// Nothing comes through and nobody is told. What was sent meanwhile arrives when the link is whole again, as TCP sends
    /// it again on a network that comes back.
    Silence,
}

/// A link to one address. It ends when this is dropped, and its connections with it.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    cut: Arc<watch::Sender<Option<Cut>>>,
    accepting: JoinHandle<()>,
}

impl Link {
    /// Starts a link to this address.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let cut = Arc::new(watch::Sender::new(None));
        let accepting = tokio::spawn(accept(listener, to, cut.subscribe()));
        Ok(Self {
            address,
            cut,
            accepting,
        })
    }

    /// Where it is entered.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts it.
    pub fn cut(&self, how: Cut) {
        self.cut.send_replace(Some(how));
    }

    /// Makes it whole again.
    pub fn heal(&self) {
        self.cut.send_replace(None);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, cut: watch::Receiver<Option<Cut>>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok((from, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            reset(from);
            continue;
        };
        let cut = cut.clone();
        tokio::spawn(async move {
            let _permit = permit;
            carry(from, to, cut).await;
        });
    }
}

/// Carries a connection to its end.
async fn carry(mut from: TcpStream, to: SocketAddr, cut: watch::Receiver<Option<Cut>>) {
    let mut waiting = cut.clone();
    let reached = async {
        let_through(&mut waiting).await.ok()?;
        let reached = TcpStream::connect(to).await.ok()?;
        // A port of nobody's can be given to the connection itself, which is then its own peer.
        (reached.local_addr().ok() != Some(to)).then_some(reached)
    };
    let Some(mut reached) = reached.await else {
        return reset(from);
    };
    let _ = (from.set_nodelay(true), reached.set_nodelay(true));
    let mut is_reset = cut.clone();
    let ended = {
        let (mut from_reader, mut from_writer) = from.split();
        let (mut to_reader, mut to_writer) = reached.split();
        let both = async {
            tokio::try_join!(
                pump(&mut from_reader, &mut to_writer, cut.clone()),
                pump(&mut to_reader, &mut from_writer, cut.clone()),
            )
        };
        tokio::select! {
            ended = both => ended.is_ok(),
            _ = is_reset.wait_for(|cut| *cut == Some(Cut::Reset)) => false,
        }
    };
    if !ended {
        reset(from);
        reset(reached);
    }
}

/// Waits while the link is silent. An error when it is reset, or gone.
async fn let_through(cut: &mut watch::Receiver<Option<Cut>>) -> io::Result<()> {
    match cut.wait_for(|cut| *cut != Some(Cut::Silence)).await {
        Ok(cut) if cut.is_none() => Ok(()),
        _ => Err(io::ErrorKind::ConnectionReset.into()),
    }
}

async fn pump(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    mut cut: watch::Receiver<Option<Cut>>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let_through(&mut cut).await?;
        let length = from.read(&mut chunk).await?;
        let_through(&mut cut).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}
