//! One connection: bytes both ways, until its plan or one of its ends ends it.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::Instant;

use super::ack_watch::AckWatch;
use super::plan::{Direction, Ending, FaultPlan};
use super::{Fault, Shared};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 16 * 1024;
/// The same of what a server says on a narrow connection.
const NARROW_CHUNK_BYTES: usize = 61;
/// How long the open direction of a half-closed connection goes on.
const HALF_CLOSED: Duration = Duration::from_secs(2);
/// Bytes of a request's head that are looked at.
const HEAD_BYTES: usize = 4 * 1024;

/// Why a connection ended.
enum End {
    /// One of its ends ended it, or the proxy did by this fault.
    Over(Option<Fault>),
    /// Both ends are to be told nothing more.
    Quiet,
}

/// Carries a connection to its end.
pub(super) async fn relay(mut client: TcpStream, mut server: TcpStream, plan: FaultPlan, shared: &Shared) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    for (has, fault) in [
        (plan.slice.is_some(), Fault::Slice),
        (plan.delay.is_some(), Fault::Delay),
        (plan.is_narrow, Fault::Narrow),
    ] {
        if has {
            shared.counts.add(fault);
        }
    }
    if let Some(status) = plan.refuse_upgrade
        && asks_for_upgrade(&client).await
        && !shared.is_faultless()
    {
        shared.counts.add(Fault::RefusedUpgrade);
        return refuse(client, status).await;
    }
    let end = carry(&mut client, &mut server, &plan, shared).await;
    if let End::Over(Some(fault)) = end {
        shared.counts.add(fault);
    }
    if matches!(end, End::Over(_)) {
        reset(client);
        reset(server);
    }
}

/// Ends a connection with a reset.
pub(crate) fn reset(stream: TcpStream) {
    // The reset is what a linger of nothing makes of the close (tcp(7)); where it cannot be set it is a close.
    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    drop(stream);
}

async fn carry(client: &mut TcpStream, server: &mut TcpStream, plan: &FaultPlan, shared: &Shared) -> End {
    let began = Instant::now();
    let acks = Mutex::new(AckWatch::default());
    let closed = watch::Sender::new(None);
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let pump = |direction| Pump {
        direction,
        plan,
        shared,
        began,
        watch: &acks,
        closed: closed.subscribe(),
        forwarded: 0,
        acks: 0,
    };
    let mut both = Box::pin(async {
        let mut up = pump(Direction::Up);
        let mut down = pump(Direction::Down);
        tokio::try_join!(
            up.run(&mut from_client, &mut to_server),
            down.run(&mut from_server, &mut to_client)
        )
    });
    let ended = tokio::select! {
        ended = both.as_mut() => return over(ended),
        ending = ending_of(plan, began) => ending,
    };
    if shared.is_faultless() {
        return over(both.await);
    }
    match ended {
        Ending::Reset => End::Over(Some(Fault::Reset)),
        Ending::Stall(length) => {
            tokio::time::sleep(length).await;
            End::Over(Some(Fault::StalledToDeath))
        }
        Ending::HalfClose(direction) => {
            shared.counts.add(Fault::HalfClose);
            closed.send_replace(Some(direction));
            // The other direction goes on for a while, with what was read of it already.
            let _ = tokio::time::timeout(HALF_CLOSED, both.as_mut()).await;
            End::Over(None)
        }
    }
}

fn over(ended: Result<((), ()), Option<Fault>>) -> End {
    match ended {
        // Both ends said goodbye.
        Ok(_) => End::Quiet,
        Err(fault) => End::Over(fault),
    }
}

async fn ending_of(plan: &FaultPlan, began: Instant) -> Ending {
    match plan.ends {
        Some((after, ending)) => {
            tokio::time::sleep_until(began + after).await;
            ending
        }
        None => std::future::pending().await,
    }
}

/// One direction of a connection.
struct Pump<'a> {
    direction: Direction,
    plan: &'a FaultPlan,
    shared: &'a Shared,
    began: Instant,
    watch: &'a Mutex<AckWatch>,
    /// Which direction is closed: nothing more is read of it.
    closed: watch::Receiver<Option<Direction>>,
    /// Bytes that have been forwarded.
    forwarded: u64,
    /// Acks that the plan could have cut at so far.
    acks: u32,
}

