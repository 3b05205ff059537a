//! What frames and pages are made of: messages, changes, people.

use protocol::{Epoch, UserId};

use crate::model::event::{Change, ChangeKind};
use crate::model::message::{Details, Message, Quote, Reaction};
use crate::model::page::HistoryPage;
use crate::model::person::Person;
use crate::wire::json::Value;

impl HistoryPage {
    /// Reads the body of `GET /api/v1/rooms/{room}/messages`; `None` when it is not a page.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::of(&Value::read(text)?)
    }

    /// Reads a value that is such a body.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        value.get("messages")?;
        Some(Self {
            epoch: epoch(value)?,
            seq: value.number("seq")?,
            id: value.text("eventId").and_then(|id| id.parse().ok()),
            topic: value.text("topic").unwrap_or_default().to_owned(),
            messages: value
                .list("messages")
                .iter()
                .map(message)
                .collect::<Option<_>>()?,
            people: people(value)?,
            has_older: value.flag("hasOlder"),
            has_newer: value.flag("hasNewer"),
        })
    }
}

pub(crate) fn epoch(value: &Value<'_>) -> Option<Epoch> {
    value.text("epoch")?.parse().ok()
}

pub(super) fn id(value: &Value<'_>) -> Option<UserId> {
    value.text("userId")?.parse().ok()
}

pub(super) fn boxed(value: &Value<'_>, name: &str) -> Option<Box<str>> {
    value.text(name).map(Box::from)
}

pub(super) fn message(value: &Value<'_>) -> Option<Message> {
    let seq = value.number("seq")?;
    let mut message = Message {
        seq,
        rev: value.number("rev").unwrap_or(seq),
        id: value.text("id")?.parse().ok()?,
        client_id: value.text("clientId")?.parse().ok()?,
        user_id: id(value)?,
        name: boxed(value, "name"),
        message: value.text("message")?.to_owned(),
        at: value.number("at")?,
        details: Some(Box::new(Details {
            html: boxed(value, "html"),
            mentions: ids(value, "mentions")?,
            reply_to: match value.get("replyTo") {
                Some(quoted) => Some(quote(quoted)?),
                None => None,
            },
            edited_at: value.number("editedAt"),
            is_deleted: value.flag("deleted"),
            reactions: value
                .list("reactions")
                .iter()
                .map(reaction)
                .collect::<Option<_>>()?,
        })),
    };
    message.tidy();
    Some(message)
}

pub(super) fn quote(value: &Value<'_>) -> Option<Quote> {
    Some(Quote {
        seq: value.number("seq")?,
        user_id: id(value)?,
        name: boxed(value, "name"),
        excerpt: boxed(value, "message")?,
    })
}

pub(super) fn reaction(value: &Value<'_>) -> Option<Reaction> {
    Some(Reaction {
        emoji: boxed(value, "emoji")?,
        user_ids: ids(value, "userIds")?,
    })
}

fn ids(value: &Value<'_>, name: &str) -> Option<Vec<UserId>> {
    let user_id = |value: &Value<'_>| match value {
        Value::Text(id) => id.parse().ok(),
        _ => None,
    };
    value.list(name).iter().map(user_id).collect()
}

pub(super) fn change(value: &Value<'_>, type_name: &str) -> Option<Change> {
    let kind = match type_name {
        "edited" => ChangeKind::Edited {
            message: value.text("message")?.to_owned(),
            html: boxed(value, "html"),
            mentions: ids(value, "mentions")?,
            excerpt: boxed(value, "excerpt"),
        },
        "deleted" => ChangeKind::Deleted,
        "reacted" => ChangeKind::Reacted {
            emoji: boxed(value, "emoji")?,
            on: value.flag("on"),
        },
        _ => ChangeKind::Topic(value.text("topic")?.to_owned()),
    };
    let target = value.number("target");
    Some(Change {
        seq: value.number("seq")?,
        id: value.text("id")?.parse().ok()?,
        client_id: value.text("clientId")?.parse().ok()?,
        user_id: id(value)?,
        name: boxed(value, "name"),
        at: value.number("at")?,
        target: match kind {
            ChangeKind::Topic(_) => 0,
            _ => target?,
        },
        kind,
    })
}

pub(super) fn people(value: &Value<'_>) -> Option<Vec<Person>> {
    value.list("people").iter().map(person).collect()
}

pub(super) fn person(value: &Value<'_>) -> Option<Person> {
    Some(Person {
        user_id: id(value)?,
        name: boxed(value, "name"),
    })
}
