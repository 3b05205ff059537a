//! The server listens beside Trunk: Trunk's proxy drops the subprotocol, so the socket goes straight to the server.

use crate::browser::system;

/// The address of the WebSocket.
pub(super) fn socket_address() -> Option<String> {
    let host = system::text(&system::location()?, "hostname");
    Some("ws://".to_owned() + &host + ":8080/ws?rooms=true")
}
