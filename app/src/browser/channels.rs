//! What is open towards the server: sockets, streams and requests under the client's numbers for them.

use client::tab::Input;
use wasm_bindgen_futures::spawn_local;

use super::driver;
use super::fetch::{self, Request};
use super::socket::Socket;
use super::stream::Stream;

/// What a browser reports for a line that ended without a word (RFC 6455, section 7.1.5).
pub(super) const NO_CLOSE_FRAME: u16 = 1006;

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

/// The open channels: two or three at a time.
#[derive(Default)]
pub(super) struct Channels(Vec<(u32, Channel)>);

impl Channels {
    pub(super) fn open_socket(&mut self, id: u32) {
        self.keep(id, Socket::open(id).map(Channel::Socket));
    }

    pub(super) fn open_stream(&mut self, id: u32, address: &str) {
        let stream = Stream::open(id, address);
        self.keep(id, stream.map(|_stream| Channel::Stream { _stream }));
    }

    pub(super) fn request(&mut self, id: u32, address: String, body: Option<&str>) {
        let request = Request::new();
        let init = request.as_ref().map(|request| request.init(body));
        if let Some(_request) = request {
            self.0.push((id, Channel::Request { _request }));
        }
        spawn_local(async move {
            let text = match init {
                Some(init) => fetch::text(&address, &init).await,
                None => None,
            };
            driver::close(id);
            driver::step(Input::Answer(id, text.as_deref()));
        });
    }

    pub(super) fn send(&self, id: u32, text: String) {
        let socket = self.0.iter().find(|(known, _)| *known == id);
        if let Some((_, Channel::Socket(socket))) = socket {
            socket.send(text);
        }
    }

    /// Closes a channel, if it is open.
    pub(super) fn close(&mut self, id: u32) {
        self.0.retain(|(known, _)| *known != id);
    }

    fn keep(&mut self, id: u32, channel: Option<Channel>) {
        match channel {
            Some(channel) => self.0.push((id, channel)),
            None => spawn_local(async move { driver::step(Input::Closed(id, NO_CLOSE_FRAME)) }),
        }
    }
}
