//! How the page calls a room, and where it is.

use protocol::RoomName;

use crate::words::Lang;

/// A room's address.
pub(super) fn address(room: &RoomName) -> String {
    if room.is_lobby() {
        String::from("/")
    } else {
        client::wire::endpoints::page(room.as_str())
    }
}

/// What a room is called in the page.
pub(super) fn name_of(room: &RoomName, lang: Lang) -> String {
    if room.is_lobby() {
        lang.words().lobby().to_owned()
    } else {
        room.to_string()
    }
}
