//! A log that a test writes, and a chat that is fed by it.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chat::order::Order;
use chat::{
    Chat, Command, DataFolder, Error, Log, LogCommand, LogMessage, LogNext, LogPoint, Refusal, Reply,
};
use tokio::sync::watch;

use super::in_time;

/// The log's end at which it is written. What is submitted to the chat becomes a message of its own.
#[derive(Clone)]
pub(crate) struct LogWriter(Arc<Mutex<Inside>>);

struct Inside {
    point: LogPoint,
    /// `None` once the chat is closed.
    messages: Option<Sender<LogMessage>>,
    crowd: watch::Sender<bool>,
}

/// The bytes that a test's log has for a message.
pub(crate) fn payload(commands: &[Command]) -> Vec<u8> {
    serde_json::to_vec(commands).unwrap()
}

/// A message of these commands, at the point that follows.
pub(crate) fn message(before: LogPoint, commands: Vec<(Command, Option<Reply>)>) -> LogMessage {
    let bare: Vec<_> = commands.iter().map(|(command, _)| command.clone()).collect();
    let commands = commands.into_iter().map(|(command, reply)| LogCommand {
        digest: command.action.digest(),
        command,
        reply,
    });
    LogMessage {
        point: before.then(&payload(&bare)),
        origin: None,
        commands: commands.collect(),
    }
}

impl LogWriter {
    /// The point after the last message that was written.
    pub(crate) fn point(&self) -> LogPoint {
        self.0.lock().unwrap().point
    }

    /// Writes a message; the point after it.
    pub(crate) fn write(&self, commands: Vec<(Command, Option<Reply>)>) -> LogPoint {
        let before = self.point();
        self.deliver(message(before, commands))
    }

    /// The same of commands that came in elsewhere.
    pub(crate) fn write_of_others(&self, commands: &[Command]) -> LogPoint {
        self.write(commands.iter().map(|command| (command.clone(), None)).collect())
    }

    /// Delivers a message as it is.
    pub(crate) fn deliver(&self, message: LogMessage) -> LogPoint {
        let mut inside = self.0.lock().unwrap();
        inside.point = message.point;
        inside.messages.as_ref().unwrap().send(message).unwrap();
        inside.point
    }
}

impl Order for LogWriter {
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        if self.0.lock().unwrap().messages.is_none() {
            reply.send(Err(Refusal::Unavailable));
            return Err(Refusal::Unavailable);
        }
        self.write(vec![(command, Some(reply))]);
        Ok(())
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.0.lock().unwrap().crowd.subscribe()
    }

    fn close(&self) {
        self.0.lock().unwrap().messages = None;
    }
}

/// The end at which it is read.
pub(crate) struct LogReader(Receiver<LogMessage>);

impl Log for LogReader {
    fn next(&mut self, deadline: Instant) -> LogNext {
        match self
            .0
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            Ok(message) => LogNext::Message(message),
            Err(RecvTimeoutError::Timeout) => LogNext::Nothing,
            Err(RecvTimeoutError::Disconnected) => LogNext::End,
        }
    }
}

/// A chat in this folder that is fed by a log, from where its database stands.
pub(crate) fn try_open_log(folder: &Path) -> Result<(Arc<Chat>, LogWriter), Error> {
    let mut writer = None;
    let chat = Chat::open_log(DataFolder::open(folder).unwrap(), |point| {
        let (messages, reader) = channel();
        let log = LogWriter(Arc::new(Mutex::new(Inside {
            point,
            messages: Some(messages),
            crowd: watch::Sender::new(false),
        })));
        writer = Some(log.clone());
        (Box::new(log), LogReader(reader))
    })?;
    Ok((Arc::new(chat), writer.unwrap()))
}

pub(crate) fn open_log(folder: &Path) -> (Arc<Chat>, LogWriter) {
    try_open_log(folder).unwrap()
}

/// Waits until the log has been applied up to this point.
pub(crate) async fn applied(chat: &Chat, point: LogPoint) {
    let mut applied = chat.applied();
    let is_there = applied.wait_for(|applied| applied.position >= point.position);
    assert_eq!(*in_time("the log to be applied", is_there).await.unwrap(), point);
}
