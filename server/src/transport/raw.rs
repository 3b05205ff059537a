//! A WebSocket on a plain TCP connection, framed by ourselves: it holds no buffers of its own, and what is published is
//! written past the session.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpStream;

use super::budget::Crumbs;
use super::direct;
use super::incoming::{Incoming, Received, Unreadable};
use super::outlet::Outlet;
use crate::limits::READ_BYTES;

thread_local! {
    /// Where bytes are read into. One for each thread, so that it stays in that core's cache and costs no connection
    /// anything.
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Raw {
    outlet: Arc<Outlet>,
    incoming: Incoming,
}

impl Raw {
    /// A connection that was just upgraded; `read` is what was read beyond the request.
    pub(crate) fn new(stream: TcpStream, read: &[u8]) -> Self {
        let mut incoming = Incoming::default();
        incoming.put(read);
        Self {
            outlet: Arc::new(Outlet::new(stream)),
            incoming,
        }
    }

    pub(crate) const fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
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
            // Polled, not awaited as `readable`: the stream keeps the waker of whoever polled it last, and with that the task
            // which answered the request, until another takes its place.
            if poll_fn(|context| self.outlet.stream().poll_read_ready(context))
                .await
                .is_err()
            {
                return None;
            }
            match self.read() {
                Ok(0) => return None,
                Ok(length) => crumbs.read(length),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    tracing::debug!(%error, "a socket broke off");
                    return None;
                }
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        with_read_buffer(|buffer| {
            let length = direct::read(self.outlet.stream(), buffer)?;
            self.incoming.put(&buffer[..length]);
            Ok(length)
        })
    }

    /// Reads what comes from now on anew, though what came could not be read.
    pub(crate) fn forget_received(&mut self) {
        self.incoming = Incoming::default();
    }

    /// Writes what waits. Dropping the future before it ends loses nothing.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn flush(&self) -> io::Result<()> {
        while !self.outlet.write()? {
            self.outlet.stream().writable().await?;
        }
        Ok(())
    }
}

/// Has bytes read into the thread's buffer.
pub(super) fn with_read_buffer<T>(read: impl FnOnce(&mut [u8]) -> T) -> T {
    READ.with_borrow_mut(|buffer| read(buffer))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Wake, Waker};

    use tokio::net::TcpListener;

    use super::*;

    /// Stands for a task: it lives as long as anything can wake it.
    struct Task;

    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    #[tokio::test]
    async fn the_task_that_answered_the_request_is_not_kept_by_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let is_empty = |error: io::Error| error.kind() == ErrorKind::WouldBlock;
        assert!(stream.try_read(&mut [0]).is_err_and(is_empty));
        let answering = Arc::new(Task);
        let waker = Waker::from(Arc::clone(&answering));
        assert!(
            stream
                .poll_read_ready(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop(waker);
        assert_eq!(Arc::strong_count(&answering), 2, "it waits for the next request");

        let mut raw = Raw::new(stream, &[]);
        let waker = Waker::from(Arc::new(Task));
        let received = pin!(raw.receive());
        assert!(received.poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(Arc::strong_count(&answering), 1);
    }
}
