//! The rooms.

use leptos::prelude::*;
use protocol::RoomName;

use crate::html::put;
use crate::shared::text;
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
        <nav class="rooms" id=ROOMS_ID popover="auto" aria-label=label inner_html=text(move || html(chat))></nav>
    }
}

fn html(chat: Chat) -> String {
    let words = chat.words;
    let mut page = String::new();
    put(
        &mut page,
        &[
            "<p class=\"rooms-brand\">",
            words.brand(),
            "</p><ul class=\"rooms-list\">",
        ],
    );
    write_list(&mut page, chat);
    put(
        &mut page,
        &[
            "</ul><a class=\"rooms-settings icon-find\" href=\"/rooms\" data-act=\"rooms\">",
            words.find_rooms(),
            "</a><button class=\"rooms-settings icon-settings\" type=\"button\" popovertarget=\"",
            SETTINGS_ID,
            "\">",
            words.settings(),
            "</button>",
        ],
    );
    page
}

/// The lobby, the rooms we follow, and the one that is open.
fn write_list(page: &mut String, chat: Chat) {
    let here = chat.room.get();
    chat.rooms.with(|rooms| {
        let of = |name: &str| rooms.iter().find(|room| room.name == name);
        write(
            page,
            chat,
            (RoomName::LOBBY, of(RoomName::LOBBY)),
            here.is_lobby(),
        );
        for room in rooms.iter().filter(|room| room.name != RoomName::LOBBY) {
            write(page, chat, (&room.name, Some(room)), room.name == here.as_str());
        }
        if !here.is_lobby() && of(here.as_str()).is_none() {
            write(page, chat, (here.as_str(), None), true);
        }
    });
}

/// Writes a room.
fn write(page: &mut String, chat: Chat, (name, room): (&str, Option<&Followed>), is_here: bool) {
    let words = chat.words;
    let is_lobby = name == RoomName::LOBBY;
    let address = if is_lobby {
        String::from("/")
    } else {
        client::wire::endpoints::page(name)
    };
    put(page, &["<li><a class=\"rooms-link\" href=\"", &address, "\""]);
    if is_here {
        page.push_str(" aria-current=\"page\"");
    }
    let name = if is_lobby { words.lobby() } else { name };
    put(page, &["><span class=\"rooms-name\"># ", name, "</span>"]);
    if let Some(room) = room.filter(|room| room.unread > 0) {
        page.push_str("<span class=\"rooms-unread");
        if room.is_mentioned {
            page.push_str(" rooms-mentioned");
        }
        put(
            page,
            &[
                "\"><span aria-hidden=\"true\">",
                &words.count_of(room.unread),
                "</span><span class=\"unseen\">",
                &words.unread(room.unread),
                "</span></span>",
            ],
        );
    }
    page.push_str("</a></li>");
}
