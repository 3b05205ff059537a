//! What stands in for the browser on the server, where no effect runs and nobody types: nothing.

use crate::Start;
use crate::chat_app::Chat;

pub(crate) fn connect(_chat: Chat, _start: &Start) {}

pub(crate) fn disconnect() {}

pub(crate) fn post(_text: String) {}

pub(crate) fn show_older() {}

pub(crate) fn minutes_east(_at: u64) -> i32 {
    0
}

pub(crate) fn typed() -> Option<String> {
    None
}
