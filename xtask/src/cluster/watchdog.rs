//! Whatever becomes of this process, what it has started ends: a shell waits for the end of a pipe that only this process
//! holds, and kills what it was told of.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Stdio};

use anyhow::{Context, Result};

use crate::process::command;

const SCRIPT: &str = r#"
while read -r word pid; do
    case $word in
    started) pids="$pids $pid" ;;
    ended)
        left=
        for one in $pids; do [ "$one" = "$pid" ] || left="$left $one"; done
        pids=$left
        ;;
    esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
"#;

/// The shell, and the pipe to it.
pub(crate) struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    /// Begins to watch over nothing yet.
    pub(crate) fn start() -> Result<Self> {
        let mut shell = command("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// A process of this id is to end with this one.
    pub(crate) fn started(&mut self, id: u32) -> Result<()> {
        self.tell("started", id)
    }

    /// It has ended, and its id may be another's from now on.
    pub(crate) fn ended(&mut self, id: u32) -> Result<()> {
        self.tell("ended", id)
    }

    fn tell(&mut self, word: &str, id: u32) -> Result<()> {
        let pipe = self.pipe.as_mut().context("the watchdog has no pipe")?;
        writeln!(pipe, "{word} {id}").context("the watchdog has gone")
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_and_has_not_ended_ends_with_the_watchdog() {
        let mut watchdog = Watchdog::start().unwrap();
        let mut sleepers = [(); 2].map(|()| command("sleep").arg("600").spawn().unwrap());
        for sleeper in &sleepers {
            watchdog.started(sleeper.id()).unwrap();
        }
        watchdog.ended(sleepers[0].id()).unwrap();
        drop(watchdog);
        assert!(!sleepers[1].wait().unwrap().success());
        assert!(sleepers[0].try_wait().unwrap().is_none());
        sleepers[0].kill().unwrap();
        sleepers[0].wait().unwrap();
    }
}
