//! A WebSocket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use client::tab::Input;
use futures_util::{Sink, Stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use protocol::SUBPROTOCOL;
use wasm_bindgen_futures::spawn_local;

use super::origin;
use super::report::Report;

/// An open or opening socket. Dropping it closes it.
pub(super) struct Socket(Rc<RefCell<WebSocket>>);

impl Socket {
    /// Opens a socket whose frames and end are reported under this number.
    pub(super) fn open(id: u32, report: Report) -> Option<Self> {
        let socket = WebSocket::open_with_protocol(&origin::socket_address()?, SUBPROTOCOL).ok()?;
        let socket = Rc::new(RefCell::new(socket));
        spawn_local(read(id, Rc::downgrade(&socket), report));
        Some(Self(socket))
    }

    /// Sends a text. Nothing is sent before a frame was received, so the socket is open; if it closed meanwhile, its
    /// end is on its way to us.
    pub(super) fn send(&self, text: String) {
        let _ = Pin::new(&mut *self.0.borrow_mut()).start_send(Message::Text(text));
    }
}

/// Reports that the socket opened, if it does, and then every frame, at once: the socket queues them without bound.
async fn read(id: u32, socket: Weak<RefCell<WebSocket>>, report: Report) {
    // It is ready when it was refused, too.
    let has_opened = poll_fn(|context| match socket.upgrade() {
        Some(socket) => {
            let mut socket = socket.borrow_mut();
            let ready = Pin::new(&mut *socket).poll_ready(context);
            ready.map(|_| matches!(socket.state(), State::Open))
        }
        None => Poll::Ready(false),
    });
    if has_opened.await {
        report(Input::Opened(id));
    }
    loop {
        let next = poll_fn(|context| match socket.upgrade() {
            Some(socket) => Pin::new(&mut *socket.borrow_mut()).poll_next(context),
            None => Poll::Ready(None),
        });
        match next.await {
            Some(Ok(Message::Text(text))) => report(Input::Text {
                id,
                cursor: None,
                text: &text,
            }),
            Some(Err(WebSocketError::ConnectionClose(close))) => {
                report(Input::Closed(id, close.code));
            }
            // An error is followed by a close; binary frames are nothing we know.
            Some(_) => {}
            None => return,
        }
    }
}
