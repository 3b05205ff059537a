//! Where there is no TCP_USER_TIMEOUT, pings and write deadlines have to do.

use tokio::net::TcpStream;

pub(super) fn set(_stream: &TcpStream) {}
