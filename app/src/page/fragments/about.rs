//! About a room: what it is about, where it is, and the way out of it.

use maud::html;
use protocol::RoomName;
use protocol::limits::TOPIC_CHARS_MAX;

use super::title::titled;
use crate::page::room_names::{address, name_of};
use crate::page_words as words;
use crate::words::Lang;

/// A room.
#[derive(Clone, Debug)]
pub struct About {
    pub room: RoomName,
    /// What it is about; empty for nothing.
    pub topic: String,
    /// Whether whoever asks follows it.
    pub is_followed: bool,
}

/// What there is to say about a room, and to change.
#[must_use]
pub fn about(lang: Lang, about: &About) -> String {
    let words = words::of(lang);
    let fragment = html! {
        (titled(&format!("# {}", name_of(&about.room, lang))))
        form .fragment-form data-act="topic" {
            label for="room-topic" { (words.topic()) }
            input
                id="room-topic"
                name="topic"
                autofocus
                maxlength=(TOPIC_CHARS_MAX)
                autocomplete="off"
                placeholder=(words.topic_hint())
                value=(about.topic);
            button .dialog-button type="submit" { (words.save()) }
        }
        p .room-address {
            span .fragment-hint { (words.address()) }
            " "
            a href=(address(&about.room)) { "/rooms/" (about.room) }
        }
        @if about.is_followed && !about.room.is_lobby() {
            div .room-leave {
                p .fragment-hint { (words.leave_room_why()) }
                button class="dialog-button dialog-danger" type="button" data-act="leave" { (words.leave_room()) }
            }
        }
    };
    fragment.into_string()
}
