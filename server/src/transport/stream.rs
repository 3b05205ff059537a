//! A WebSocket on a stream of an HTTP/2 connection (RFC 8441), framed by ourselves as those on plain TCP are.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::budget::Crumbs;
use super::incoming::{Incoming, Received, Unreadable};
use super::raw::with_read_buffer;

/// One stream.
#[derive(Debug)]
pub(crate) struct Stream {
    io: TokioIo<Upgraded>,
    incoming: Incoming,
    /// What has to be written before anything else.
    waiting: VecDeque<Bytes>,
}

impl Stream {
    pub(crate) fn new(upgraded: Upgraded) -> Self {
        Self {
            io: TokioIo::new(upgraded),
            incoming: Incoming::default(),
            waiting: VecDeque::new(),
        }
    }

    /// The next message; `None` when there will be no more. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> Option<Result<Received, Unreadable>> {
        let mut crumbs = Crumbs::default();
        loop {
            match self.incoming.next() {
                Ok(None) => {}
                Ok(Some(received)) => return Some(Ok(received)),
                Err(unreadable) => return Some(Err(unreadable)),
            }
            crumbs.pause().await;
            match self.read().await {
                Ok(0) => return None,
                Ok(length) => crumbs.read(length),
                Err(error) => {
                    tracing::debug!(%error, "a socket broke off");
                    return None;
                }
            }
        }
    }

    /// Reads what comes from now on anew, though what came could not be read.
    pub(crate) fn forget_received(&mut self) {
        self.incoming = Incoming::default();
    }

    /// Puts bytes behind what waits.
    pub(crate) fn put(&mut self, bytes: Bytes) {
        self.waiting.push_back(bytes);
    }

    pub(crate) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Writes what waits. Dropping the future before it ends loses nothing.
    ///
    /// # Errors
    /// When the stream is gone.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|context| {
            while let Some(bytes) = self.waiting.front_mut() {
                let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
                if written == 0 && !bytes.is_empty() {
                    return Poll::Ready(Err(ErrorKind::WriteZero.into()));
                }
                bytes.advance(written);
                if bytes.is_empty() {
                    self.waiting.pop_front();
                }
            }
            // What came in a burst is not kept.
            self.waiting = VecDeque::new();
            Pin::new(&mut self.io).poll_flush(context)
        })
        .await
    }

    /// Says that nothing more will be written.
    pub(crate) async fn end(&mut self) {
        let _ = poll_fn(|context| Pin::new(&mut self.io).poll_shutdown(context)).await;
    }

    async fn read(&mut self) -> io::Result<usize> {
        poll_fn(|context| {
            with_read_buffer(|buffer| {
                let mut read = ReadBuf::new(buffer);
                ready!(Pin::new(&mut self.io).poll_read(context, &mut read))?;
                self.incoming.put(read.filled());
                Poll::Ready(Ok(read.filled().len()))
            })
        })
        .await
    }
}