impl Pump<'_> {
    /// Sends on until there is no more. The error is the fault that cut it, or none when an end broke off.
    async fn run(&mut self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> Result<(), Option<Fault>> {
        let is_narrow = self.plan.is_narrow && self.direction == Direction::Down;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let at_once = if is_narrow && !self.shared.is_faultless() {
                NARROW_CHUNK_BYTES
            } else {
                CHUNK_BYTES
            };
            let direction = self.direction;
            let length = tokio::select! {
                biased;
                _ = self.closed.wait_for(|closed| *closed == Some(direction)) => 0,
                read = from.read(&mut chunk[..at_once]) => read.map_err(|_| None)?,
            };
            let bytes = chunk.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                return to.shutdown().await.map_err(|_| None);
            }
            self.shared.bytes.fetch_add(length as u64, Ordering::Relaxed);
            let before = self.forwarded;
            let cut = self.cut_in(bytes);
            self.wait().await;
            let (bytes, fault) = match cut {
                Some((at, fault)) if !self.shared.is_faultless() => {
                    (bytes.get(..at).unwrap_or(bytes), Some(fault))
                }
                _ => (bytes, None),
            };
            self.write(before, bytes, to).await.map_err(|_| None)?;
            if let Some(fault) = fault {
                return Err(Some(fault));
            }
        }
    }

    /// Where in these bytes the plan cuts, if it does.
    fn cut_in(&mut self, bytes: &[u8]) -> Option<(usize, Fault)> {
        let by_ack = self.ack_in(bytes).map(|at| (at, Fault::BeforeAck));
        let by_bytes = match self.plan.cut_after {
            Some((direction, after)) if direction == self.direction => {
                let left = usize::try_from(after.saturating_sub(self.forwarded)).unwrap_or(usize::MAX);
                (left < bytes.len()).then_some((left, Fault::AfterBytes))
            }
            _ => None,
        };
        self.forwarded += bytes.len() as u64;
        match (by_ack, by_bytes) {
            (Some(ack), Some(count)) if count.0 < ack.0 => Some(count),
            (ack, count) => ack.or(count),
        }
    }

    fn ack_in(&mut self, bytes: &[u8]) -> Option<usize> {
        let chance = self.plan.cut_before_ack?;
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        if self.direction == Direction::Up {
            watch.sent();
            return None;
        }
        let at = watch.find(bytes)?;
        self.acks += 1;
        (self.acks > chance).then_some(at)
    }

    /// Delays and stalls, as planned.
    async fn wait(&self) {
        if self.shared.is_faultless() {
            return;
        }
        if let Some(delay) = self.plan.delay {
            tokio::time::sleep(delay).await;
        }
        if let Some((after, length)) = self.plan.stall {
            let begins = self.began + after;
            if (begins..begins + length).contains(&Instant::now()) {
                self.shared.counts.add(Fault::Stall);
                tokio::time::sleep_until(begins + length).await;
            }
        }
    }

    /// Writes what stands behind the first `before` bytes of this direction.
    async fn write(&self, before: u64, bytes: &[u8], to: &mut WriteHalf<'_>) -> io::Result<()> {
        let sliced = match self.plan.slice {
            Some((direction, count)) if direction == self.direction && !self.shared.is_faultless() => {
                let left = usize::try_from(count.saturating_sub(before)).unwrap_or(usize::MAX);
                left.min(bytes.len())
            }
            _ => 0,
        };
        for byte in &bytes[..sliced] {
            to.write_all(std::slice::from_ref(byte)).await?;
            tokio::task::yield_now().await;
        }
        to.write_all(&bytes[sliced..]).await
    }
}

/// Whether the first request on the connection asks for an upgrade. Takes nothing off it.
async fn asks_for_upgrade(client: &TcpStream) -> bool {
    let mut head = vec![0; HEAD_BYTES];
    let Ok(length) = client.peek(&mut head).await else {
        return false;
    };
    let head = String::from_utf8_lossy(&head[..length]).to_ascii_lowercase();
    head.contains("\r\nupgrade: websocket")
}

async fn refuse(mut client: TcpStream, status: u16) {
    if status == 0 {
        return reset(client);
    }
    let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = client.write_all(answer.as_bytes()).await;
    let _ = client.shutdown().await;
    // Its request is read, so that the answer is not overtaken by a reset.
    let mut rest = [0; 1024];
    let reading = async { while let Ok(1..) = client.read(&mut rest).await {} };
    let _ = tokio::time::timeout(Duration::from_secs(1), reading).await;
}
