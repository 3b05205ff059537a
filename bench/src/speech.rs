//! How a client speaks: plainly, as every peer understands it, or in Madang's full protocol.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use protocol::ClientId;

use crate::sockets::Sockets;
use crate::stamp;
use crate::wire::{self, Introduction};

/// One way to speak.
pub(crate) enum Speech {
    /// `{"userId":…,"message":…}`, no subprotocol.
    Plain,
    /// `madang.v1`, with identities from `GET /api/v1/me`.
    Full(ClientIds),
}

impl Speech {
    pub(crate) fn full() -> Self {
        Self::Full(ClientIds::new())
    }

    /// Opens a connection and, in full speech, joins the lobby; each connection is a person of its own.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub(crate) fn open(&self, sockets: &mut Sockets, address: SocketAddr) -> Result<()> {
        match self {
            Self::Plain => sockets.open(address, Introduction::default()),
            Self::Full(_) => {
                let head = wire::get_head(address, "/api/v1/me")?;
                let cookie = wire::cookie_of(&head).context("GET /api/v1/me set no cookie")?;
                let introduction = Introduction {
                    cookie: Some(cookie),
                    subprotocol: Some(protocol::SUBPROTOCOL),
                };
                sockets.open(address, introduction)?;
                sockets.send_text(sockets.len() - 1, br#"{"type":"join","room":"lobby"}"#)?;
                Ok(())
            }
        }
    }

    /// A post that carries its time.
    pub(crate) fn post(&mut self, nanos: u64) -> String {
        let message = stamp::message(nanos);
        match self {
            Self::Plain => format!(r#"{{"userId":"bench","message":"{message}"}}"#),
            Self::Full(ids) => ids.post(&message).1,
        }
    }
}

/// Whether a frame says that something was refused.
pub(crate) fn is_error(text: &[u8]) -> bool {
    text.starts_with(br#"{"type":"error""#)
}

/// Makes ids that never come twice, in this run or another.
pub(crate) struct ClientIds {
    last: u64,
}

impl ClientIds {
    pub(crate) fn new() -> Self {
        Self { last: 0 }
    }

    fn next(&mut self) -> ClientId {
        self.last += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut random = [0; 10];
        random[..2].copy_from_slice(&(now.subsec_nanos() as u16).to_be_bytes());
        random[2..].copy_from_slice(&self.last.to_be_bytes());
        ClientId::from_parts(now.as_millis() as u64, random)
    }

    /// A `post` to the lobby, and the id it is acknowledged by.
    pub(crate) fn post(&mut self, message: &str) -> (ClientId, String) {
        let id = self.next();
        let frame = format!(r#"{{"type":"post","room":"lobby","clientId":"{id}","message":"{message}"}}"#);
        (id, frame)
    }
}
