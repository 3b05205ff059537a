//! What stands in for the browser on the server, where no effect runs and nobody types: nothing.

pub(crate) use crate::time as clock;

use crate::start::Start;
use crate::state::Chat;

pub(crate) fn connect_soon(_chat: Chat, _start: Start) {}

pub(crate) fn disconnect() {}

pub(crate) fn scrolled() {}

pub(crate) fn has_marks() -> bool {
    false
}

pub(crate) fn marked(_text: &str, _chat: Chat) -> Option<String> {
    None
}

pub(crate) fn typed() -> Option<String> {
    None
}
