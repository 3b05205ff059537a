//! A plain TCP connection that speaks WebSocket, as those see it who write to it: the session when it has something to say,
//! and the threads that hand out what is published while it has not.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf as _, Bytes};
use chat::{News, Next, Offered, Place, Wants};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The connection and all that is on its way to it. Every byte is owned here from the moment somebody wants it written:
/// nothing is ever written before what was begun has ended, and no write can be cancelled half-way.
#[derive(Debug)]
pub(crate) struct Outlet {
    stream: TcpStream,
    outbound: Mutex<Outbound>,
}

#[derive(Debug)]
struct Outbound {
    /// What was not written yet. Empty while the outlet is open.
    waiting: VecDeque<Bytes>,
    /// Whether those who hand out may write: the session has nothing to say and has looked whether it missed anything.
    is_open: bool,
    /// When something was last written.
    last_said: Instant,
}

impl Outlet {
    /// A closed one.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            outbound: Mutex::new(Outbound {
                waiting: VecDeque::new(),
                is_open: false,
                last_said: Instant::now(),
            }),
        }
    }

    pub(crate) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Lets those who hand out write, unless something waits still. Whoever opens has to look afterwards whether something
    /// was published before.
    pub(crate) fn open(&self) {
        let mut outbound = self.lock();
        outbound.is_open = outbound.waiting.is_empty();
    }

    /// From here on nobody writes but the caller.
    pub(crate) fn close(&self) {
        self.lock().is_open = false;
    }

    /// When something was last written.
    pub(crate) fn last_said(&self) -> Instant {
        self.lock().last_said
    }

    /// Whether something waits to be written.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// Puts bytes behind what waits. The outlet has to be closed.
    pub(crate) fn put(&self, bytes: Bytes) {
        self.lock().waiting.push_back(bytes);
    }

    /// Writes what waits, as far as the system takes it now; true when nothing waits any more. The outlet has to be closed.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) fn write(&self) -> io::Result<bool> {
        let mut outbound = self.lock();
        while let Some(bytes) = outbound.waiting.front_mut() {
            match self.stream.try_write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => bytes.advance(written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
            if bytes.is_empty() {
                outbound.waiting.pop_front();
            }
        }
        // A burst's places are not kept.
        outbound.waiting = VecDeque::new();
        outbound.last_said = Instant::now();
        Ok(true)
    }

    /// A panic while the lock is held cannot leave this half-changed: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Outbound> {
        self.outbound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl chat::Outlet for Outlet {
    fn offer(&self, news: &News, place: &Place, wants: Wants) -> Offered {
        let mut outbound = self.lock();
        if !outbound.is_open {
            // It looks for itself when it opens.
            return Offered::Settled;
        }
        let (mut bytes, last) = match news.after(place.seq(), wants) {
            Next::Nothing => return Offered::Settled,
            Next::Elsewhere => return Offered::Wake,
            Next::Bytes(bytes, last) => (bytes, last),
        };
        if bytes.is_empty() {
            place.set(last);
            return Offered::Settled;
        }
        match self.stream.try_write(&bytes) {
            Ok(written) => {
                place.set(last);
                bytes.advance(written);
            }
            // Nothing of it was written: the session takes it from the cursor.
            Err(_) => {
                outbound.is_open = false;
                return Offered::Wake;
            }
        }
        if bytes.is_empty() {
            outbound.last_said = Instant::from_std(news.at());
            return Offered::Settled;
        }
        outbound.waiting.push_back(bytes);
        outbound.is_open = false;
        Offered::Wake
    }
}
