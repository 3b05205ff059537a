//! What it costs a server to let somebody in.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::procfs;
use crate::sockets::Sockets;
use crate::speech::{self, Person};
use crate::subject::Running;
use crate::wire::Introduction;

/// Connections opened one after another. With a clock that ticks each 10 ms, fewer would say little.
pub(crate) const HANDSHAKES: usize = 4_000;
/// How long a server may take to let everybody into the room.
const JOINED_MAX: Duration = Duration::from_secs(20);

/// The server's processor time for one plain connection, in microseconds.
///
/// # Errors
/// When the server does not let somebody in.
pub(crate) fn plain_micros(running: &Running) -> Result<f64> {
    let mut sockets = Sockets::new()?;
    let before = procfs::cpu_seconds(running.pid())?;
    for _ in 0..HANDSHAKES {
        sockets.open(running.address, Introduction::default())?;
    }
    Ok((procfs::cpu_seconds(running.pid())? - before) * 1e6 / HANDSHAKES as f64)
}

/// The same of a full connection of somebody who is known, in the lobby.
///
/// # Errors
/// When the server does not let somebody in, into the room too.
pub(crate) fn full_micros(running: &Running) -> Result<f64> {
    let people = Person::crowd(running.address, HANDSHAKES)?;
    let mut sockets = Sockets::new()?;
    let before = procfs::cpu_seconds(running.pid())?;
    let mut joined = 0;
    for person in &people {
        sockets.open(running.address, person.introduction())?;
        sockets.send_text(sockets.len() - 1, speech::JOIN)?;
        sockets.poll(Duration::ZERO, |_, text| joined += usize::from(is_joined(text)))?;
    }
    let began = std::time::Instant::now();
    while joined < people.len() {
        ensure!(
            began.elapsed() < JOINED_MAX,
            "only {joined} of {} are in the room",
            people.len()
        );
        sockets.poll(Duration::from_millis(50), |_, text| {
            joined += usize::from(is_joined(text));
        })?;
    }
    Ok((procfs::cpu_seconds(running.pid())? - before) * 1e6 / HANDSHAKES as f64)
}

fn is_joined(text: &[u8]) -> bool {
    text.starts_with(br#"{"type":"joined""#)
}
