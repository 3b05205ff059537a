//! The state that commands are applied to, without files, threads and clocks: for a simulation, which has thousands of them.
//!
//! It is the same `apply` on the same tables. What is left out is what keeps them on a disk.

use std::collections::HashSet;

use protocol::{Epoch, RoomName};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};

use crate::apply::{Applied, Cache, apply};
use crate::command::{Command, Outcome};
use crate::error::Error;
use crate::log::LogPoint;
use crate::store::{self, Content, EventRow};

/// A database in memory.
pub struct State {
    connection: Connection,
    cache: Cache,
}

/// What came of one command.
#[derive(Clone, Debug)]
pub struct Done {
    pub outcome: Outcome,
    /// The room and place of the event that it made.
    pub event: Option<(RoomName, u64)>,
}

/// What happened in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub seq: u64,
    /// The author and their id for it, and the id of the event, as bytes.
    pub author: [u8; 16],
    pub client_id: [u8; 16],
    pub event_id: [u8; 16],
    /// What was said or is said instead, if something is; empty when it was taken back.
    pub text: Option<String>,
}

impl State {
    /// Of a chat in which nobody has said anything.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn new(epoch: Epoch) -> Result<Self, Error> {
        Ok(Self::of(store::open_in_memory(epoch)?))
    }

    fn of(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(64);
        Self {
            connection,
            cache: Cache::default(),
        }
    }

    /// Applies the commands of one message in one transaction, with the point to which that leads.
    ///
    /// # Errors
    /// When SQLite fails, and when this is not the state before that point.
    pub fn apply(&mut self, point: &LogPoint, commands: &[Command]) -> Result<Vec<Done>, Error> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut done = Vec::with_capacity(commands.len());
        for command in commands {
            let digest = command.action.digest();
            let Applied { outcome, event, .. } = apply(&transaction, &mut self.cache, command, &digest)?;
            let event = event.map(|(room, row)| (room, row.seq));
            done.push(Done { outcome, event });
        }
        self.cache.write(&transaction)?;
        store::record_point(&transaction, point)?;
        transaction.commit()?;
        Ok(done)
    }

    /// The place of a room's last event; 0 where there is none.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn head(&self, room: &RoomName) -> Result<u64, Error> {
        Ok(store::room_end(&self.connection, room)?.map_or(0, |end| end.head))
    }

    /// What happened in a room after this, as much as is read at once.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn events_after(&self, room: &RoomName, after: u64) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        store::events_after(&self.connection, room, after, |row| {
            events.push(Event::of(row));
            0
        })?;
        Ok(events)
    }

    /// The same state again.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn copy(&self) -> Result<Self, Error> {
        let mut connection = Connection::open_in_memory()?;
        let backup = Backup::new(&self.connection, &mut connection)?;
        if !matches!(backup.step(-1)?, StepResult::Done) {
            return Err(Error::Corrupt("a database in memory that cannot be copied"));
        }
        drop(backup);
        Ok(Self::of(connection))
    }

    /// A digest of everything in the tables.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn digest(&self) -> Result<[u8; 32], Error> {
        let mut digest = Sha256::new();
        self.values(|value| match value {
            ValueRef::Null => digest.update([0]),
            ValueRef::Integer(integer) => {
                digest.update([1]);
                digest.update(integer.to_be_bytes());
            }
            ValueRef::Real(real) => {
                digest.update([2]);
                digest.update(real.to_be_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                digest.update([3]);
                digest.update(bytes.len().to_be_bytes());
                digest.update(bytes);
            }
        })?;
        Ok(digest.finalize().into())
    }

    /// The words of all texts in all tables.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn words(&self) -> Result<HashSet<String>, Error> {
        let mut words = HashSet::new();
        self.values(|value| {
            if let ValueRef::Text(bytes) = value {
                let text = String::from_utf8_lossy(bytes);
                words.extend(text.split_ascii_whitespace().map(str::to_owned));
            }
        })?;
        Ok(words)
    }

    /// Does something to the tables that no command does: what a defect might.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn tamper(&mut self, sql: &str) -> Result<(), Error> {
        self.cache.forget();
        Ok(self.connection.execute_batch(sql)?)
    }

    /// Every value of every table.
    fn values(&self, mut take: impl FnMut(ValueRef<'_>)) -> Result<(), Error> {
        let names =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut names = self.connection.prepare_cached(names)?;
        let names = names.query_map([], |row| row.get::<_, String>(0))?;
        for name in names.collect::<Result<Vec<_>, _>>()? {
            // All tables are clustered by what makes their rows unique.
            let sql = format!("SELECT * FROM {name}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    take(row.get_ref(column)?);
                }
            }
        }
        Ok(())
    }
}

impl Event {
    fn of(row: &EventRow) -> Self {
        let text = match &row.content {
            Content::Message { message, .. } | Content::Edited { message, .. } => Some(message.clone()),
            Content::Deleted { .. } | Content::Reacted { .. } | Content::Topic { .. } => None,
        };
        Self {
            seq: row.seq,
            author: *row.user_id.as_bytes(),
            client_id: *row.client_id.as_bytes(),
            event_id: *row.id.as_bytes(),
            text,
        }
    }
}
