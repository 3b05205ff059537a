//! The title of the page.

use leptos::prelude::*;

use crate::browser::system;
use crate::state::Chat;

/// Writes the title: the room, and how much is unread.
pub(crate) fn set(chat: Chat) {
    let room = chat.room.get_untracked();
    let mut title = String::new();
    let unread: u64 = chat
        .rooms
        .with_untracked(|rooms| rooms.iter().map(|room| room.unread).sum());
    if unread > 0 {
        title = ["(", &*chat.words.count_of(unread), ") "].concat();
    }
    if !room.is_lobby() {
        title += room.as_str();
        title += " · ";
    }
    title += chat.words.heading();
    system::set(&document(), "title", &title.into());
}
