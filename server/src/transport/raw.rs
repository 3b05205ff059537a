//! A WebSocket on a plain TCP connection, framed by ourselves: it holds no buffers of its own, and what is published is
//! written past the session.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use protocol::CloseCode;
use tokio::net::TcpStream;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::CloseCode as WireCode;

use super::incoming::{Incoming, Received, Unreadable};
use super::outlet::Outlet;
use crate::limits::{PACKED_BYTES, READ_BYTES};

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
        loop {
            match self.incoming.next() {
                Ok(None) => {}
                Ok(Some(received)) => return Some(Ok(received)),
                Err(unreadable) => return Some(Err(unreadable)),
            }
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
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    tracing::debug!(%error, "a socket broke off");
                    return None;
                }
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        READ.with_borrow_mut(|buffer| {
            let length = self.outlet.stream().try_read(buffer)?;
            self.incoming.put(&buffer[..length]);
            Ok(length)
        })
    }

    /// Puts whole frames behind what waits.
    pub(crate) fn put(&self, frames: impl Iterator<Item = Utf8Bytes>) {
        let mut packed = Vec::new();
        for frame in frames {
            let frame = Bytes::from(frame);
            chat::framing::write_header(frame.len(), &mut packed);
            if frame.len() < PACKED_BYTES {
                packed.extend_from_slice(&frame);
            } else {
                // What is long is shared and not copied.
                self.outlet.put(std::mem::take(&mut packed).into());
                self.outlet.put(frame);
            }
            if packed.len() >= PACKED_BYTES {
                self.outlet.put(std::mem::take(&mut packed).into());
            }
        }
        if !packed.is_empty() {
            self.outlet.put(packed.into());
        }
    }

    pub(crate) fn put_ping(&self) {
        self.put_control(Frame::ping(Bytes::new()));
    }

    pub(crate) fn put_pong(&self, payload: &[u8]) {
        self.put_control(Frame::pong(payload.to_vec()));
    }

    pub(crate) fn put_close(&self, code: CloseCode) {
        self.put_control(Frame::close(Some(CloseFrame {
            code: code.code().into(),
            reason: code.reason().into(),
        })));
    }

    /// Answers the peer's close frame (RFC 6455, section 5.5.1): with the code that came, if that may come.
    pub(crate) fn put_close_answer(&self, payload: &[u8]) {
        let code = match payload {
            [] => None,
            [high, low, reason @ ..] => {
                let code = WireCode::from(u16::from_be_bytes([*high, *low]));
                let is_right = code.is_allowed() && std::str::from_utf8(reason).is_ok();
                Some(if is_right { code } else { WireCode::Protocol })
            }
            [_] => Some(WireCode::Protocol),
        };
        self.put_control(Frame::close(code.map(|code| CloseFrame {
            code,
            reason: "".into(),
        })));
    }

    fn put_control(&self, frame: Frame) {
        let mut bytes = Vec::with_capacity(frame.len());
        // Writing to a Vec cannot fail.
        if frame.format(&mut bytes).is_ok() {
            self.outlet.put(bytes.into());
        }
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

    /// Reads and drops what comes until the peer says goodbye.
    pub(crate) async fn drain(&mut self) {
        loop {
            match self.receive().await {
                None | Some(Ok(Received::Close(_))) => return,
                Some(Ok(_)) => {}
                // What cannot be read is followed by more of it; only its end is of interest.
                Some(Err(_)) => self.incoming = Incoming::default(),
            }
        }
    }
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
