//! A row of the outbox.

use protocol::{ClientId, ErrorCode, UserId};

use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::wire::fields;
use crate::wire::json::{Value, write_string};

/// A command that was given here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id, a UUIDv7 made when it was written. Sending it again under this id doubles nothing.
    pub client_id: ClientId,
    /// What it asks for.
    pub operation: Operation,
    /// The room it is for; empty for a [`Operation::Rename`].
    pub room: String,
    /// As whom it was written; `None` when that was not known yet.
    pub user_id: Option<UserId>,
    /// The `seq` of the message it changes or answers; 0 for none.
    pub target: u64,
    /// The text, emoji, topic or name.
    pub message: String,
    /// The ids of those whom the text calls, as they stand in the frame: each in quotes, with commas between them.
    pub mentions: String,
    /// Whether it may have been sent.
    pub tried: bool,
    /// Why the server does not take it, if it said so for good.
    pub failed: Option<ErrorCode>,
}

/// The `failed` of what the server acknowledged and does not have any more: it was given an older copy of its database. No
/// command is refused so.
pub const VANISHED: ErrorCode = ErrorCode::BadCursor;

/// The state of a row, for the person who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// It will be sent, or is on its way.
    Waiting,
    /// It is on the server's disk, and will be seen in the room in a moment.
    Sent,
    /// The server does not take it. It can be tried again, as a new message, or discarded.
    Failed(ErrorCode),
    /// It was written as somebody we are no longer, and may have been sent. Trying again may double it.
    MaybeSent,
    /// It was written as somebody we are no longer, and was never sent. It can be sent as who we are now.
    NotSent,
}

/// A row without what the outbox adds to it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) operation: Operation,
    /// Empty for what is of no room.
    pub(crate) room: String,
    pub(crate) target: u64,
    pub(crate) message: String,
    /// See [`OutboxRow::mentions`].
    pub(crate) mentions: String,
}

/// The parts of a new row's id, a UUIDv7.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The time, in Unix milliseconds.
    pub unix_ms: u64,
    /// Ten random bytes.
    pub random: [u8; 10],
}

impl OutboxRow {
    /// When it was written, in Unix milliseconds.
    #[must_use]
    pub fn written_at(&self) -> u64 {
        self.client_id.as_bytes()[..6]
            .iter()
            .fold(0, |ms, byte| ms << 8 | u64::from(*byte))
    }

    /// The row as text, to be stored or to be told to other tabs.
    ///
    /// A client of before there was anything but messages reads a row with a `message` as one, so nothing else has one.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::from(r#"{"room":"#);
        write_string(&mut text, &self.room);
        fields::field(&mut text, "clientId", &self.client_id.to_string());
        if self.operation == Operation::Post {
            fields::field(&mut text, "message", &self.message);
        } else {
            fields::field(&mut text, "text", &self.message);
            fields::number(&mut text, "kind", u64::from(self.operation as u8));
        }
        if self.target > 0 {
            fields::number(&mut text, "target", self.target);
        }
        if !self.mentions.is_empty() {
            fields::field(&mut text, "mentions", &self.mentions);
        }
        if let Some(user_id) = self.user_id {
            fields::field(&mut text, "userId", &user_id.to_string());
        }
        if let Some(code) = self.failed {
            fields::field(&mut text, "failed", code.as_str());
        }
        if self.tried {
            text += r#","tried":1"#;
        }
        text.push('}');
        text
    }

    /// Reads what [`OutboxRow::write`] wrote; `None` when it is not that.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let operation = usize::try_from(value.number("kind").unwrap_or(0)).ok()?;
        let message = value.text("message").or_else(|| value.text("text"));
        Some(Self {
            client_id: value.text("clientId")?.parse().ok()?,
            operation: *Operation::ALL.get(operation)?,
            room: value.text("room")?.to_owned(),
            user_id: value.text("userId").and_then(|id| id.parse().ok()),
            target: value.number("target").unwrap_or(0),
            message: message?.to_owned(),
            mentions: value.text("mentions").unwrap_or_default().to_owned(),
            tried: value.get("tried").is_some(),
            failed: value.text("failed").and_then(fields::code),
        })
    }

    /// The frame that asks the server for it.
    #[must_use]
    pub fn frame(&self) -> String {
        let (operation, text) = frame_names(self.operation);
        let mut frame = fields::begin(operation);
        if !self.room.is_empty() {
            fields::field(&mut frame, "room", &self.room);
        }
        fields::field(&mut frame, "clientId", &self.client_id.to_string());
        if self.target > 0 {
            let target = if self.operation == Operation::Post {
                "replyTo"
            } else {
                "target"
            };
            fields::number(&mut frame, target, self.target);
        }
        if !text.is_empty() {
            fields::field(&mut frame, text, &self.message);
        }
        if !self.mentions.is_empty() {
            frame += r#","mentions":["#;
            frame += &self.mentions;
            frame.push(']');
        }
        if matches!(self.operation, Operation::React | Operation::Unreact) {
            fields::flag(&mut frame, "on", self.operation == Operation::React);
        }
        frame.push('}');
        frame
    }

    /// It changes an existing message.
    pub(super) fn is_change(&self) -> bool {
        matches!(
            self.operation,
            Operation::Edit | Operation::Delete | Operation::React | Operation::Unreact
        )
    }

    /// Applies the change to its message, as the server will.
    pub(super) fn apply(&self, message: &mut Message, me: UserId) {
        match self.operation {
            Operation::Edit => message.edit(&self.message, None, &[], self.written_at()),
            Operation::Delete => message.delete(),
            Operation::React => message.react(&self.message, me, true),
            Operation::Unreact => message.react(&self.message, me, false),
            Operation::Post | Operation::Topic | Operation::Rename => {}
        }
    }

    pub(super) fn is_foreign(&self, me: Option<UserId>) -> bool {
        me.is_some() && self.user_id.is_some() && self.user_id != me
    }
}

/// Whether a row that was stored as this text may have been sent already. What is not a row was not.
#[must_use]
pub fn may_be_sent(text: &str) -> bool {
    OutboxRow::read(text).is_some_and(|row| row.tried)
}

/// The frame's type, and the field that its text goes into.
const fn frame_names(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Post => ("post", "message"),
        Operation::Edit => ("edit", "message"),
        Operation::Delete => ("delete", ""),
        Operation::React | Operation::Unreact => ("react", "emoji"),
        Operation::Topic => ("topic", "topic"),
        Operation::Rename => ("rename", "name"),
    }
}
