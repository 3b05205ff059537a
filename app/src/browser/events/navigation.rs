//! Going from room to room and from message to message without leaving the page: links, Back and Forward.

use client::room::Edge;
use client::tab::Input;
use js_sys::Function;
use leptos::prelude::*;
use protocol::RoomName;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, History};

use super::dialog;
use crate::browser::driver::{self, step};
use crate::browser::render::{focus, rendered, scroll, title};
use crate::browser::{composer, dom, system};
use crate::state::TimelineState;

/// Follows a link to a room or a place in one, without leaving the page. Whether it is such a link.
pub(crate) fn follow(link: &Element) -> bool {
    let address = link.get_attribute("href").unwrap_or_default();
    let Some((room, place)) = parse(&address) else {
        return false;
    };
    go(room, place, Some(&address));
    true
}

/// The browser went back or forward.
pub(crate) fn pop() {
    if let Some((room, place)) = location().as_deref().and_then(parse) {
        go(room, place, None);
    }
}

/// Shows a room, from a place or from its end. Where it is new in the browser's history, with its address.
pub(crate) fn go(room: RoomName, place: Option<u64>, address: Option<&str>) {
    let Some(chat) = driver::chat() else { return };
    composer::store();
    if let Some(address) = address
        && location().as_deref() != Some(address)
        && let Some(history) =
            system::window().map(|window| system::get(&window, "history").unchecked_into::<History>())
    {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
    let is_other = chat.room.get_untracked() != room;
    if is_other {
        rendered::change_room();
        focus::keep(|| {
            chat.room.set(room.clone());
            // What is pressed now must not mean a row of the other room.
            chat.messages.set(Vec::new());
            chat.timeline.set(TimelineState {
                older: Edge::Loading,
                is_at_end: true,
                target: place,
                ..TimelineState::default()
            });
            composer::change_room(chat);
        });
        title::set(chat);
    }
    if place.is_none() {
        scroll::to_end();
    }
    rendered::with(|rendered| {
        rendered.addressed = place;
        rendered.goes_to_end = place.is_none();
    });
    step(Input::Go(room, place));
    dom::dismiss();
    dialog::close();
    if is_other && !dom::is_touched() {
        composer::focus();
    }
}

/// The room that an address which the server wrote leads to, and the message. `None` for what is no room's address.
fn parse(address: &str) -> Option<(RoomName, Option<u64>)> {
    if address == "/" {
        return Some((RoomName::lobby(), None));
    }
    let path = address.strip_prefix("/rooms/")?;
    let path = path.split(['?', '#']).next()?;
    let (room, seq) = match path.split_once('/') {
        Some((room, seq)) => (room, Some(seq.parse().ok()?)),
        None => (path, None),
    };
    let window = system::window()?;
    let decode: Function = system::get(&window, "decodeURIComponent").unchecked_into();
    let room = decode.call1(&window, &room.into()).ok()?.as_string()?;
    Some((RoomName::given_out(&room), seq))
}

fn location() -> Option<String> {
    Some(system::text(&system::location()?, "pathname"))
}
