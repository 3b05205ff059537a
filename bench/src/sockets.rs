//! Many WebSockets on one thread: read as they become ready, cut into frames, handed on without a copy.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token};

use crate::wire::{self, Introduction, Kind};

/// Sockets served before the caller looks at its clock again.
const EVENTS_AT_ONCE: usize = 256;
/// The one read buffer all connections share, in bytes.
const READ_BUFFER_BYTES: usize = 256 * 1024;
/// What may wait to be written to one connection, in bytes; a post beyond it is withheld.
const BACKLOG_BYTES_MAX: usize = 16 * 1024;

/// Connections by index: open, on their way, or gone.
pub(crate) struct Sockets {
    poll: Poll,
    events: Events,
    connections: Vec<Option<Connection>>,
    buffer: Box<[u8]>,
    refused: usize,
    /// Those that ended, where that is borne.
    lost: Option<Vec<usize>>,
}

struct Connection {
    stream: TcpStream,
    /// Whether the server has answered that this is a WebSocket.
    is_open: bool,
    /// The beginning of a frame, or of the answer, that is not complete yet.
    partial: Vec<u8>,
    /// What the socket did not take at once.
    backlog: Vec<u8>,
    /// What is to be said once it is open.
    introduction: Vec<u8>,
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
            refused: 0,
            lost: None,
        })
    }

    /// From now on the end of a connection is no error but is [told](Self::take_lost).
    pub(crate) fn bear_loss(&mut self) {
        self.lost.get_or_insert_default();
    }

    /// The connections that have ended since this was asked last, or were not let in.
    pub(crate) fn take_lost(&mut self) -> Vec<usize> {
        self.lost.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Opens one more and waits until it is open; its index is the number there were before.
    ///
    /// # Errors
    /// When the server does not let it in.
    pub(crate) fn open(&mut self, address: SocketAddr, introduction: Introduction<'_>) -> Result<()> {
        let number = self.connections.len() + 1;
        let (stream, rest) =
            wire::open(address, introduction).with_context(|| format!("opening connection {number}"))?;
        stream.set_nonblocking(true)?;
        self.add(TcpStream::from_std(stream), rest, Vec::new(), true)
    }

    /// Begins to open one more, whose index is the number there were before, and waits for nothing. What is sent to it
    /// meanwhile goes out when it is open.
    ///
    /// # Errors
    /// When the kernel gives no socket. A server that does not let it in is counted as a [refusal](Self::refused).
    pub(crate) fn open_soon(&mut self, address: SocketAddr, introduction: Introduction<'_>) -> Result<()> {
        let stream = TcpStream::connect(address).context("opening a socket")?;
        stream.set_nodelay(true)?;
        let request = wire::upgrade_request(address, introduction).into_bytes();
        self.add(stream, Vec::new(), request, false)
    }

    fn add(
        &mut self,
        mut stream: TcpStream,
        partial: Vec<u8>,
        backlog: Vec<u8>,
        is_open: bool,
    ) -> Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(self.connections.len()), interest)?;
        self.connections.push(Some(Connection {
            stream,
            is_open,
            partial,
            backlog,
            introduction: Vec::new(),
        }));
        Ok(())
    }

    /// Cuts a connection off, without a goodbye. Its index is given to no other.
    pub(crate) fn cut(&mut self, index: usize) {
        // Closing a socket takes it out of the poll (epoll(7)).
        self.connections[index] = None;
    }

    /// How many indices were given out.
    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    /// How many connections the server did not let in.
    pub(crate) fn refused(&self) -> usize {
        self.refused
    }

    /// Sends a text frame. `false` when so much is waiting on that connection already that it was not taken, or when it
    /// is gone.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(crate) fn send_text(&mut self, index: usize, text: &[u8]) -> Result<bool> {
        let Some(connection) = &mut self.connections[index] else {
            return Ok(false);
        };
        let waiting = if connection.is_open {
            &mut connection.backlog
        } else {
            &mut connection.introduction
        };
        if waiting.len() > BACKLOG_BYTES_MAX {
            return Ok(false);
        }
        wire::put_text(waiting, text);
        if connection.is_open {
            match connection.flush() {
                // It is told when that is read.
                Err(_) if self.lost.is_some() => return Ok(false),
                flushed => flushed.with_context(|| format!("writing to connection {}", index + 1))?,
            }
        }
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
            let Some(connection) = &mut self.connections[index] else {
                continue;
            };
            let served = connection.serve(event, &mut self.buffer, |text| on_text(index, text));
            match served {
                Ok(()) => {}
                Err(error) if connection.is_open && self.lost.is_none() => {
                    return Err(error.context(format!("on connection {}", index + 1)));
                }
                Err(_) => {
                    self.refused += usize::from(!connection.is_open);
                    self.lost.iter_mut().for_each(|lost| lost.push(index));
                    forget(&mut self.connections[index], self.poll.registry());
                }
            }
        }
        Ok(())
    }
}

fn forget(connection: &mut Option<Connection>, registry: &Registry) {
    if let Some(mut connection) = connection.take() {
        // It is closed with this; a poll that does not know it any more is as it should be.
        let _ = registry.deregister(&mut connection.stream);
    }
}

impl Connection {
    fn serve(
        &mut self,
        event: &mio::event::Event,
        buffer: &mut [u8],
        on_text: impl FnMut(&[u8]),
    ) -> Result<()> {
        if event.is_writable() {
            self.flush()?;
        }
        if event.is_readable() {
            self.read(buffer, on_text)?;
        }
        Ok(())
    }

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
            self.take(&buffer[..filled], &mut on_text)?;
            if filled < buffer.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8], on_text: &mut impl FnMut(&[u8])) -> Result<()> {
        if !self.is_open {
            let Some(end) = wire::head_end(bytes)? else {
                self.partial.extend_from_slice(bytes);
                return Ok(());
            };
            let (head, rest) = bytes.split_at(end);
            if !wire::is_switching(head) {
                bail!(
                    "the server refused the upgrade: {}",
                    String::from_utf8_lossy(head)
                );
            }
            self.is_open = true;
            self.backlog.append(&mut self.introduction);
            self.flush()?;
            bytes = rest;
        }
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
        // What a burst needed is not kept.
        self.backlog = Vec::new();
        Ok(())
    }
}
