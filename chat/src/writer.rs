//! The writer of an order within this process: one thread that takes what is ordered, applies a batch of it in one
//! transaction, commits, and only then hands it on to be told.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::command::Refusal;
use crate::crowd::Crowd;
use crate::engine::Engine;
use crate::error::Error;
use crate::limits::{
    BATCH_APPLY_MS_MAX, BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, LINGER_CROWD_MIN, READ_ONLY_RETRY_MS,
};
use crate::order::{Entry, Next, Ordered};
use crate::publisher::Publication;
use crate::store::{self, Passing};

/// The writer's thread and what it owns.
pub(crate) struct Writer<O> {
    engine: Engine,
    order: O,
    applied: u64,
    /// To see whether it pays to wait for more.
    crowd: Crowd,
}

impl<O: Ordered + 'static> Writer<O> {
    /// Starts it. `applied` is the last position the database has.
    pub(crate) fn start(engine: Engine, order: O, applied: u64) -> Result<JoinHandle<()>, Error> {
        let writer = Self {
            engine,
            order,
            applied,
            crowd: Crowd::default(),
        };
        thread::Builder::new()
            .name("madang-writer".into())
            .spawn(|| writer.run())
            .map_err(Error::Thread)
    }

    fn run(mut self) {
        let worked = self.work();
        let applied = self.applied;
        self.engine
            .end(worked, |connection| store::set_applied(connection, applied));
    }

    /// Writes what comes until nothing more will. An error is one that cannot be lived with.
    fn work(&mut self) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(BATCH_COMMANDS_MAX);
        loop {
            match self.order.next(self.engine.due()) {
                Next::Entry(first) => {
                    self.gather(first, &mut batch);
                    while !batch.is_empty() {
                        self.write(&mut batch)?;
                    }
                }
                Next::Nothing => {}
                Next::End => return self.engine.confirm_checkpoints(),
            }
            self.engine.keep_up()?;
        }
    }

    /// Gathers a batch: what is waiting, and for a moment what is about to come, if that is likely to pay.
    fn gather(&mut self, first: Entry, batch: &mut Vec<Entry>) {
        let mut bytes = first.command.action.weight_bytes();
        let linger = Duration::from_millis(self.crowd.linger_ms());
        let begun = Instant::now();
        let deadline = begun + linger;
        batch.push(first);
        while batch.len() < BATCH_COMMANDS_MAX && bytes < BATCH_BYTES_MAX {
            // Once everybody who was there lately has said something, nobody is waited for.
            let expected = self.crowd.expected();
            let is_whole = expected >= LINGER_CROWD_MIN && batch.len() >= expected;
            let deadline = if is_whole { begun } else { deadline };
            let missing = expected.max(LINGER_CROWD_MIN).saturating_sub(batch.len());
            let Some(entry) = self.order.next_before(deadline, missing) else {
                break;
            };
            bytes += entry.command.action.weight_bytes();
            batch.push(entry);
        }
        self.crowd.had(batch);
    }

    /// Writes a batch, or the first part of one that takes longer than [`BATCH_APPLY_MS_MAX`], and tells everyone concerned.
    fn write(&mut self, batch: &mut Vec<Entry>) -> Result<(), Error> {
        self.engine.refuse_failed()?;
        let retry = Duration::from_millis(READ_ONLY_RETRY_MS);
        let read_only_since = self.engine.read_only_since();
        if read_only_since.is_some_and(|since| since.elapsed() < retry) {
            return self.refuse(batch, Refusal::ReadOnly);
        }
        let apply_max = Duration::from_millis(BATCH_APPLY_MS_MAX);
        let mut applied = self.applied;
        let made = self.engine.commit(|applying| {
            let long = Instant::now() + apply_max;
            for entry in &*batch {
                if applying.commands() > 0 && Instant::now() >= long {
                    break;
                }
                applying.apply(&entry.command, &entry.digest)?;
                applied = entry.position;
            }
            // Repeats, refusals, what is so already: to apply it again from here on changes nothing either, so its place
            // in the order can be written with the next change, or at the end.
            let has_changed = applying.has_changed();
            if has_changed {
                store::set_applied(applying.connection(), applied)?;
            }
            Ok(has_changed)
        });
        match made {
            Ok(made) => {
                self.applied = applied;
                self.engine.committed()?;
                let entries = batch.drain(..made.commands());
                let commands = entries.map(|entry| (entry.command, entry.digest, entry.reply));
                self.engine.publish(made.into_publication(commands))
            }
            Err(error) => {
                let refusal = match self.engine.failed(error)? {
                    Passing::Locked => Refusal::Busy,
                    Passing::DiskFull => Refusal::ReadOnly,
                    Passing::DiskFullAfterwards => Refusal::Unavailable,
                };
                self.refuse(batch, refusal)
            }
        }
    }

    fn refuse(&mut self, batch: &mut Vec<Entry>, refusal: Refusal) -> Result<(), Error> {
        self.order.rewind(self.applied);
        let answers = batch
            .drain(..)
            .filter_map(|entry| Some((entry.reply?, Err(refusal))));
        // Behind what was accepted before: an author hears of things in the order in which they came.
        self.engine.publish(Publication {
            answers: answers.collect(),
            ..Publication::default()
        })
    }
}
