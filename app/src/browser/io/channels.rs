//! What is open towards the server: sockets, streams and requests, under the client's numbers for them.

use std::cell::RefCell;
use std::rc::Rc;

use client::tab::Input;
use wasm_bindgen_futures::spawn_local;

use super::fetch::{self, Request};
use super::report::Report;
use super::socket::Socket;
use super::stream::{NO_CLOSE_FRAME, Stream};
use crate::browser::system;

enum Channel {
    Socket(Socket),
    /// Kept only to be closed.
    Stream {
        _stream: Stream,
    },
    /// Kept only to be aborted.
    Request {
        _request: Request,
    },
}

/// The open channels by number: two or three at a time.
type Open = RefCell<Vec<(u32, Channel)>>;

/// The open channels.
pub(crate) struct Channels {
    open: Rc<Open>,
    report: Report,
}

impl Channels {
    pub(super) fn new(report: Report) -> Self {
        Self {
            open: Rc::default(),
            report,
        }
    }

    pub(crate) fn open_socket(&self, id: u32) {
        self.keep(id, Socket::open(id, self.report).map(Channel::Socket));
    }

    pub(crate) fn open_stream(&self, id: u32, address: &str) {
        let stream = Stream::open(id, address, self.report);
        self.keep(id, stream.map(|_stream| Channel::Stream { _stream }));
    }

    pub(crate) fn request(&self, id: u32, address: String, body: Option<&str>) {
        let request = Request::new();
        let init = request.as_ref().map(|request| request.init(body));
        if let Some(_request) = request {
            self.open.borrow_mut().push((id, Channel::Request { _request }));
        }
        let (open, report) = (Rc::clone(&self.open), self.report);
        spawn_local(async move {
            let answer = match init {
                Some(init) => fetch::head(&address, &init).await,
                None => None,
            };
            let mut text = None;
            if let Some(answer) = &answer {
                let status = system::number(answer, "status") as u16;
                if status != 200 {
                    close(&open, id);
                    report(Input::RequestRefused {
                        id,
                        status,
                        retry_after_ms: fetch::retry_after(answer).saturating_mul(1_000),
                    });
                    return;
                }
                text = fetch::body(answer).await;
            }
            close(&open, id);
            report(Input::Answer(id, text.as_deref()));
        });
    }

    pub(crate) fn send(&self, id: u32, text: String) {
        let open = self.open.borrow();
        let socket = open.iter().find(|(known, _)| *known == id);
        if let Some((_, Channel::Socket(socket))) = socket {
            socket.send(text);
        }
    }

    /// Closes a channel, if it is open.
    pub(crate) fn close(&self, id: u32) {
        close(&self.open, id);
    }

    fn keep(&self, id: u32, channel: Option<Channel>) {
        let report = self.report;
        match channel {
            Some(channel) => self.open.borrow_mut().push((id, channel)),
            None => spawn_local(async move { report(Input::Closed(id, NO_CLOSE_FRAME)) }),
        }
    }
}

fn close(open: &Open, id: u32) {
    open.borrow_mut().retain(|(known, _)| *known != id);
}
