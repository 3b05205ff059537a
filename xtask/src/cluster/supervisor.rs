//! Starts the parts, says what becomes of them, and ends them all whatever happens.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::http;
use super::part::{Change, Part, RESTART_AFTER};
use super::proxy::{Proxy, Standing};
use super::watchdog::Watchdog;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long all parts may take until they can be used.
const READY_WAIT: Duration = Duration::from_secs(120);
/// How long parts may take to end before they are killed.
const END_WAIT: Duration = Duration::from_secs(20);
/// A supervisor may send a signal twice, to this process and to its group; that counts once.
const SAME_SIGNAL: Duration = Duration::from_secs(1);

/// All parts, and who wants them to end.
pub(crate) struct Supervisor {
    servers: Vec<Part>,
    nodes: Vec<Part>,
    watchdog: Watchdog,
    asked_to_end: Arc<AtomicUsize>,
}

impl Supervisor {
    /// Takes over signals. Nothing is started yet.
    pub(crate) fn start(servers: Vec<Part>, nodes: Vec<Part>) -> Result<Self> {
        let asked_to_end = Arc::new(AtomicUsize::new(0));
        count_signals(Arc::clone(&asked_to_end))?;
        Ok(Self {
            servers,
            nodes,
            watchdog: Watchdog::start()?,
            asked_to_end,
        })
    }

    /// Starts the servers, then the nodes; whether all are ready, and not somebody has pressed Ctrl-C meanwhile.
    pub(crate) fn wait_until_ready(&mut self) -> Result<bool> {
        let asked_to_end = Arc::clone(&self.asked_to_end);
        for parts in [&mut self.servers, &mut self.nodes] {
            for part in &mut *parts {
                part.start(&mut self.watchdog)?;
            }
            let deadline = Instant::now() + READY_WAIT;
            for part in parts {
                if !wait_for(part, &mut self.watchdog, deadline, &asked_to_end)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Says what is where, and what one can do with it.
    pub(crate) fn introduce(&self, address: SocketAddr, folder: &Path) {
        println!(
            "\n  Madang is open, on {} nodes:  http://{address}\n",
            self.nodes.len()
        );
        for part in self.nodes.iter().chain(&self.servers) {
            let (address, path) = part.health;
            let id = part.id().unwrap_or_default();
            println!("  {:<8} kill -9 {id:<8} http://{address}{path}", part.name);
        }
        println!(
            "\n  Kill a node, and its pages go on at another one; kill a NATS server, and all goes on, after some seconds\n  \
             without writing if it led. Without two of the three nobody can write, and everybody reads on. `kill -STOP` makes one\n  \
             hang and `kill -CONT` go on. What is killed starts again after {} s. The messages are kept in {}.\n  Ctrl-C ends all of it.\n",
            RESTART_AFTER.as_secs(),
            folder.display()
        );
    }

    /// Says what becomes of the parts until somebody presses Ctrl-C.
    pub(crate) fn look_after(&mut self, proxy: &Proxy) -> Result<()> {
        let mut standings = vec![Standing::Ready; self.nodes.len()];
        while self.asked_to_end.load(Ordering::Relaxed) == 0 {
            for part in self.servers.iter_mut().chain(&mut self.nodes) {
                if let Some(change) = part.look(&mut self.watchdog)? {
                    tell(&part.name, &change);
                }
            }
            let now = proxy.standings();
            for ((node, before), now) in self.nodes.iter().zip(&standings).zip(&now) {
                if before != now {
                    tell_standing(&node.name, now);
                }
            }
            standings = now;
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Ends the nodes, which write to the servers until their end, then the servers. A second Ctrl-C kills what is left.
    pub(crate) fn end(mut self) -> Result<()> {
        for parts in [&mut self.nodes, &mut self.servers] {
            for part in &*parts {
                part.signal(Signal::CONT);
                part.signal(Signal::TERM);
            }
            let deadline = Instant::now() + END_WAIT;
            for part in parts {
                while !part.has_ended(&mut self.watchdog)? {
                    let is_late = Instant::now() >= deadline;
                    if is_late || self.asked_to_end.load(Ordering::Relaxed) > 1 {
                        part.signal(Signal::KILL);
                    }
                    thread::sleep(LOOK_EVERY);
                }
            }
        }
        println!("All of it has ended.");
        Ok(())
    }
}

fn count_signals(count: Arc<AtomicUsize>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    thread::spawn(move || {
        let mut last: Option<Instant> = None;
        for _ in signals.forever() {
            if last.is_none_or(|last| last.elapsed() > SAME_SIGNAL) {
                last = Some(Instant::now());
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    Ok(())
}

/// Waits until a part says that it can be used; not, when somebody has pressed Ctrl-C.
fn wait_for(
    part: &mut Part,
    watchdog: &mut Watchdog,
    deadline: Instant,
    asked_to_end: &AtomicUsize,
) -> Result<bool> {
    let (address, path) = part.health;
    loop {
        let answer = http::get(address, path);
        if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            return Ok(true);
        }
        if asked_to_end.load(Ordering::Relaxed) > 0 {
            return Ok(false);
        }
        if part.has_ended(watchdog)? {
            bail!(
                "{} has ended before it was ready; its last lines above, or in target/cluster, say why",
                part.name
            );
        }
        if Instant::now() >= deadline {
            let says = answer.map_or_else(|error| format!("{error:#}"), |answer| answer.says);
            bail!("{} is still not ready: {says}", part.name);
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn tell(name: &str, change: &Change) {
    match change {
        Change::Ended(why) => println!(
            "{name} has ended: {why}. It starts again in {} s.",
            RESTART_AFTER.as_secs()
        ),
        Change::LeftAlone(why) => {
            println!(
                "{name} has ended again: {why}. It ended too often and is left alone; see what it said last."
            );
        }
        Change::StartedAgain(id) => println!("{name} has started again: kill -9 {id}"),
    }
}

fn tell_standing(name: &str, standing: &Standing) {
    match standing {
        Standing::Ready => println!("{name} is ready."),
        Standing::Unready(why) => println!("{name} is not ready: {why}"),
        Standing::Gone => println!("{name} does not answer; its connections are closed."),
    }
}
