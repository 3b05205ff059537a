//! The writer: one thread that takes what is ordered, applies a batch of it in one transaction, commits, and only
//! then publishes and answers.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use protocol::{RoomName, UserId};
use rusqlite::{Connection, ErrorCode, TransactionBehavior, ffi};
use tokio::sync::watch;

use crate::apply::{Applied, Personal, apply};
use crate::chat::Health;
use crate::command::{Command, Outcome, Refusal, Reply};
use crate::ephemeral::Ephemeral;
use crate::error::Error;
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, BATCH_LINGER_MS, LINGER_SUBSCRIBERS_MIN, READ_ONLY_RETRY_MS,
};
use crate::order::{Entry, Ordered};
use crate::people::People;
use crate::rooms::Rooms;
use crate::segment::Segment;
use crate::store::{self, Content, EventRow};

/// The writer's thread and what it owns.
pub(crate) struct Writer<O> {
    connection: Connection,
    order: O,
    audience: Audience,
    health: watch::Sender<Health>,
    applied: u64,
    last_batch_had_company: bool,
    read_only_since: Option<Instant>,
}

/// Whom the writer tells what is on the disk.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) people: Arc<People>,
    pub(crate) ephemeral: Arc<Ephemeral>,
}

/// The events of one commit, by room, in order.
type EventsByRoom = Vec<(RoomName, Vec<EventRow>)>;

/// What one commit made.
#[derive(Default)]
struct Made {
    outcomes: Vec<Outcome>,
    events: EventsByRoom,
    personal: Vec<(UserId, Personal)>,
}

impl Made {
    /// A message that is said and taken back in one commit is not told.
    fn take_back(&mut self, room: &RoomName, target: u64) {
        for (_, rows) in self.events.iter_mut().filter(|(name, _)| name == room) {
            for row in rows {
                row.content.take_back(row.seq, target);
            }
        }
    }
}

