//! What stands in for the browser on the server, where no effect runs and nobody types: nothing.

pub(crate) use crate::time as clock;

use protocol::ClientId;

use crate::Start;
use crate::chat_app::Chat;

pub(crate) fn connect(_chat: Chat, _start: &Start) {}

pub(crate) fn disconnect() {}

pub(crate) fn send() {}

pub(crate) fn retry(_client_id: ClientId) {}

pub(crate) fn discard(_client_id: ClientId) {}

pub(crate) fn scrolled() {}

pub(crate) fn writing() {}

pub(crate) fn cancel() {}

pub(crate) fn complete(_at: usize) {}

pub(crate) fn composer_key(_key: &str, _shift: bool) -> bool {
    false
}

pub(crate) fn typed() -> Option<String> {
    None
}
