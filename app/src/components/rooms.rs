//! The rooms.

use leptos::prelude::*;
use maud::{Markup, html};
use protocol::RoomName;

use crate::shared::html as drawn;
use crate::state::{Chat, Followed};

/// The list's id, for the button that opens it.
pub(crate) const ROOMS_ID: &str = "rooms";
/// The id of the settings, which the server draws beside the chat.
const SETTINGS_ID: &str = "settings";

/// The rooms, at the left of the chat. Where there is no place for that, they are a popover that a button opens: the
/// browser does it, with a script or without.
#[component]
pub(crate) fn Rooms(chat: Chat) -> impl IntoView {
    let label = chat.words.rooms();
    view! {
        <nav class="rooms" id=ROOMS_ID popover="auto" aria-label=label inner_html=drawn(move || rooms(chat))></nav>
    }
}

fn rooms(chat: Chat) -> Markup {
    let words = chat.words;
    html! {
        p .rooms-brand { (words.brand()) }
        ul .rooms-list { (list(chat)) }
        div .rooms-foot {
            a class="rooms-settings icon-find" href="/rooms" data-act="rooms" { (words.find_rooms()) }
            a
                class="rooms-settings rooms-make icon-add"
                href="/rooms#make"
                data-act="rooms"
                title=(words.make_room())
                aria-label=(words.make_room()) {}
            button class="rooms-settings icon-settings" type="button" popovertarget=(SETTINGS_ID) {
                (words.settings())
            }
        }
    }
}

/// The lobby, the rooms we follow, those with something unread first, and the one that is open.
fn list(chat: Chat) -> Markup {
    let (here, rooms) = (chat.room.get(), chat.rooms.get());
    let of = |name: &str| rooms.iter().find(|room| room.name == name);
    let others = |is_unread: bool| {
        let others = rooms.iter().filter(|room| room.name != RoomName::LOBBY);
        others.filter(move |room| (room.unread > 0) == is_unread)
    };
    html! {
        (room(chat, RoomName::LOBBY, of(RoomName::LOBBY), here.is_lobby()))
        @for followed in others(true).chain(others(false)) {
            (room(chat, &followed.name, Some(followed), followed.name == here.as_str()))
        }
        @if !here.is_lobby() && of(here.as_str()).is_none() {
            (room(chat, here.as_str(), None, true))
        }
    }
}

fn room(chat: Chat, name: &str, followed: Option<&Followed>, is_here: bool) -> Markup {
    let words = chat.words;
    let (address, called) = if name == RoomName::LOBBY {
        (String::from("/"), words.lobby())
    } else {
        (client::wire::endpoints::page(name), name)
    };
    html! {
        li {
            a .rooms-link href=(address) aria-current=[is_here.then_some("page")] {
                span .rooms-name { "# " (called) }
                @if let Some(room) = followed.filter(|room| room.unread > 0) {
                    span .rooms-unread .rooms-mentioned[room.is_mentioned] {
                        span aria-hidden="true" { (words.count_of(room.unread)) }
                        span .unseen {
                            (words.unread(room.unread))
                            @if room.is_mentioned { ", " (words.mentioned()) }
                        }
                    }
                }
            }
            @if is_here && name != RoomName::LOBBY {
                button
                    class="rooms-more icon-more"
                    type="button"
                    data-act="room"
                    title=(words.about_room())
                    aria-label=(words.about_room()) {}
            }
        }
    }
}