impl<O: Ordered + 'static> Writer<O> {
    pub(crate) fn start(
        connection: Connection,
        order: O,
        audience: Audience,
        health: watch::Sender<Health>,
    ) -> Result<JoinHandle<()>, Error> {
        let applied = store::applied(&connection)?;
        let writer = Self {
            connection,
            order,
            audience,
            health,
            applied,
            last_batch_had_company: false,
            read_only_since: None,
        };
        thread::Builder::new()
            .name("madang-writer".into())
            .spawn(|| writer.run())
            .map_err(Error::Thread)
    }

    fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_COMMANDS_MAX);
        while let Some(first) = self.order.next() {
            self.gather(first, &mut batch);
            if let Err(error) = self.write(&mut batch) {
                tracing::error!(%error, "the database failed; nothing more can be written");
                self.health.send_replace(Health::Failed);
                return;
            }
        }
        // A folder that is copied while nothing runs is then one file and whole.
        if let Err(error) = store::empty_wal(&self.connection) {
            tracing::warn!(%error, "the write-ahead log could not be emptied; it is kept and read at the next start");
        }
        self.health.send_replace(Health::Closed);
    }

    /// Gathers a batch: what is waiting, and for a moment what is about to come, if that is likely to pay.
    fn gather(&mut self, first: Entry, batch: &mut Vec<Entry>) {
        let mut bytes = first.command.action.weight_bytes();
        let lingers = self.last_batch_had_company || self.has_many_subscribers(&first.command);
        let linger = if lingers {
            Duration::from_millis(BATCH_LINGER_MS)
        } else {
            Duration::ZERO
        };
        let deadline = Instant::now() + linger;
        batch.push(first);
        while batch.len() < BATCH_COMMANDS_MAX && bytes < BATCH_BYTES_MAX {
            let Some(entry) = self.order.next_before(deadline) else {
                break;
            };
            bytes += entry.command.action.weight_bytes();
            batch.push(entry);
        }
        self.last_batch_had_company = batch.len() > 1;
    }

    fn has_many_subscribers(&self, command: &Command) -> bool {
        let room = command.action.room();
        room.and_then(|room| self.audience.rooms.get(room))
            .is_some_and(|room| room.subscriber_count() >= LINGER_SUBSCRIBERS_MIN)
    }

    /// Writes a batch and tells everyone concerned. An error is one that cannot be lived with.
    fn write(&mut self, batch: &mut Vec<Entry>) -> Result<(), rusqlite::Error> {
        let retry = Duration::from_millis(READ_ONLY_RETRY_MS);
        if self.read_only_since.is_some_and(|since| since.elapsed() < retry) {
            self.refuse(batch, Refusal::ReadOnly);
            return Ok(());
        }
        match self.commit(batch) {
            Ok(made) => {
                if self.read_only_since.take().is_some() {
                    tracing::info!("the disk has room again; messages are taken");
                    self.health.send_replace(Health::Running);
                }
                // Everyone first, then the author: an author who has the ack must find the message everywhere.
                self.publish(made.events);
                self.tell(made.personal);
                for (entry, outcome) in batch.drain(..).zip(made.outcomes) {
                    answer(entry.reply, outcome);
                }
                Ok(())
            }
            Err(error) => {
                let Some(refusal) = passing(&self.connection, &error) else {
                    return Err(error);
                };
                self.roll_back()?;
                if self.read_only_since.replace(Instant::now()).is_none() {
                    tracing::error!(%error, "the disk is full; the chat can be read, but takes no messages");
                    self.health.send_replace(Health::ReadOnly);
                }
                self.refuse(batch, refusal);
                Ok(())
            }
        }
    }

    /// Applies the batch in one transaction. Returns once it is on the disk.
    fn commit(&mut self, batch: &[Entry]) -> Result<Made, rusqlite::Error> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut made = Made::default();
        let mut applied = self.applied;
        for entry in batch {
            let Applied {
                outcome,
                event,
                personal,
            } = apply(&transaction, &entry.command)?;
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
        store::set_applied(&transaction, applied)?;
        transaction.commit()?;
        self.applied = applied;
        Ok(made)
    }

    fn publish(&self, events: EventsByRoom) {
        for (name, rows) in events {
            // A room nobody is subscribed to needs no encoding: whoever joins later reads SQLite.
            if let Some(room) = self.audience.rooms.get(&name)
                && let Some(segment) = Segment::encode(&name, &rows)
            {
                room.publish(segment);
            }
        }
    }

    fn tell(&self, personal: Vec<(UserId, Personal)>) {
        for (user_id, personal) in personal {
            self.audience.people.publish(user_id, &personal);
            if let Personal::Name(name) = personal {
                self.audience.ephemeral.rename(user_id, &name);
            }
        }
    }

    fn refuse(&mut self, batch: &mut Vec<Entry>, refusal: Refusal) {
        self.order.rewind(self.applied);
        for entry in batch.drain(..) {
            answer(entry.reply, Err(refusal));
        }
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

fn answer(reply: Option<Reply>, outcome: Outcome) {
    if let Some(reply) = reply {
        reply.send(outcome);
    }
}

/// A full disk is the one I/O failure that passes; what to tell those whose commands failed by it.
///
/// A write that found no room cannot have ended a transaction: its last frame is missing. The shared index (`-shm`)
/// however grows after the frames are in the WAL. If that is what found no room, the transaction may be whole there
/// and come back after a crash: that it is not known is then what is true, and harmless.
fn passing(connection: &Connection, error: &rusqlite::Error) -> Option<Refusal> {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return None;
    };
    let is_full = failure.code == ErrorCode::DiskFull
        || (failure.extended_code == ffi::SQLITE_IOERR_WRITE && is_over_quota(system_error(connection)));
    if is_full {
        Some(Refusal::ReadOnly)
    } else if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
        Some(Refusal::Unavailable)
    } else {
        None
    }
}

/// SQLite calls a full disk by its name, but a full quota only a failed write.
fn is_over_quota(system_error: i32) -> bool {
    io::Error::from_raw_os_error(system_error).kind() == io::ErrorKind::QuotaExceeded
}

/// What the operating system said when SQLite last failed at reading or writing.
#[expect(unsafe_code, reason = "SQLite's C interface is the only way to ask")]
fn system_error(connection: &Connection) -> i32 {
    // SAFETY: the handle is that of an open connection, which this thread alone uses; the call only reads from it.
    unsafe { ffi::sqlite3_system_errno(connection.handle()) }
}
