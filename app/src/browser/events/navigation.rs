//! Going from room to room and from message to message without leaving the page: links, Back and Forward.

use std::cell::RefCell;

use client::room::Edge;
use client::tab::Input;
use js_sys::Function;
use leptos::prelude::*;
use protocol::RoomName;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, History};

use super::dialog;
use crate::browser::driver::{self, step};
use crate::browser::render::scroll::Left;
use crate::browser::render::{focus, rendered, scroll, title};
use crate::browser::system::text;
use crate::browser::{composer, dom, system};
use crate::state::TimelineState;

/// Places that are remembered; the one that was left first is forgotten first.
const PLACES_MAX: usize = 50;

thread_local! {
    /// The address of what is shown. When the browser goes back, its own is another one already.
    static HERE: RefCell<String> = const { RefCell::new(String::new()) };
    /// Where the reader was when an address was left.
    static PLACES: RefCell<Vec<(String, Left)>> = const { RefCell::new(Vec::new()) };
}

/// Begins where the page is.
pub(super) fn begin() {
    HERE.set(location().unwrap_or_default());
}

/// Follows a link to a room or a place in one, without leaving the page. Whether it is such a link, of this server.
pub(crate) fn follow(link: &Element) -> bool {
    let origin = system::location().map(|location| text(&location, "origin"));
    let address = text(link, "pathname");
    let is_ours = Some(text(link, "origin")) == origin && text(link, "search").is_empty();
    let Some((room, place)) = parse(&address).filter(|_| is_ours) else {
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

/// Remembers where the reader is, as that of the address that is left, and says where they were when they left this one.
fn leave_for(address: String) -> Option<Left> {
    PLACES.with_borrow_mut(|places| {
        let here = HERE.replace(address);
        places.retain(|(address, _)| *address != here);
        if let Some(left) = scroll::reading() {
            places.push((here, left));
        }
        if places.len() > PLACES_MAX {
            places.remove(0);
        }
        let mut places = places.iter();
        HERE.with_borrow(|here| places.find(|(address, _)| address == here).map(|(_, left)| *left))
    })
}

/// Shows a room, from a place or from its end. Where it is new in the browser's history, with its address.
pub(crate) fn go(room: RoomName, place: Option<u64>, address: Option<&str>) {
    let Some(chat) = driver::chat() else { return };
    composer::store();
    let before = location();
    let left = leave_for(
        address
            .map(String::from)
            .or_else(|| before.clone())
            .unwrap_or_default(),
    );
    // Only Back and Forward lead to where one was.
    let left = left.filter(|_| address.is_none());
    if let Some(address) = address
        && before.as_deref() != Some(address)
        && let Some(history) =
            system::window().map(|window| system::get(&window, "history").unchecked_into::<History>())
    {
        // An open dialog has a step of its own (`page/dialogs.js`), which is this one's now.
        let _ = if system::flag(&history, "state") {
            history.replace_state_with_url(&JsValue::NULL, "", Some(address))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(address))
        };
    }
    let shown = left.map(|left| left.seq).or(place);
    let marked = place.filter(|_| left.is_none());
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
                target: marked,
                ..TimelineState::default()
            });
            composer::change_room(chat);
        });
        title::set(chat);
    }
    if shown.is_none() {
        scroll::to_end();
    }
    rendered::with(|rendered| {
        rendered.addressed = marked;
        rendered.goes_back_to = left;
        rendered.goes_to_end = shown.is_none();
    });
    step(Input::Go(room, shown));
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
