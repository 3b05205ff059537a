//! The writer: one thread that takes what is ordered, applies a batch of it in one transaction, commits, and only then
//! hands it on to be told.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use protocol::{RoomName, UserId};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::watch;

use crate::apply::{Applied, Cache, Personal, apply};
use crate::chat::Health;
use crate::checkpoints::Checkpoints;
use crate::command::{Accepted, Outcome, Refusal};
use crate::crowd::Crowd;
use crate::error::Error;
use crate::limits::{
    BATCH_APPLY_MS_MAX, BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, CLOSING_WAIT_MS_MAX, LINGER_CROWD_MIN,
    READ_ONLY_RETRY_MS,
};
use crate::order::{Entry, Next, Ordered};
use crate::publisher::{Audience, Publication, Publisher};
use crate::readers::Interrupts;
use crate::store::{self, Begin, Content, EventRow, Known, Passing};
use crate::upkeep::Upkeep;

/// The writer's thread and what it owns.
pub(crate) struct Writer<O> {
    connection: Connection,
    order: O,
    /// To see whether it pays to wait for more.
    publisher: Publisher,
    cache: Cache,
    /// Differs when somebody else has written to the database.
    data_version: i64,
    health: watch::Sender<Health>,
    applied: u64,
    crowd: Crowd,
    read_only_since: Option<Instant>,
    is_locked_out: bool,
    /// Pages in the write-ahead log after the last commit.
    wal_pages: Arc<AtomicU32>,
    checkpoints: Checkpoints,
    upkeep: Upkeep,
}

/// What one commit made.
#[derive(Default)]
struct Made {
    /// One for each command that was applied: of a batch, the first ones.
    outcomes: Vec<Outcome>,
    /// By room, in order.
    events: Vec<(RoomName, Vec<EventRow>)>,
    personal: Vec<(UserId, Personal)>,
    deletes: bool,
}

impl Made {
    /// A message that is said or quoted and taken back in one commit is not told.
    fn take_back(&mut self, room: &RoomName, target: u64) {
        self.deletes = true;
        for (_, rows) in self.events.iter_mut().filter(|(name, _)| name == room) {
            for row in rows {
                row.content.take_back(row.seq, target);
            }
        }
    }
}

impl Made {
    /// All of it, with the answers to those who asked for it.
    fn into_publication(self, entries: impl Iterator<Item = Entry>) -> Publication {
        let mut publication = Publication {
            events: self.events,
            personal: self.personal,
            ..Publication::default()
        };
        for (entry, outcome) in entries.zip(self.outcomes) {
            let command = entry.command;
            if command.action.is_remembered()
                && let Ok(Accepted { seq, .. }) = outcome
            {
                let known = Known {
                    seq,
                    digest: entry.digest,
                };
                let accepted = (command.author, command.client_id, known);
                publication.accepted.push(accepted);
            }
            publication
                .answers
                .extend(entry.reply.map(|reply| (reply, outcome)));
        }
        publication
    }
}

