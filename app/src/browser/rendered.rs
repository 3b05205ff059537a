//! What the server rendered, read back from its HTML: there is no second copy of it.

use client::Message;
use protocol::{ErrorCode, RoomName};
use web_sys::Element;

use super::dom::all;
use crate::words::Words;
use crate::{Refusal, Start};

/// What the page starts from, read back from `#app`; `None` when that is not a page of ours.
pub(super) fn start(app: &Element) -> Option<Start> {
    Some(Start {
        words: words(app)?,
        room: RoomName::parse(&app.get_attribute("data-room")?).ok()?,
        epoch: parse(app, "data-epoch"),
        seq: parse(app, "data-seq")?,
        has_older: app.has_attribute("data-older"),
        user_id: parse(app, "data-user"),
        messages: messages()?,
        form_client_id: app.get_attribute("data-client")?,
        refusal: app.get_attribute("data-refusal").map(|code| Refusal {
            code: ErrorCode::ALL
                .iter()
                .copied()
                .find(|known| known.as_str() == code),
            text: String::new(),
        }),
    })
}

/// The words, which stay for as long as the page.
fn words(app: &Element) -> Option<&'static Words> {
    let text: &str = app.get_attribute("data-words")?.leak();
    Some(Box::leak(Box::new(Words::from(text))))
}

fn messages() -> Option<Vec<Message>> {
    all(".message").iter().map(message).collect()
}

fn message(row: &Element) -> Option<Message> {
    let seq = parse(row, "data-seq")?;
    Some(Message {
        seq,
        rev: seq,
        id: parse(row, "data-id")?,
        client_id: parse(row, "data-client")?,
        user_id: parse(row, "data-user")?,
        name: None,
        message: row.query_selector(".message-text").ok()??.text_content()?,
        at: parse(row, "data-at")?,
        extras: None,
    })
}

/// What an attribute says; `None` when it is missing or not that.
fn parse<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}
