//! A row of the outbox.

use protocol::{ClientId, ErrorCode, UserId};

use crate::model::message::Message;
use crate::model::operation::Kind;
use crate::wire::fields;
use crate::wire::json::{Value, write_string};

/// Something that was asked for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id, a UUIDv7 made when it was written. Sending it again under this id doubles nothing.
    pub client_id: ClientId,
    /// What it asks for.
    pub kind: Kind,
    /// The room it is for; empty for a [`Kind::Rename`].
    pub room: String,
    /// As whom it was written; `None` when that was not known yet.
    pub user_id: Option<UserId>,
    /// The `seq` of the message it changes or answers; 0 for none.
    pub target: u64,
    /// The text, emoji, topic or name.
    pub message: String,
    /// Whether it may have been sent.
    pub tried: bool,
    /// Why the server does not take it, if it said so for good.
    pub failed: Option<ErrorCode>,
}

/// How it is with a row, for the person who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
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

/// What is to be written: a row without what the outbox gives it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    /// Empty for what is of no room.
    pub(crate) room: String,
    pub(crate) target: u64,
    pub(crate) message: String,
}

/// What a new row's id is made of.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The time, in Unix milliseconds.
    pub unix_ms: u64,
    /// Ten random bytes.
    pub random: [u8; 10],
}

impl Row {
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
        if self.kind == Kind::Post {
            fields::field(&mut text, "message", &self.message);
        } else {
            fields::field(&mut text, "text", &self.message);
            fields::number(&mut text, "kind", u64::from(self.kind as u8));
        }
        if self.target > 0 {
            fields::number(&mut text, "target", self.target);
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

    /// Reads what [`Row::write`] wrote; `None` when it is not that.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let kind = usize::try_from(value.number("kind").unwrap_or(0)).ok()?;
        let message = value.text("message").or_else(|| value.text("text"));
        Some(Self {
            client_id: value.text("clientId")?.parse().ok()?,
            kind: *Kind::ALL.get(kind)?,
            room: value.text("room")?.to_owned(),
            user_id: value.text("userId").and_then(|id| id.parse().ok()),
            target: value.number("target").unwrap_or(0),
            message: message?.to_owned(),
            tried: value.get("tried").is_some(),
            failed: value.text("failed").and_then(fields::code),
        })
    }

    /// The frame that asks the server for it.
    #[must_use]
    pub fn frame(&self) -> String {
        let (kind, text) = words(self.kind);
        let mut frame = fields::begin(kind);
        if !self.room.is_empty() {
            fields::field(&mut frame, "room", &self.room);
        }
        fields::field(&mut frame, "clientId", &self.client_id.to_string());
        if self.target > 0 {
            let target = if self.kind == Kind::Post {
                "replyTo"
            } else {
                "target"
            };
            fields::number(&mut frame, target, self.target);
        }
        if !text.is_empty() {
            fields::field(&mut frame, text, &self.message);
        }
        if matches!(self.kind, Kind::React | Kind::Unreact) {
            fields::flag(&mut frame, "on", self.kind == Kind::React);
        }
        frame.push('}');
        frame
    }

    /// Whether it changes a message that is there.
    pub(super) fn is_change(&self) -> bool {
        matches!(self.kind, Kind::Edit | Kind::Delete | Kind::React | Kind::Unreact)
    }

    /// Does to its message what it asks for, as if the server had done it.
    pub(super) fn apply(&self, message: &mut Message, me: UserId) {
        match self.kind {
            Kind::Edit => message.edit(&self.message, None, self.written_at()),
            Kind::Delete => message.delete(),
            Kind::React => message.react(&self.message, me, true),
            Kind::Unreact => message.react(&self.message, me, false),
            Kind::Post | Kind::Topic | Kind::Rename => {}
        }
    }

    pub(super) fn is_foreign(&self, me: Option<UserId>) -> bool {
        me.is_some() && self.user_id.is_some() && self.user_id != me
    }
}

/// The frame's type, and the field that its text goes into.
const fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Post => ("post", "message"),
        Kind::Edit => ("edit", "message"),
        Kind::Delete => ("delete", ""),
        Kind::React | Kind::Unreact => ("react", "emoji"),
        Kind::Topic => ("topic", "topic"),
        Kind::Rename => ("rename", "name"),
    }
}