impl<O: Ordered + 'static> Writer<O> {
    pub(crate) fn start(
        mut connection: Connection,
        database: &Path,
        interrupts: Interrupts,
        order: O,
        audience: Audience,
        health: watch::Sender<Health>,
    ) -> Result<JoinHandle<()>, Error> {
        let applied = store::applied(&connection)?;
        let writer = Self {
            wal_pages: store::count_wal_pages(&mut connection)?,
            checkpoints: Checkpoints::start(database, interrupts)?,
            connection,
            order,
            publisher: Publisher::start(audience, health.clone())?,
            cache: Cache::default(),
            data_version: 0,
            health,
            applied,
            crowd: Crowd::default(),
            read_only_since: None,
            is_locked_out: false,
            upkeep: Upkeep::new(database)?,
        };
        thread::Builder::new()
            .name("madang-writer".into())
            .spawn(|| writer.run())
            .map_err(Error::Thread)
    }

    fn run(mut self) {
        let worked = self.work();
        self.publisher.end();
        if let Err(error) = worked {
            tracing::error!(%error, "nothing more can be written");
            self.health.send_replace(Health::Failed);
            return;
        }
        // A folder that is copied while nothing runs is then one file and whole.
        self.checkpoints.end();
        if let Err(error) = store::set_applied(&self.connection, self.applied) {
            tracing::debug!(%error, "how far the order has been applied could not be written");
        }
        let wait = Duration::from_millis(CLOSING_WAIT_MS_MAX);
        match store::begin_wal(&self.connection, Begin::Empty, wait) {
            Ok(true) => {}
            Ok(false) => tracing::warn!("another program reads the database; the write-ahead log is kept"),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be emptied; it is kept and read at the next start");
            }
        }
        self.health.send_replace(Health::Closed);
    }

    /// Writes what comes until nothing more will. An error is one that cannot be lived with.
    fn work(&mut self) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(BATCH_COMMANDS_MAX);
        loop {
            match self.order.next(self.upkeep.due()) {
                Next::Entry(first) => {
                    self.gather(first, &mut batch);
                    while !batch.is_empty() {
                        self.write(&mut batch)?;
                    }
                }
                Next::Nothing => {}
                Next::End => return self.confirm_checkpoints(),
            }
            self.confirm_checkpoints()?;
            self.upkeep.run(&self.connection)?;
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

    /// Writes a batch, or the first part of one that takes long, and tells everyone concerned.
    fn write(&mut self, batch: &mut Vec<Entry>) -> Result<(), Error> {
        if *self.health.borrow() == Health::Failed {
            // Somebody else found that out: what would be written now would not be told.
            return Err(Error::Closed);
        }
        let retry = Duration::from_millis(READ_ONLY_RETRY_MS);
        if self.read_only_since.is_some_and(|since| since.elapsed() < retry) {
            return self.refuse(batch, Refusal::ReadOnly);
        }
        match self.commit(batch) {
            Ok(made) => {
                self.upkeep.confirm(&self.connection)?;
                self.works_again();
                let entries = batch.drain(..made.outcomes.len());
                self.publisher.publish(made.into_publication(entries))
            }
            Err(error) => {
                let Some(passing) = store::passing(&self.connection, &error) else {
                    return Err(error.into());
                };
                self.cache.forget();
                self.roll_back()?;
                let refusal = self.wait_out(passing, &error);
                self.refuse(batch, refusal)
            }
        }
    }

    /// Says once what keeps commands from being taken; what to tell those whose commands failed by it.
    fn wait_out(&mut self, passing: Passing, error: &rusqlite::Error) -> Refusal {
        if passing == Passing::Locked {
            if !std::mem::replace(&mut self.is_locked_out, true) {
                tracing::warn!(%error, "another program holds the database; until it lets go, no messages are taken");
            }
            return Refusal::Busy;
        }
        if self.read_only_since.replace(Instant::now()).is_none() {
            tracing::error!(%error, "the disk is full; the chat can be read, but takes no messages");
            self.health.send_replace(Health::ReadOnly);
        }
        if passing == Passing::DiskFull {
            Refusal::ReadOnly
        } else {
            Refusal::Unavailable
        }
    }

    fn works_again(&mut self) {
        if self.read_only_since.take().is_some() {
            tracing::info!("the disk has room again; messages are taken");
            self.health.send_replace(Health::Running);
        }
        if std::mem::take(&mut self.is_locked_out) {
            tracing::info!("the database is free again; messages are taken");
        }
    }

    /// Applies the batch, or the first part of one that takes longer than [`BATCH_APPLY_MS_MAX`], in one transaction.
    /// Returns once it is on the disk, if it changed anything.
    fn commit(&mut self, batch: &[Entry]) -> Result<Made, rusqlite::Error> {
        let mut turn = self.checkpoints.turn().take();
        if std::mem::take(&mut turn.must_forget_pages) {
            store::forget_pages(&self.connection)?;
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let data_version = store::data_version(&transaction)?;
        if std::mem::replace(&mut self.data_version, data_version) != data_version {
            // It is allowed, if not wise, to put something right by hand while this runs.
            self.cache.forget();
        }
        let mut made = Made::default();
        let mut applied = self.applied;
        let changes = transaction.total_changes();
        let long = Instant::now() + Duration::from_millis(BATCH_APPLY_MS_MAX);
        for entry in batch {
            if !made.outcomes.is_empty() && Instant::now() >= long {
                break;
            }
            let Applied {
                outcome,
                event,
                personal,
            } = apply(&transaction, &mut self.cache, &entry.command, &entry.digest)?;
            made.outcomes.push(outcome);
            made.personal.extend(personal);
            applied = entry.position;
            if let Some((room, row)) = event {
                if let Content::Deleted { target } = row.content {
                    made.take_back(&room, target);
                }
                match made.events.iter_mut().find(|(name, _)| *name == room) {
                    Some((_, rows)) => rows.push(row),
                    None => made.events.push((room, vec![row])),
                }
            }
        }
        if transaction.total_changes() == changes {
            // Repeats, refusals, what is so already. To apply it again from here on changes nothing either, so its place in
            // the order can be written with the next change, or at the end.
            self.cache.write(&transaction)?;
            drop(transaction);
            self.applied = applied;
            return Ok(made);
        }
        self.cache.write(&transaction)?;
        store::set_applied(&transaction, applied)?;
        transaction.commit()?;
        self.checkpoints
            .committed(self.wal_pages.load(Ordering::Relaxed), made.deletes);
        drop(turn);
        self.applied = applied;
        Ok(made)
    }

    fn confirm_checkpoints(&self) -> Result<(), Error> {
        let confirmed = self.checkpoints.confirm();
        if confirmed.is_err() {
            store::close_without_checkpoint(&self.connection)?;
        }
        confirmed
    }

    fn refuse(&mut self, batch: &mut Vec<Entry>, refusal: Refusal) -> Result<(), Error> {
        self.order.rewind(self.applied);
        let answers = batch
            .drain(..)
            .filter_map(|entry| Some((entry.reply?, Err(refusal))));
        // Behind what was accepted before: an author hears of things in the order in which they came.
        self.publisher.publish(Publication {
            answers: answers.collect(),
            ..Publication::default()
        })
    }

    /// After a failed statement the transaction may be open still or rolled back already; afterwards it is neither.
    fn roll_back(&self) -> Result<(), rusqlite::Error> {
        if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.connection.execute_batch("ROLLBACK")
        }
    }
}

impl<O> Drop for Writer<O> {
    fn drop(&mut self) {
        // A panic here is a defect, but not one to be silent about: without this nobody would hear that no message
        // is taken any more.
        if thread::panicking() {
            self.health.send_replace(Health::Failed);
        }
    }
}
