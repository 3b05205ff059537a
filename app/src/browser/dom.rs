//! What the page's HTML says before any script has changed it.

use client::Message;
use protocol::{ErrorCode, RoomName};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::system;
use crate::{Refusal, Start};

/// The element the chat lives in.
pub(super) fn app() -> Option<HtmlElement> {
    one("#app")?.dyn_into().ok()
}

/// The first element that the selector finds.
pub(super) fn one(selector: &str) -> Option<Element> {
    system::window()?.document()?.query_selector(selector).ok()?
}

/// What was typed before the script came.
pub(crate) fn typed() -> Option<String> {
    let input: HtmlTextAreaElement = one(".composer-input")?.dyn_into().ok()?;
    Some(input.value())
}

/// What the server rendered, read back from its HTML: there is no second copy of it.
pub(super) fn start(app: &Element) -> Option<Start> {
    Some(Start {
        room: RoomName::parse(&app.get_attribute("data-room")?).ok()?,
        epoch: parse(app, "data-epoch"),
        seq: parse(app, "data-seq")?,
        has_older: app.has_attribute("data-older"),
        user_id: parse(app, "data-user"),
        messages: messages(app)?,
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

fn messages(app: &Element) -> Option<Vec<Message>> {
    let rows = app.query_selector_all("[data-seq] .message-text").ok()?;
    (0..rows.length())
        .map(|at| {
            let text: Element = rows.get(at)?.dyn_into().ok()?;
            message(&text.parent_element()?, text.text_content()?)
        })
        .collect()
}

fn message(row: &Element, message: String) -> Option<Message> {
    Some(Message {
        seq: parse(row, "data-seq")?,
        id: parse(row, "data-id")?,
        client_id: parse(row, "data-client")?,
        user_id: parse(row, "data-user")?,
        message,
        at: parse(row, "data-at")?,
    })
}

fn parse<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}
