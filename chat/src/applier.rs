//! The applier: one thread that takes the messages of a log and applies each whole, with the point it leads to.
//!
//! The log has decided the order and what goes together, and it keeps what it delivers: nothing is cut or refused here. Messages
//! that wait already are applied in one transaction, one after the other: what is written does not depend on how many were, and
//! a page of the database that several of them change is written once. Those that cannot be applied yet, for the disk is full or
//! another program holds the database, are kept until they can be.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::engine::{Engine, Made};
use crate::error::Error;
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, CLOSING_WAIT_MS_MAX, LOCKED_RETRY_MS, MESSAGES_TOGETHER_MAX,
    READ_ONLY_RETRY_MS,
};
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
            let mut has_ended = false;
            match self.log.next(self.closing.before(self.engine.due())) {
                LogNext::Message(first) => {
                    let messages;
                    (messages, has_ended) = self.gather(first);
                    if !self.apply(messages)? {
                        break;
                    }
                }
                LogNext::Nothing => {}
                LogNext::End => break,
            }
            self.engine.keep_up()?;
            if has_ended {
                break;
            }
        }
        self.engine.confirm_checkpoints()
    }

    /// The first message and those that wait behind it, about [`BATCH_COMMANDS_MAX`] commands of [`BATCH_BYTES_MAX`] bytes at most;
    /// and whether the log has ended with them.
    fn gather(&mut self, first: LogMessage) -> (Vec<LogMessage>, bool) {
        let mut messages = Vec::with_capacity(1);
        let (mut commands, mut bytes) = (0, 0);
        let mut next = first;
        loop {
            commands += next.commands.len();
            let weights = next
                .commands
                .iter()
                .map(|asked| asked.command.action.weight_bytes());
            bytes += weights.sum::<usize>();
            messages.push(next);
            let is_full = messages.len() >= MESSAGES_TOGETHER_MAX
                || commands >= BATCH_COMMANDS_MAX
                || bytes >= BATCH_BYTES_MAX;
            if is_full {
                return (messages, false);
            }
            next = match self.log.next(Instant::now()) {
                LogNext::Message(message) => message,
                LogNext::Nothing => return (messages, false),
                LogNext::End => return (messages, true),
            };
        }
    }

    /// Applies messages, however long that is not possible yet; false when the chat was closed meanwhile. One that was applied
    /// before changes nothing.
    fn apply(&mut self, mut messages: Vec<LogMessage>) -> Result<bool, Error> {
        let mut from = self.point.position;
        let mut gap = None;
        messages.retain(|message| {
            let to = message.point.position;
            if to <= from {
                tracing::debug!(position = to, applied = from, "a message of the log came again");
                return false;
            }
            if gap.is_some() || to != from + 1 {
                gap.get_or_insert(Error::LogGap {
                    applied: from,
                    position: to,
                });
                return false;
            }
            from = to;
            true
        });
        // What came before a gap is applied: nothing is wrong with that.
        let is_applied = messages.is_empty() || self.apply_whole(messages)?;
        gap.map_or(Ok(is_applied), Err)
    }

    /// Applies messages that go on from where the database is.
    fn apply_whole(&mut self, messages: Vec<LogMessage>) -> Result<bool, Error> {
        loop {
            self.engine.refuse_failed()?;
            let mut repeated = Vec::with_capacity(messages.len());
            match self.commit(&messages, &mut repeated) {
                Ok(made) => {
                    self.engine.committed()?;
                    let Some(last) = messages.last() else {
                        return Ok(true);
                    };
                    self.point = last.point;
                    let applied = messages.into_iter().zip(repeated);
                    // Those who asked again for what is known hear that it is not known what became of it, and ask again.
                    let applied = applied.filter(|(_, is_repeated)| !is_repeated);
                    let commands = applied.flat_map(|(message, _)| message.commands);
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

    /// Commits messages once. What was applied at another position already leads to the next point, and does nothing: which of
    /// them those are goes to `repeated`.
    fn commit(&mut self, messages: &[LogMessage], repeated: &mut Vec<bool>) -> rusqlite::Result<Made> {
        self.engine.commit(|applying| {
            for message in messages {
                let position = message.point.position;
                let is_repeated = match message.origin {
                    Some(origin) => store::is_repeated(applying.connection(), origin)?,
                    None => false,
                };
                repeated.push(is_repeated);
                for asked in message.commands.iter().filter(|_| !is_repeated) {
                    applying.apply(&asked.command, &asked.digest)?;
                }
                store::record_point(applying.connection(), &message.point)?;
                if let Some(origin) = message.origin {
                    store::record_origin(applying.connection(), origin, position)?;
                }
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
