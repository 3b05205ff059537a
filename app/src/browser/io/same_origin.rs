//! The server is the page's own origin.

use crate::browser::system;

/// The address of the WebSocket, which is told how the rooms are.
pub(super) fn socket_address() -> Option<String> {
    let location = system::location()?;
    let scheme = match &*system::text(&location, "protocol") {
        "https:" => "wss://",
        _ => "ws://",
    };
    Some(scheme.to_owned() + &system::text(&location, "host") + "/ws?rooms=true")
}
