//! One process of the cluster, a NATS server or a node: started, seen to end, started again.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::watchdog::Watchdog;

/// How long a part stays away, so that one can see what that is like.
pub(crate) const RESTART_AFTER: Duration = Duration::from_secs(2);
/// A part that ends sooner than this after its start has not got far.
const SHORT_LIFE: Duration = Duration::from_secs(10);
/// So many short lives in a row, and it is left alone.
const SHORT_LIVES_MAX: u32 = 5;

/// A part and how it is.
pub(crate) struct Part {
    /// `node-1`.
    pub(crate) name: String,
    /// Where it says how it is, and at which path.
    pub(crate) health: (SocketAddr, &'static str),
    command: Command,
    state: State,
    short_lives: u32,
}

enum State {
    New,
    Runs { child: Child, since: Instant },
    Ended { at: Instant },
    LeftAlone,
}

/// What has become of a part since it was last looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It has ended, and why; it will be started again.
    Ended(String),
    /// It has ended too often, and why the last time; it stays away.
    LeftAlone(String),
    /// It runs again, with this id.
    StartedAgain(u32),
}

impl Part {
    pub(crate) fn new(name: String, health: (SocketAddr, &'static str), command: Command) -> Self {
        Self {
            name,
            health,
            command,
            state: State::New,
            short_lives: 0,
        }
    }

    /// Starts it and returns its id. It is in a group of its own: what the terminal sends at Ctrl-C does not reach it.
    pub(crate) fn start(&mut self, watchdog: &mut Watchdog) -> Result<u32> {
        let mut child = self
            .command
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))?;
        let id = child.id();
        if let Some(log) = child.stderr.take() {
            follow(self.name.clone(), log);
        }
        self.state = State::Runs {
            child,
            since: Instant::now(),
        };
        watchdog.started(id)?;
        Ok(id)
    }

    /// Its id, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        match &self.state {
            State::Runs { child, .. } => Some(child.id()),
            State::New | State::Ended { .. } | State::LeftAlone => None,
        }
    }

    /// Sees whether it has ended, and starts it again when it has been away long enough.
    pub(crate) fn look(&mut self, watchdog: &mut Watchdog) -> Result<Option<Change>> {
        match &mut self.state {
            State::Runs { child, since } => {
                let Some(status) = child.try_wait()? else {
                    return Ok(None);
                };
                watchdog.ended(child.id())?;
                let was_short = since.elapsed() < SHORT_LIFE;
                self.short_lives = if was_short { self.short_lives + 1 } else { 0 };
                if self.short_lives >= SHORT_LIVES_MAX {
                    self.state = State::LeftAlone;
                    return Ok(Some(Change::LeftAlone(show(status))));
                }
                self.state = State::Ended { at: Instant::now() };
                Ok(Some(Change::Ended(show(status))))
            }
            State::Ended { at } if at.elapsed() >= RESTART_AFTER => {
                let id = self.start(watchdog)?;
                Ok(Some(Change::StartedAgain(id)))
            }
            State::New | State::Ended { .. } | State::LeftAlone => Ok(None),
        }
    }

    /// Sends it a signal, if it runs.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            let _ = kill_process(id, signal);
        }
    }

    /// Whether it has ended, for good: it is not started again by this.
    pub(crate) fn has_ended(&mut self, watchdog: &mut Watchdog) -> Result<bool> {
        if let State::Runs { child, .. } = &mut self.state {
            if child.try_wait()?.is_none() {
                return Ok(false);
            }
            watchdog.ended(child.id())?;
            self.state = State::LeftAlone;
        }
        Ok(true)
    }
}

/// Copies a part's log to the terminal, each line with its name.
fn follow(name: String, log: impl Read + Send + 'static) {
    thread::spawn(move || {
        for line in BufReader::new(log).split(b'\n').map_while(Result::ok) {
            eprintln!("{name} │ {}", String::from_utf8_lossy(&line));
        }
    });
}

fn show(status: ExitStatus) -> String {
    match status.signal() {
        Some(signal) => format!("killed by signal {signal}"),
        None => format!("exit code {}", status.code().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::command;

    fn part(script: &str) -> Part {
        let mut shell = command("sh");
        shell.args(["-c", script]);
        Part::new(
            "node-1".to_owned(),
            (SocketAddr::from(([127, 0, 0, 1], 1)), "/"),
            shell,
        )
    }

    fn next_change(part: &mut Part, watchdog: &mut Watchdog) -> Change {
        loop {
            if let Some(change) = part.look(watchdog).unwrap() {
                return change;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_part_that_is_killed_is_said_to_be_and_starts_again() {
        let mut watchdog = Watchdog::start().unwrap();
        let mut part = part("exec sleep 600");
        let first = part.start(&mut watchdog).unwrap();
        part.signal(Signal::KILL);
        assert_eq!(
            next_change(&mut part, &mut watchdog),
            Change::Ended("killed by signal 9".to_owned())
        );
        let Change::StartedAgain(second) = next_change(&mut part, &mut watchdog) else {
            panic!("it was to start again")
        };
        assert_ne!(first, second);
        part.signal(Signal::TERM);
        while !part.has_ended(&mut watchdog).unwrap() {
            thread::sleep(Duration::from_millis(5));
        }
    }
}
