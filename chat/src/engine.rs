//! What every writer is made of: the one connection that writes, a transaction for a list of commands, and what follows from
//! its success or failure.
//!
//! Two things drive it: [`crate::writer`], which decides for itself what goes into a transaction, and [`crate::applier`],
//! for which a log has decided.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use protocol::{RoomName, UserId};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::watch;

use crate::apply::{Applied, Cache, Personal, apply};
use crate::chat::Health;
use crate::checkpoints::Checkpoints;
use crate::command::{Accepted, Command, ContentDigest, Outcome, Reply};
use crate::error::Error;
use crate::limits::CLOSING_WAIT_MS_MAX;
use crate::publisher::{Audience, Publication, Publisher};
use crate::readers::Interrupts;
use crate::store::{self, Begin, Content, EventRow, Known, Passing};
use crate::upkeep::Upkeep;

/// What a writer's thread owns.
pub(crate) struct Engine {
    connection: Connection,
    publisher: Publisher,
    cache: Cache,
    /// Differs when somebody else has written to the database.
    data_version: i64,
    health: watch::Sender<Health>,
    /// Since when the disk was found to be full the last time.
    read_only_since: Option<Instant>,
    is_locked_out: bool,
    /// Pages in the write-ahead log after the last commit.
    wal_pages: Arc<AtomicU32>,
    checkpoints: Checkpoints,
    upkeep: Upkeep,
}

/// A transaction in which commands are being applied.
pub(crate) struct Applying<'a> {
    connection: &'a Connection,
    cache: &'a mut Cache,
    made: &'a mut Made,
    /// Rows that this connection had changed when it began.
    changes: u64,
}

impl Applying<'_> {
    /// Where what else belongs into the transaction is read and written.
    pub(crate) const fn connection(&self) -> &Connection {
        self.connection
    }

    /// Applies a command.
    ///
    /// # Errors
    /// When SQLite fails: the transaction is then rolled back whole.
    pub(crate) fn apply(&mut self, command: &Command, digest: &ContentDigest) -> rusqlite::Result<()> {
        self.made
            .add(apply(self.connection, self.cache, command, digest)?);
        Ok(())
    }

    /// How many commands were applied.
    pub(crate) const fn commands(&self) -> usize {
        self.made.commands()
    }

    /// Whether anything has changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.connection.total_changes() != self.changes
    }
}

/// What one commit made.
#[derive(Default)]
pub(crate) struct Made {
    /// One for each command that was applied: of a list, the first ones.
    outcomes: Vec<Outcome>,
    /// By room, in order.
    events: Vec<(RoomName, Vec<EventRow>)>,
    personal: Vec<(UserId, Personal)>,
    deletes: bool,
}

impl Made {
    /// How many commands were applied.
    pub(crate) const fn commands(&self) -> usize {
        self.outcomes.len()
    }

    fn add(&mut self, applied: Applied) {
        let Applied {
            outcome,
            event,
            personal,
        } = applied;
        self.outcomes.push(outcome);
        self.personal.extend(personal);
        if let Some((room, row)) = event {
            if let Content::Deleted { target } = row.content {
                self.take_back(&room, target);
            }
            match self.events.iter_mut().find(|(name, _)| *name == room) {
                Some((_, rows)) => rows.push(row),
                None => self.events.push((room, vec![row])),
            }
        }
    }

    /// A message that is said or quoted and taken back in one commit is not told.
    fn take_back(&mut self, room: &RoomName, target: u64) {
        self.deletes = true;
        for (_, rows) in self.events.iter_mut().filter(|(name, _)| name == room) {
            for row in rows {
                row.content.take_back(row.seq, target);
            }
        }
    }

    /// All of it, with the answers to those who asked for it.
    pub(crate) fn into_publication(
        self,
        commands: impl Iterator<Item = (Command, ContentDigest, Option<Reply>)>,
    ) -> Publication {
        let mut publication = Publication {
            events: self.events,
            personal: self.personal,
            ..Publication::default()
        };
        for ((command, digest, reply), outcome) in commands.zip(self.outcomes) {
            if command.action.is_remembered()
                && let Ok(Accepted { seq, .. }) = outcome
            {
                let accepted = (command.author, command.client_id, Known { seq, digest });
                publication.accepted.push(accepted);
            }
            publication.answers.extend(reply.map(|reply| (reply, outcome)));
        }
        publication
    }
}

impl Engine {
    /// Begins, with a database that was just opened. `interrupts` ends what is read from a write-ahead log that has grown far
    /// too long.
    pub(crate) fn new(
        mut connection: Connection,
        database: &Path,
        interrupts: Interrupts,
        audience: Audience,
        health: watch::Sender<Health>,
    ) -> Result<Self, Error> {
        Ok(Self {
            wal_pages: store::count_wal_pages(&mut connection)?,
            checkpoints: Checkpoints::start(database, interrupts)?,
            connection,
            publisher: Publisher::start(audience, health.clone())?,
            cache: Cache::default(),
            data_version: 0,
            health,
            read_only_since: None,
            is_locked_out: false,
            upkeep: Upkeep::new(database)?,
        })
    }

