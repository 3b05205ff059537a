//! What the page's HTML says before any script has changed it.

use client::Message;
use protocol::{ErrorCode, RoomName};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::system;
use crate::{Refusal, Start, time};

/// The element the chat lives in.
pub(super) fn app() -> Option<HtmlElement> {
    one("#app")?.dyn_into().ok()
}

/// The first element that the selector finds.
pub(super) fn one(selector: &str) -> Option<Element> {
    system::window()?.document()?.query_selector(selector).ok()?
}

/// All elements that the selector finds, in the order of the document.
pub(super) fn all(selector: &str) -> Vec<Element> {
    let found = system::window().and_then(|window| window.document()?.query_selector_all(selector).ok());
    let Some(found) = found else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

/// Shows the times that the server wrote in UTC as this browser's clocks have them.
pub(super) fn localise_times() {
    for row in all(".message") {
        if let (Some(at), Ok(Some(clock))) = (parse(&row, "data-at"), row.query_selector("time")) {
            clock.set_text_content(Some(&time::short(at, system::minutes_east(at))));
        }
    }
}

/// What stands in the input: at first what was typed before the script came.
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

fn messages() -> Option<Vec<Message>> {
    all(".message").iter().map(message).collect()
}

fn message(row: &Element) -> Option<Message> {
    Some(Message {
        seq: parse(row, "data-seq")?,
        id: parse(row, "data-id")?,
        client_id: parse(row, "data-client")?,
        user_id: parse(row, "data-user")?,
        message: row.last_element_child()?.text_content()?,
        at: parse(row, "data-at")?,
    })
}

fn parse<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}
