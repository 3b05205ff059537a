//! Checkpoints: what is committed goes from the write-ahead log into the database on a thread and a connection of their
//! own, so that no author waits for it, and deleted texts leave the log within seconds.
//!
//! Most of it is copied while the writer writes on. Only to begin the log anew does the writer have to stand aside for a
//! moment ([`Turn`]): readers who still read from the log are waited for, but not for long.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::Error;
use crate::limits::{
    CHECKPOINT_PAGES, COPY_WAL_PAGES_MAX, WAL_EMPTYING_DELAY_MS, WAL_PAGES_MAX, WAL_RETRY_MS, WAL_TURN_MS_MAX,
};
use crate::readers::Interrupts;
use crate::store::{self, Begin, Passing};
use crate::turn::Turn;

/// How long nothing is looked at when nothing is wanted.
const IDLE_WAIT: Duration = Duration::from_secs(3_600);

/// The writer's side of the checkpoints. Dropped, it ends them.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    turn: Turn,
    wanted: Mutex<Wanted>,
    has_changed: Condvar,
}

/// What is to be done.
#[derive(Debug, Default)]
struct Wanted {
    /// Pages in the log, as the last commit left it.
    pages: u32,
    /// When the log is to be emptied, if it holds what was deleted.
    empty_at: Option<Instant>,
    /// Until when nothing is tried, after it did not work.
    not_before: Option<Instant>,
    /// Whether it did not work because the disk was full: a commit then shows that it may be worth trying.
    was_disk_full: bool,
    is_over: bool,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug)]
struct Task {
    begin: Begin,
    pages: u32,
}