    /// When [`Engine::keep_up`] has something to do next.
    pub(crate) const fn due(&self) -> Instant {
        self.upkeep.due()
    }

    /// Since when the disk was found to be full the last time; `None` while it is not.
    pub(crate) const fn read_only_since(&self) -> Option<Instant> {
        self.read_only_since
    }

    /// # Errors
    /// [`Error::Closed`] when somebody else found out that the chat has failed: what would be written now would not be told.
    pub(crate) fn refuse_failed(&self) -> Result<(), Error> {
        if *self.health.borrow() == Health::Failed {
            return Err(Error::Closed);
        }
        Ok(())
    }

    /// Has commands applied in one transaction. `work` does so, writes how far that leads and says whether there is anything to be
    /// committed. Returns once it is committed, if there was.
    ///
    /// # Errors
    /// When SQLite fails: [`Engine::failed`] is to be called with it.
    pub(crate) fn commit(
        &mut self,
        work: impl FnOnce(&mut Applying<'_>) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<Made> {
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
        let is_to_be_kept = work(&mut Applying {
            connection: &transaction,
            cache: &mut self.cache,
            made: &mut made,
            changes: transaction.total_changes(),
        })?;
        if !is_to_be_kept {
            return Ok(made);
        }
        self.cache.write(&transaction)?;
        transaction.commit()?;
        self.checkpoints
            .committed(self.wal_pages.load(Ordering::Relaxed), made.deletes);
        drop(turn);
        Ok(made)
    }

    /// After a commit: sees to it that it is where it can be found again.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn committed(&mut self) -> Result<(), Error> {
        self.upkeep.confirm(&self.connection)?;
        if self.read_only_since.take().is_some() {
            tracing::info!("the disk has room again; messages are taken");
            self.health.send_replace(Health::Running);
        }
        if std::mem::take(&mut self.is_locked_out) {
            tracing::info!("the database is free again; messages are taken");
        }
        Ok(())
    }

    /// After a failed commit: nothing of it is there any more. Says once what keeps commands from being taken, and returns
    /// how it passes.
    ///
    /// # Errors
    /// The failure itself, when it does not pass.
    pub(crate) fn failed(&mut self, error: rusqlite::Error) -> Result<Passing, Error> {
        let Some(passing) = store::passing(&self.connection, &error) else {
            return Err(error.into());
        };
        self.cache.forget();
        self.roll_back()?;
        if passing == Passing::Locked {
            if !std::mem::replace(&mut self.is_locked_out, true) {
                tracing::warn!(%error, "another program holds the database; until it lets go, no messages are taken");
            }
        } else if self.read_only_since.replace(Instant::now()).is_none() {
            tracing::error!(%error, "the disk is full; the chat can be read, but takes no messages");
            self.health.send_replace(Health::ReadOnly);
        }
        Ok(passing)
    }

    /// Has it told, behind all that was published before.
    pub(crate) fn publish(&self, publication: Publication) -> Result<(), Error> {
        self.publisher.publish(publication)
    }

    /// Whether what was committed can be brought into the database.
    ///
    /// # Errors
    /// [`Error::CheckpointFailed`]: nothing more may be written.
    pub(crate) fn confirm_checkpoints(&self) -> Result<(), Error> {
        let confirmed = self.checkpoints.confirm();
        if confirmed.is_err() {
            store::close_without_checkpoint(&self.connection)?;
        }
        confirmed
    }

    /// Does what is due beside writing. An error is one that cannot be lived with.
    pub(crate) fn keep_up(&mut self) -> Result<(), Error> {
        self.confirm_checkpoints()?;
        self.upkeep.run(&self.connection)
    }

    /// Ends: what was committed is told, and the database is one file. Where something failed that cannot be lived with, that
    /// is said instead. `record` writes what is left to be written.
    pub(crate) fn end(
        &mut self,
        worked: Result<(), Error>,
        record: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) {
        self.publisher.end();
        if let Err(error) = worked {
            tracing::error!(%error, "nothing more can be written");
            self.health.send_replace(Health::Failed);
            return;
        }
        // A folder that is copied while nothing runs is then one file and whole.
        self.checkpoints.end();
        if let Err(error) = record(&self.connection) {
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

    /// After a failed statement the transaction may be open still or rolled back already; afterwards it is neither.
    fn roll_back(&self) -> Result<(), rusqlite::Error> {
        if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.connection.execute_batch("ROLLBACK")
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A panic here is a defect, but not one to be silent about: without this nobody would hear that no message
        // is taken any more.
        if thread::panicking() {
            self.health.send_replace(Health::Failed);
        }
    }
}
