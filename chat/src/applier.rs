//! The applier: one thread that takes the messages of a log and applies each in one transaction, with the point it leads to.
//!
//! The log has decided the order and what goes together, and it keeps what it delivers: nothing is gathered, cut or refused
//! here. A message that cannot be applied yet, for the disk is full or another program holds the database, is kept until it
//! can be.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::engine::{Engine, Made};
use crate::error::Error;
use crate::limits::{CLOSING_WAIT_MS_MAX, LOCKED_RETRY_MS, READ_ONLY_RETRY_MS};
use crate::log::{Log, LogMessage, LogNext, LogPoint};
use crate::publisher::Publication;
use crate::store::{self, Passing};

/// The applier's thread and what it owns.
pub(crate) struct Applier<L> {
    engine: Engine,
    log: L,
    /// How far the database is.
    point: LogPoint,
    closing: Closing,
}

/// Hears that the chat is closed: the sender is gone then.
struct Closing {
    closed: Receiver<()>,
    /// Until when the log may bring what is left of it, once it is closed.
    until: Option<Instant>,
}

impl<L: Log + 'static> Applier<L> {
    /// Starts it. `point` is where the database stands; the chat is closed when the sender of `closed` is gone.
    pub(crate) fn start(
        engine: Engine,
        log: L,
        point: LogPoint,
        closed: Receiver<()>,
    ) -> Result<JoinHandle<()>, Error> {
        let closing = Closing { closed, until: None };
        let applier = Self {
            engine,
            log,
            point,
            closing,
        };
        thread::Builder::new()
            .name("madang-applier".into())
            .spawn(|| applier.run())
            .map_err(Error::Thread)
    }

    fn run(mut self) {
        let worked = self.work();
        self.engine.end(worked, |_| Ok(()));
    }

    /// Applies what comes until nothing more will. An error is one that cannot be lived with.
    fn work(&mut self) -> Result<(), Error> {
        while !self.closing.is_over() {
            match self.log.next(self.closing.before(self.engine.due())) {
                LogNext::Message(message) => {
                    if !self.apply(message)? {
                        break;
                    }
                }
                LogNext::Nothing => {}
                LogNext::End => break,
            }
            self.engine.keep_up()?;
        }
        self.engine.confirm_checkpoints()
    }

    /// Applies a message, however long that is not possible yet; false when the chat was closed meanwhile. One that was applied
    /// before changes nothing.
    fn apply(&mut self, message: LogMessage) -> Result<bool, Error> {
        let (from, to) = (self.point.position, message.point.position);
        if to <= from {
            tracing::debug!(position = to, applied = from, "a message of the log came again");
            return Ok(true);
        }
        if to != from + 1 {
            return Err(Error::LogGap {
                applied: from,
                position: to,
            });
        }
        loop {
            self.engine.refuse_failed()?;
            match self.commit(&message) {
                Ok(made) => {
                    self.engine.committed()?;
                    self.point = message.point;
                    let commands = message.commands.into_iter();
                    let commands = commands.map(|asked| (asked.command, asked.digest, asked.reply));
                    self.engine.publish(Publication {
                        applied: Some(self.point),
                        ..made.into_publication(commands)
                    })?;
                    return Ok(true);
                }
                Err(rusqlite::Error::StatementChangedRows(_)) => {
                    return Err(Error::Corrupt("another position than the log was applied up to"));
                }
                Err(error) => {
                    let retry_ms = match self.engine.failed(error)? {
                        Passing::Locked => LOCKED_RETRY_MS,
                        Passing::DiskFull | Passing::DiskFullAfterwards => READ_ONLY_RETRY_MS,
                    };
                    if self.closing.came_within(Duration::from_millis(retry_ms)) {
                        return Ok(false);
                    }
                    self.engine.keep_up()?;
                }
            }
        }
    }

    /// Commits a message once. What was applied at another position already leads to the next point, and does nothing.
    fn commit(&mut self, message: &LogMessage) -> rusqlite::Result<Made> {
        let LogMessage {
            point,
            origin,
            commands,
        } = message;
        let choose = |connection: &Connection| {
            let is_repeated = match *origin {
                Some(origin) => store::is_repeated(connection, origin)?,
                None => false,
            };
            let commands = if is_repeated { &[] } else { &commands[..] };
            Ok(commands.iter().map(|asked| (&asked.command, &asked.digest)))
        };
        self.engine.commit(choose, None, |connection, _| {
            store::record_point(connection, point)?;
            if let Some(origin) = *origin {
                store::record_origin(connection, origin, point.position)?;
            }
            Ok(true)
        })
    }
}

impl Closing {
    /// Whether it was closed so long ago that no more is waited for.
    fn is_over(&mut self) -> bool {
        if self.until.is_none() && self.came_within(Duration::ZERO) {
            self.until = Some(Instant::now() + Duration::from_millis(CLOSING_WAIT_MS_MAX));
        }
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// The earlier of this time and the end.
    fn before(&self, at: Instant) -> Instant {
        self.until.map_or(at, |until| until.min(at))
    }

    /// Waits so long, or until it is closed; whether it is.
    fn came_within(&self, wait: Duration) -> bool {
        self.closed.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected)
    }
}
