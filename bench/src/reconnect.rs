//! Everybody comes back at once: after a network that failed, or after the server itself.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::procfs;
use crate::sockets::Sockets;
use crate::speech::{self, Person, Place, Speech, note_epoch};
use crate::stamp;
use crate::subject::{Places, Running};

/// Clients that come back.
pub(crate) const CLIENTS: usize = 5_000;
/// Messages that each of them has missed.
const MISSED: usize = 20;
/// How long they may take altogether.
const BACK_MAX: Duration = Duration::from_secs(120);
/// How long a message may take to come, before anything is measured.
const SAID_MAX: Duration = Duration::from_secs(10);

/// What happened to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Their connections were cut off. The server is as it was.
    Network,
    /// The server was killed and started again.
    Server,
}

impl Cut {
    /// What came before everybody's coming back.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Network => "they were cut off",
            Self::Server => "the server was killed",
        }
    }
}

/// How they came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comeback {
    /// From the first new connection until the last client had what it had missed.
    pub(crate) seconds: f64,
    /// The server's processor time for each client, in microseconds.
    pub(crate) cpu_micros: f64,
    /// Connections and joins that were refused.
    pub(crate) refused: u64,
    /// Clients that had all when it was given up, or ended.
    pub(crate) caught_up: usize,
}

/// Where everybody stands, and the room's head.
struct Missed {
    from: Place,
    head: u64,
}

/// Lets [`CLIENTS`] full clients be there, cuts all of them off and lets them come back with [`MISSED`] messages to catch up on.
///
/// # Errors
/// When the server does not start, or does not let them in the first time.
pub(crate) fn run(places: &Places, mut running: Running, cut: Cut) -> Result<Comeback> {
    let people = Person::crowd(running.address, CLIENTS)?;
    let mut sockets = Sockets::new()?;
    let mut epoch = None;
    for person in &people {
        sockets.open(running.address, person.introduction())?;
        sockets.send_text(sockets.len() - 1, speech::JOIN)?;
        sockets.poll(Duration::ZERO, |_, text| note_epoch(text, &mut epoch))?;
    }
    let missed = say(&mut sockets, epoch).context("saying what is to be missed")?;
    drop(sockets);
    if cut == Cut::Server {
        running = running.restarted(places)?;
    }
    come_back(&running, &people, &missed)
}

/// Says what everybody will have missed; where they stood before.
fn say(sockets: &mut Sockets, mut epoch: Option<String>) -> Result<Missed> {
    let mut speech = Speech::full();
    let (mut first, mut head) = (None, 0);
    for number in 0..=MISSED {
        sockets.send_text(0, speech.post(number as u64).as_bytes())?;
        let stamp = stamp::message(number as u64);
        let (began, mut is_heard) = (Instant::now(), false);
        while !is_heard {
            ensure!(began.elapsed() < SAID_MAX, "a message did not come back");
            sockets.poll(Duration::from_millis(50), |index, text| {
                note_epoch(text, &mut epoch);
                if index != 0 {
                    return;
                }
                if text.windows(stamp.len()).any(|window| window == stamp.as_bytes()) {
                    is_heard = true;
                    head = speech::seq_of(text).unwrap_or(0);
                    if first.is_none() {
                        first = epoch.as_deref().and_then(|epoch| Place::at(epoch, text));
                    }
                }
            })?;
        }
    }
    let from = first.context("no event came, or no epoch was told")?;
    Ok(Missed { from, head })
}

fn come_back(running: &Running, people: &[Person], missed: &Missed) -> Result<Comeback> {
    let Missed { from, head } = missed;
    let join = from.join();
    let mut sockets = Sockets::new()?;
    let mut is_caught_up = vec![false; people.len()];
    let (mut caught_up, mut refused) = (0, 0);
    let before = procfs::cpu_seconds(running.pid())?;
    let began = Instant::now();
    for person in people {
        sockets.open_soon(running.address, person.introduction())?;
        sockets.send_text(sockets.len() - 1, join.as_bytes())?;
    }
    while caught_up + sockets.refused() < people.len() && began.elapsed() < BACK_MAX {
        sockets.poll(Duration::from_millis(50), |index, text| {
            refused += u64::from(speech::refused(text).is_some());
            let is_last = text.starts_with(br#"{"type":"message""#) && speech::seq_of(text) == Some(*head);
            if is_last && !std::mem::replace(&mut is_caught_up[index], true) {
                caught_up += 1;
            }
        })?;
    }
    Ok(Comeback {
        seconds: began.elapsed().as_secs_f64(),
        cpu_micros: (procfs::cpu_seconds(running.pid())? - before) * 1e6 / people.len() as f64,
        refused: refused + sockets.refused() as u64,
        caught_up,
    })
}
