//! A server's resident memory for each connection.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::procfs;
use crate::sockets::Sockets;
use crate::speech::Speech;
use crate::stamp::{Clock, Finder};
use crate::subject::Running;

/// Connections that memory is measured over.
pub(crate) const CONNECTIONS: usize = 2_000;
/// Messages that everybody has heard when memory after traffic is measured.
pub(crate) const MESSAGES: usize = 200;
/// Memory counts as settled when it moved by less than this share between two looks, and no later than this.
const SETTLED_SHARE: f64 = 0.002;
const SETTLE_MAX: Duration = Duration::from_secs(8);
const SETTLE_INTERVAL: Duration = Duration::from_millis(400);
/// Between two messages: as fast as people read.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(10);
/// How long nothing may arrive while something is still missing.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Resident KiB per connection of [`CONNECTIONS`] that only listen.
///
/// # Errors
/// When a connection fails.
pub(crate) fn idle_kib(running: &Running, speech: &Speech) -> Result<f64> {
    let mut sockets = Sockets::new()?;
    let empty = settled_kib(running, &mut sockets)?;
    for _ in 0..CONNECTIONS {
        speech.open(&mut sockets, running.address)?;
    }
    let full = settled_kib(running, &mut sockets)?;
    Ok((full - empty) / CONNECTIONS as f64)
}

/// The same of [`CONNECTIONS`] full clients in one room, each of which has heard [`MESSAGES`] messages and who is there.
///
/// # Errors
/// When a connection fails, or a message does not come.
pub(crate) fn after_traffic_kib(running: &Running) -> Result<f64> {
    let mut sockets = Sockets::new()?;
    let mut speech = Speech::full();
    let empty = settled_kib(running, &mut sockets)?;
    for _ in 0..CONNECTIONS {
        speech.open(&mut sockets, running.address)?;
    }
    settled_kib(running, &mut sockets)?;
    let (clock, mut finder) = (Clock::start(), Finder::default());
    let mut heard = 0;
    let mut hear = |sockets: &mut Sockets, timeout| {
        let before = heard;
        let polled = sockets.poll(timeout, |_, text| {
            heard += usize::from(finder.find(text).is_some());
        });
        polled.map(|()| (heard, heard > before))
    };
    for _ in 0..MESSAGES {
        sockets.send_text(0, speech.post(clock.nanos()).as_bytes())?;
        let end = Instant::now() + MESSAGE_INTERVAL;
        while Instant::now() < end {
            hear(&mut sockets, end.saturating_duration_since(Instant::now()))?;
        }
    }
    let mut heard_at = Instant::now();
    loop {
        let (heard, is_more) = hear(&mut sockets, Duration::from_millis(50))?;
        if heard >= MESSAGES * CONNECTIONS {
            break;
        }
        if is_more {
            heard_at = Instant::now();
        }
        ensure!(heard_at.elapsed() < SILENCE_MAX, "only {heard} deliveries came");
    }
    let full = settled_kib(running, &mut sockets)?;
    Ok((full - empty) / CONNECTIONS as f64)
}

/// The server's memory once it has stopped moving.
fn settled_kib(running: &Running, sockets: &mut Sockets) -> Result<f64> {
    let began = Instant::now();
    let mut last = f64::INFINITY;
    loop {
        let look = Instant::now();
        while look.elapsed() < SETTLE_INTERVAL {
            sockets.poll(SETTLE_INTERVAL.saturating_sub(look.elapsed()), |_, _| {})?;
        }
        let now = procfs::resident_kib(running.pid())? as f64;
        if (now - last).abs() <= now * SETTLED_SHARE || began.elapsed() > SETTLE_MAX {
            return Ok(now);
        }
        last = now;
    }
}