impl Checkpoints {
    /// Begins, for a database that was just opened: its log may hold what was deleted just before a crash. When the log has
    /// grown far too long, `interrupts` ends what is read from it.
    pub(crate) fn start(database: &Path, interrupts: Interrupts) -> Result<Self, Error> {
        let connection = store::open_checkpointer(database)?;
        let shared = Arc::new(Shared::default());
        shared.wanted().empty_at = Some(Instant::now());
        let checkpointer = Checkpointer {
            connection,
            shared: Arc::clone(&shared),
            interrupts,
            has_warned: false,
        };
        let thread = thread::Builder::new()
            .name("madang-checkpoints".into())
            .spawn(|| checkpointer.run())
            .map_err(Error::Thread)?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Whose turn it is at the log.
    pub(crate) fn turn(&self) -> &Turn {
        &self.shared.turn
    }

    /// Says how many pages the log has after a commit, and whether something was deleted by it; while the turn is still the
    /// writer's. Not at once is the log emptied: others that are deleted now have part in it, and nobody waits for it.
    pub(crate) fn committed(&self, pages: u32, has_deleted: bool) {
        let mut wanted = self.shared.wanted();
        wanted.pages = pages;
        if has_deleted {
            let at = Instant::now() + Duration::from_millis(WAL_EMPTYING_DELAY_MS);
            wanted.empty_at.get_or_insert(at);
        }
        let was_disk_full = std::mem::take(&mut wanted.was_disk_full);
        if was_disk_full {
            // Before the log has taken the room that the database needs.
            wanted.not_before = None;
        }
        let is_news = was_disk_full || has_deleted || pages >= CHECKPOINT_PAGES;
        drop(wanted);
        if is_news {
            self.shared.has_changed.notify_one();
        }
    }

    /// Whether what was committed can be brought into the database.
    ///
    /// # Errors
    /// [`Error::CheckpointFailed`]: nothing more may be written.
    pub(crate) fn confirm(&self) -> Result<(), Error> {
        if self.turn().take().has_failed {
            return Err(Error::CheckpointFailed);
        }
        Ok(())
    }

    /// Ends them; one that is under way is waited for.
    pub(crate) fn end(&mut self) {
        self.shared.wanted().is_over = true;
        self.shared.has_changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoints ended in a panic");
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// A panic leaves what is wanted as true as it was.
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to do; `None` at the end.
    fn next(&self) -> Option<Task> {
        let mut wanted = self.wanted();
        loop {
            if wanted.is_over {
                return None;
            }
            let now = Instant::now();
            let held = wanted.not_before.filter(|at| *at > now);
            if held.is_none()
                && let Some(task) = wanted.task(now)
            {
                return Some(task);
            }
            let at = held.or(wanted.empty_at);
            let wait = at.map_or(IDLE_WAIT, |at| at.saturating_duration_since(now));
            let waited = self.has_changed.wait_timeout(wanted, wait);
            wanted = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Wanted {
    fn task(&mut self, now: Instant) -> Option<Task> {
        // Taken, not looked at: what is deleted from here on is emptied out the next time.
        let begin = if self.empty_at.take_if(|at| *at <= now).is_some() {
            Begin::Empty
        } else if self.pages >= CHECKPOINT_PAGES {
            Begin::Over
        } else {
            return None;
        };
        Some(Task {
            begin,
            pages: self.pages,
        })
    }
}

/// The thread and what it owns.
struct Checkpointer {
    connection: Connection,
    shared: Arc<Shared>,
    interrupts: Interrupts,
    has_warned: bool,
}

impl Checkpointer {
    fn run(mut self) {
        while let Some(task) = self.shared.next() {
            match self.checkpoint(task) {
                Ok(true) => {
                    self.has_warned = false;
                    self.shared.wanted().not_before = None;
                }
                Ok(false) => self.try_again_later(task, false),
                Err(error) => match store::passing(&self.connection, &error) {
                    Some(Passing::Locked) => self.try_again_later(task, false),
                    Some(Passing::DiskFull | Passing::DiskFullAfterwards) => {
                        if !std::mem::replace(&mut self.has_warned, true) {
                            tracing::warn!(%error, "the write-ahead log could not be emptied; deleted texts stay in it for now");
                        }
                        self.try_again_later(task, true);
                    }
                    None => {
                        tracing::error!(%error, "what was committed could not be brought into the database");
                        self.shared.turn.take().has_failed = true;
                        return;
                    }
                },
            }
        }
    }

    /// Copies what is in the log into the database and begins the log anew; false when readers were in the way.
    fn checkpoint(&self, task: Task) -> rusqlite::Result<bool> {
        if self.waits_for_a_copy(task) {
            return Ok(false);
        }
        store::copy_wal(&self.connection)?;
        let mut left = self.shared.turn.take();
        if task.pages >= WAL_PAGES_MAX {
            self.interrupts.interrupt_all();
        }
        let wait = Duration::from_millis(WAL_TURN_MS_MAX);
        let has_begun = store::begin_wal(&self.connection, task.begin, wait);
        match &has_begun {
            Ok(true) => {
                left.must_forget_pages |= task.begin == Begin::Empty;
                self.shared.wanted().pages = 0;
            }
            Ok(false) => {}
            // Before the turn is given back: nothing may be written once the log is in doubt.
            Err(error) => left.has_failed |= store::passing(&self.connection, error).is_none(),
        }
        drop(left);
        has_begun
    }

    /// Whether the database is being copied: until that is over the log cannot begin anew, and trying would only hold up the
    /// writer. When the log has grown too long for that too, the copy is given up.
    fn waits_for_a_copy(&self, task: Task) -> bool {
        let copies = self.interrupts.copies();
        let waits = copies.is_under_way();
        if waits && task.pages >= COPY_WAL_PAGES_MAX {
            copies.give_up();
        }
        waits
    }

    fn try_again_later(&self, task: Task, is_disk_full: bool) {
        let now = Instant::now();
        let mut wanted = self.shared.wanted();
        wanted.not_before = Some(now + Duration::from_millis(WAL_RETRY_MS));
        wanted.was_disk_full = is_disk_full;
        if task.begin == Begin::Empty {
            wanted.empty_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_let_be_until_the_log_has_grown_too_long_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("madang.db");
        let mut writer = store::open_writer(&database, false).unwrap().connection;
        let wal_pages = store::count_wal_pages(&mut writer).unwrap();
        let interrupts = Interrupts::default();
        let checkpoints = Checkpoints::start(&database, interrupts.clone()).unwrap();
        let copying = interrupts.copies().begin().unwrap();
        store::set_applied(&writer, 7).unwrap();
        let pages = wal_pages.load(std::sync::atomic::Ordering::Relaxed);
        assert!(pages > 0 && !copying.is_over());
        // It is tried when it ends, and not given up before its time.
        checkpoints.committed(WAL_PAGES_MAX, true);
        wait(|| checkpoints.shared.wanted().not_before.is_some());
        assert!(!copying.is_over());
        checkpoints.committed(COPY_WAL_PAGES_MAX, true);
        wait(|| copying.is_over());
        assert!(wal_bytes(&database) > 0, "the log has not begun anew");
        drop(copying);
        wait(|| wal_bytes(&database) == 0);
    }

    fn wal_bytes(database: &Path) -> u64 {
        std::fs::metadata(database.with_extension("db-wal"))
            .unwrap()
            .len()
    }

    fn wait(is_so: impl Fn() -> bool) {
        let given_up = Instant::now() + Duration::from_secs(60);
        while !is_so() {
            assert!(Instant::now() < given_up, "waited too long");
            thread::yield_now();
        }
    }
}
