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
                let person = Person::new(address)?;
                sockets.open(address, person.introduction())?;
                sockets.send_text(sockets.len() - 1, JOIN)?;
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

/// Joins the lobby at its end.
pub(crate) const JOIN: &[u8] = br#"{"type":"join","room":"lobby"}"#;
/// Says that somebody is typing in the lobby.
pub(crate) const TYPING: &[u8] = br#"{"type":"typing","room":"lobby","on":true}"#;

/// Marks the lobby as read up to an event.
pub(crate) fn read_up_to(seq: u64) -> String {
    format!(r#"{{"type":"read","room":"lobby","seq":{seq}}}"#)
}

/// Where a client stands in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) epoch: String,
    /// The last event that it has.
    pub(crate) seq: u64,
    pub(crate) event_id: String,
}

impl Place {
    /// At the event in this frame, if there is one.
    pub(crate) fn at(epoch: &str, text: &[u8]) -> Option<Self> {
        Some(Self {
            epoch: epoch.to_owned(),
            seq: seq_of(text)?,
            event_id: text_of(text, br#","id":""#)?.to_owned(),
        })
    }

    /// Joins the lobby from there.
    pub(crate) fn join(&self) -> String {
        let Self { epoch, seq, event_id } = self;
        format!(r#"{{"type":"join","room":"lobby","epoch":"{epoch}","after":{seq},"eventId":"{event_id}"}}"#)
    }
}

/// Keeps the epoch that a frame tells, unless one is known.
pub(crate) fn note_epoch(text: &[u8], epoch: &mut Option<String>) {
    if epoch.is_none() {
        *epoch = text_of(text, br#""epoch":""#).map(str::to_owned);
    }
}

/// Whether a frame acknowledges this command.
///
/// Told by its beginning: of what everybody says, everybody hears everything, and to look through all of that would be what is
/// measured.
pub(crate) fn acknowledges(text: &[u8], client_id: &str) -> bool {
    let ack = text.strip_prefix(br#"{"type":"ack","clientId":""#);
    ack.is_some_and(|ack| ack.starts_with(client_id.as_bytes()))
}

/// Somebody whom Madang knows.
pub(crate) struct Person {
    cookie: String,
}

impl Person {
    /// Somebody new.
    ///
    /// # Errors
    /// When the server does not say who one is.
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        let head = wire::get_head(address, "/api/v1/me")?;
        let cookie = wire::cookie_of(&head).context("GET /api/v1/me set no cookie")?;
        Ok(Self {
            cookie: cookie.to_owned(),
        })
    }

    /// This many people.
    ///
    /// # Errors
    /// As [`Person::new`].
    pub(crate) fn crowd(address: SocketAddr, count: usize) -> Result<Vec<Self>> {
        (0..count).map(|_| Self::new(address)).collect()
    }

    pub(crate) fn introduction(&self) -> Introduction<'_> {
        Introduction {
            cookie: Some(&self.cookie),
            subprotocol: Some(protocol::SUBPROTOCOL),
        }
    }
}

/// What a frame refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A post, by its `clientId`.
    Post,
    /// Anything else.
    Other,
}

/// What a frame says was refused; `None` when it says nothing of that.
pub(crate) fn refused(text: &[u8]) -> Option<Refused> {
    text.starts_with(br#"{"type":"error""#)
        .then(|| match value_of(text, br#""clientId":""#) {
            Some(_) => Refused::Post,
            None => Refused::Other,
        })
}

/// The place in its room of the event in a frame, if there is one.
pub(crate) fn seq_of(text: &[u8]) -> Option<u64> {
    number_of(text, br#""seq":"#)
}

/// The whole number of a field, whose name is given with what stands before its value.
pub(crate) fn number_of(text: &[u8], field: &[u8]) -> Option<u64> {
    let digits = value_of(text, field)?;
    let end = digits
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(digits.len());
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// The text of a field, whose name is given with what stands before its value.
pub(crate) fn text_of<'a>(text: &'a [u8], field: &[u8]) -> Option<&'a str> {
    let value = value_of(text, field)?;
    let end = value.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&value[..end]).ok()
}

fn value_of<'a>(text: &'a [u8], field: &[u8]) -> Option<&'a [u8]> {
    let place = text.windows(field.len()).position(|window| window == field)?;
    Some(&text[place + field.len()..])
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
