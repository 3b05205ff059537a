//! About a room: what it is about, where it is, and the way out of it.

use leptos::prelude::*;
use protocol::RoomName;
use protocol::limits::TOPIC_CHARS_MAX;

use super::title::titled;
use crate::page::room_names::{address, name_of};
use crate::page_words as words;
use crate::words::Lang;

/// A room.
#[derive(Clone, Debug)]
pub struct About {
    /// The room.
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
    let leave = about.is_followed.then(|| {
        view! {
            <div class="room-leave">
                <p class="part-hint">{words.leave_room_why()}</p>
                <button class="dialog-button dialog-danger" type="button" data-act="leave">
                    {words.leave_room()}
                </button>
            </div>
        }
    });
    let part = view! {
        {titled(format!("# {}", name_of(&about.room, lang)))}
        <form class="part-form" data-act="topic">
            <label for="room-topic">{words.topic()}</label>
            <input
                id="room-topic"
                name="topic"
                maxlength=TOPIC_CHARS_MAX.to_string()
                autocomplete="off"
                placeholder=words.topic_hint()
                value=about.topic.clone()
            />
            <button class="dialog-button" type="submit">
                {words.save()}
            </button>
        </form>
        <p class="room-address">
            <span class="part-hint">{words.address()}</span>
            " "
            <a href=address(&about.room)>{format!("/rooms/{}", about.room)}</a>
        </p>
        {leave}
    };
    part.to_html()
}
