//! Many WebSockets on one thread: read as they become ready, cut into frames, handed on without a copy.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::wire::{self, Introduction, Kind};

/// Sockets served before the caller looks at its clock again.
const EVENTS_AT_ONCE: usize = 256;
/// The one read buffer all connections share, in bytes.
const READ_BUFFER_BYTES: usize = 256 * 1024;
/// What may wait to be written to one connection, in bytes; a post beyond it is withheld.
const BACKLOG_BYTES_MAX: usize = 16 * 1024;

/// Open connections, by index.
pub(crate) struct Sockets {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    buffer: Box<[u8]>,
}

struct Connection {
    stream: TcpStream,
    /// The beginning of a frame that is not complete yet.
    partial: Vec<u8>,
    /// What the socket did not take at once.
    backlog: Vec<u8>,
}

impl Sockets {
    /// No connection yet.
    ///
    /// # Errors
    /// When the kernel gives no poll.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new().context("opening a poll")?,
            events: Events::with_capacity(EVENTS_AT_ONCE),
            connections: Vec::new(),
            buffer: vec![0; READ_BUFFER_BYTES].into_boxed_slice(),
        })
    }

    /// Opens one more; its index is the number there were before.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub(crate) fn open(&mut self, address: SocketAddr, introduction: Introduction<'_>) -> Result<()> {
        let index = self.connections.len();
        let (stream, rest) =
            wire::open(address, introduction).with_context(|| format!("opening connection {}", index + 1))?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(index), interest)?;
        self.connections.push(Connection {
            stream,
            partial: rest,
            backlog: Vec::new(),
        });
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Sends a text frame. `false` when so much is waiting on that connection already that it was not taken.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(crate) fn send_text(&mut self, index: usize, text: &[u8]) -> Result<bool> {
        let connection = &mut self.connections[index];
        if connection.backlog.len() > BACKLOG_BYTES_MAX {
            return Ok(false);
        }
        wire::put_text(&mut connection.backlog, text);
        connection
            .flush()
            .with_context(|| format!("writing to connection {}", index + 1))?;
        Ok(true)
    }

    /// Waits at most `timeout` for something to arrive and hands every text frame that did to `on_text`, with the
    /// connection's index; returns after at most 256 connections.
    ///
    /// # Errors
    /// When a connection is closed or broken, or speaks what is not understood here.
    pub(crate) fn poll(&mut self, timeout: Duration, mut on_text: impl FnMut(usize, &[u8])) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other.context("waiting for the sockets")?,
        }
        for event in &self.events {
            let index = event.token().0;
            let connection = &mut self.connections[index];
            let result = if event.is_writable() {
                connection.flush()
            } else {
                Ok(())
            };
            result
                .map_err(anyhow::Error::from)
                .and_then(|()| match event.is_readable() {
                    true => connection.read(&mut self.buffer, |text| on_text(index, text)),
                    false => Ok(()),
                })
                .with_context(|| format!("on connection {}", index + 1))?;
        }
        Ok(())
    }
}

impl Connection {
    /// Reads until nothing is left. A read that does not fill the buffer has emptied the socket (epoll(7)).
    fn read(&mut self, buffer: &mut [u8], mut on_text: impl FnMut(&[u8])) -> Result<()> {
        loop {
            let kept = self.partial.len();
            if kept >= buffer.len() {
                bail!("the server sent a frame of more than {kept} bytes");
            }
            buffer[..kept].copy_from_slice(&self.partial);
            let read = match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.partial.clear();
            let filled = kept + read;
            self.cut(&buffer[..filled], &mut on_text)?;
            if filled < buffer.len() {
                return Ok(());
            }
        }
    }

    fn cut(&mut self, mut bytes: &[u8], on_text: &mut impl FnMut(&[u8])) -> Result<()> {
        while let Some(frame) = wire::first_frame(bytes)? {
            match frame.kind {
                Kind::Text => on_text(frame.payload),
                Kind::Ping => {
                    wire::put_pong(&mut self.backlog, frame.payload);
                    self.flush()?;
                }
                Kind::Pong => {}
                Kind::Close => {
                    let code = frame
                        .payload
                        .first_chunk()
                        .map_or(1005, |code| u16::from_be_bytes(*code));
                    bail!("the server closed the connection with {code}");
                }
            }
            bytes = &bytes[frame.len..];
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.backlog.is_empty() {
            match self.stream.write(&self.backlog) {
                Ok(written) => drop(self.backlog.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
