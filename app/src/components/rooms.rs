//! The rooms.

use client::rooms::Room;
use leptos::prelude::*;
use protocol::RoomName;

use crate::chat_app::Chat;

/// The list's id, for the button that opens it.
pub(crate) const ROOMS_ID: &str = "rooms";
/// The id of the settings, which the server draws beside the chat.
const SETTINGS_ID: &str = "settings";

/// The rooms, at the left of the chat. Where there is no place for that, they are a popover that a button opens: the
/// browser does it, with a script or without.
#[component]
pub(crate) fn Rooms(chat: Chat) -> impl IntoView {
    let words = chat.words;
    view! {
        <nav class="rooms" id=ROOMS_ID popover="auto" aria-label=words.rooms()>
            <p class="rooms-brand">{words.brand()}</p>
            <ul class="rooms-list">
                <For each=move || entries(chat) key=Entry::clone children=move |entry| entry.view(chat) />
            </ul>
            <a class="rooms-settings icon-find" href="/rooms" data-act="rooms">
                {words.find_rooms()}
            </a>
            <button class="rooms-settings icon-settings" type="button" popovertarget=SETTINGS_ID>
                {words.settings()}
            </button>
        </nav>
    }
}

/// A room in the list.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Entry {
    name: String,
    is_here: bool,
    unread: u64,
    is_mentioned: bool,
}

/// The lobby, the rooms we follow, and the one that is open.
fn entries(chat: Chat) -> Vec<Entry> {
    let here = chat.room.get().to_string();
    let mut names = vec![String::from(RoomName::LOBBY)];
    let entry = |name: String, room: Option<&Room>| Entry {
        is_here: name == here,
        unread: room.map_or(0, |room| room.unread),
        is_mentioned: room.is_some_and(Room::is_mentioned),
        name,
    };
    chat.rooms.with(|rooms| {
        for name in rooms.iter().map(|room| &room.name).chain([&here]) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let of = |name: &String| rooms.iter().find(|room| room.name == *name);
        names
            .into_iter()
            .map(|name| {
                let room = of(&name);
                entry(name, room)
            })
            .collect()
    })
}

impl Entry {
    fn view(self, chat: Chat) -> impl IntoView + use<> {
        let words = chat.words;
        let is_lobby = self.name == RoomName::LOBBY;
        let address = if is_lobby {
            String::from("/")
        } else {
            client::address::page(&self.name)
        };
        let name = if is_lobby {
            words.lobby().to_owned()
        } else {
            self.name
        };
        let unread = (self.unread > 0).then(|| {
            let class = if self.is_mentioned {
                "rooms-unread rooms-mentioned"
            } else {
                "rooms-unread"
            };
            view! {
                <span class=class>
                    <span aria-hidden="true">{words.count_of(self.unread)}</span>
                    <span class="unseen">{words.unread(self.unread)}</span>
                </span>
            }
        });
        view! {
            <li>
                <a class="rooms-link" href=address aria-current=self.is_here.then_some("page")>
                    <span class="rooms-name">"# " {name}</span>
                    {unread}
                </a>
            </li>
        }
    }
}
