//! Lists of rooms, read and written.

use crate::model::listing::{ListedRoom, Listing};
use crate::wire::fields::{field, flag, number};
use crate::wire::json::{Value, write_string};
use crate::wire::objects::epoch;

impl Listing {
    /// Reads the body of `GET /api/v1/rooms`, or a list of the leading tab's; `None` when it is neither.
    pub(crate) fn of(value: &Value<'_>) -> Option<Self> {
        value.get("rooms")?;
        Some(Self {
            epoch: epoch(value),
            rooms: value
                .list("rooms")
                .iter()
                .map(ListedRoom::of)
                .collect::<Option<_>>()?,
        })
    }
}

impl ListedRoom {
    fn of(value: &Value<'_>) -> Option<Self> {
        let number = |name| value.number(name).unwrap_or(0);
        Some(Self {
            name: value.text("room")?.to_owned(),
            topic: value.text("topic").unwrap_or_default().to_owned(),
            head: number("head"),
            read: number("read"),
            unread: number("unread"),
            mention: number("mention"),
            is_followed: value.flag("following"),
        })
    }

    pub(super) fn write(&self, text: &mut String) {
        *text += r#"{"room":"#;
        write_string(text, &self.name);
        if self.is_followed {
            field(text, "topic", &self.topic);
            number(text, "head", self.head);
            number(text, "read", self.read);
            number(text, "unread", self.unread);
            number(text, "mention", self.mention);
            flag(text, "following", true);
        }
        text.push('}');
    }
}
