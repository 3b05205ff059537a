//! What carries a client's words: sockets, streams and requests, as a browser has them, over real connections.
//!
//! Every channel is a task that reports what happens on it as an [`Event`], and ends when its handle is dropped.

mod http;
mod socket;
mod stream;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use http::Pool;

/// Frames that wait to be written to a socket.
const TO_SEND_MAX: usize = 256;
/// Events that wait for the client to look at them; a client that is behind makes its channels wait.
pub const EVENTS_MAX: usize = 1_024;

/// Something that happened on a channel.
#[derive(Debug)]
pub enum Event {
    /// The socket opened.
    Opened,
    /// A frame arrived; on a stream, with the cursor behind it.
    Text(String, Option<String>),
    /// The socket or stream ended with this close code; 1006 where there was none.
    Closed(u16),
    /// The request was answered: the body of a 200, or nothing.
    Answer(Option<String>),
}

/// Where events go: with the channel's number.
pub type Events = mpsc::Sender<(u64, Event)>;

/// One browser's way to the network: its cookie, and the connections it keeps open.
#[derive(Clone, Debug)]
pub struct Network(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: SocketAddr,
    cookie: Mutex<Option<String>>,
    pool: Pool,
    events: Events,
}

/// A channel; dropping it ends it.
#[derive(Debug)]
pub struct Channel {
    task: JoinHandle<()>,
    to_send: Option<mpsc::Sender<String>>,
}

impl Network {
    /// A browser that has never been here.
    #[must_use]
    pub fn new(address: SocketAddr, events: Events) -> Self {
        Self(Arc::new(Inner {
            address,
            cookie: Mutex::default(),
            pool: Pool::default(),
            events,
        }))
    }

    /// Opens a WebSocket of full clients.
    #[must_use]
    pub fn socket(&self, id: u64) -> Channel {
        let (to_send, from_client) = mpsc::channel(TO_SEND_MAX);
        let network = self.clone();
        let task = tokio::spawn(async move {
            let code = socket::run(&network, id, from_client).await;
            network.report(id, Event::Closed(code)).await;
        });
        Channel {
            task,
            to_send: Some(to_send),
        }
    }

    /// Opens an event stream.
    #[must_use]
    pub fn stream(&self, id: u64, path: String) -> Channel {
        let network = self.clone();
        let task = tokio::spawn(async move {
            stream::run(&network, id, &path).await;
            network.report(id, Event::Closed(1006)).await;
        });
        Channel { task, to_send: None }
    }

    /// Makes a request: a POST where there is a body, else a GET.
    #[must_use]
    pub fn request(&self, id: u64, path: String, body: Option<String>) -> Channel {
        let network = self.clone();
        let task = tokio::spawn(async move {
            let answer = network.fetch(&path, body).await;
            network.report(id, Event::Answer(answer)).await;
        });
        Channel { task, to_send: None }
    }

    /// Makes a request and waits for the body of its 200; `None` for anything else.
    pub async fn fetch(&self, path: &str, body: Option<String>) -> Option<String> {
        http::fetch(self, path, body).await
    }

    async fn report(&self, id: u64, event: Event) {
        // A client that is gone hears nothing more.
        let _ = self.0.events.send((id, event)).await;
    }

    fn cookie(&self) -> Option<String> {
        let cookie = self.0.cookie.lock().unwrap_or_else(PoisonError::into_inner);
        cookie.clone()
    }

    fn keep_cookie(&self, set_cookie: &str) {
        let pair = set_cookie.split(';').next().unwrap_or_default();
        let mut cookie = self.0.cookie.lock().unwrap_or_else(PoisonError::into_inner);
        *cookie = Some(pair.to_owned());
    }
}

impl Channel {
    /// Sends a text on a socket. One whose peer takes nothing loses it, which its end will say.
    pub fn send(&self, text: String) {
        if let Some(to_send) = &self.to_send
            && to_send.try_send(text).is_err()
        {
            self.task.abort();
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.task.abort();
    }
}
