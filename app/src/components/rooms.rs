//! The rooms.

use leptos::prelude::*;

use crate::chat_app::Chat;

/// The list's id, for the button that opens it.
pub(crate) const ROOMS_ID: &str = "rooms";
/// The id of the settings, which the server draws beside the chat.
const SETTINGS_ID: &str = "settings";

/// The rooms, at the left of the chat. Where there is no place for that, they are a popover that a button opens: the
/// browser does it, with a script or without.
#[component]
pub(crate) fn Rooms(chat: Chat, room: String, address: String, is_lobby: bool) -> impl IntoView {
    let words = chat.words;
    let here = |is_here: bool| is_here.then_some("page");
    view! {
        <nav class="rooms" id=ROOMS_ID popover="auto" aria-label=words.rooms()>
            <p class="rooms-brand">{words.brand()}</p>
            <ul class="rooms-list">
                <li>
                    <a class="rooms-link" href="/" aria-current=here(is_lobby)>
                        "# " {words.lobby()}
                    </a>
                </li>
                <li hidden=is_lobby>
                    <a class="rooms-link" href=address aria-current=here(true)>
                        "# " {room}
                    </a>
                </li>
            </ul>
            <button class="rooms-settings icon-settings" type="button" popovertarget=SETTINGS_ID>
                {words.settings()}
            </button>
        </nav>
    }
}
