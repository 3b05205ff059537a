//! The network between the tabs and the server. Each channel keeps its order; everything else may happen.

use client::testing::QueuedInput;
use protocol::UserId;

use super::World;
use super::clock::Event;
use super::server::{Command, SentEphemeral, Subscriptions};

/// One way through the network, in milliseconds.
const LATENCY_MS: u64 = 20;
/// How long the server lets a poll wait.
const POLL_MS: u64 = 25_000;
/// How long a network that cuts waiting requests lets them wait.
const CUT_MS: u64 = 1_000;

/// How often something goes wrong: once in so many frames, never for 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// The line breaks before the server hears.
    pub(crate) cut_up: u64,
    /// The line breaks between what the server did and what it says about it.
    pub(crate) cut_down: u64,
    /// The same, just when an `ack` is to be said.
    pub(crate) cut_acks: u64,
    /// The line falls silent without an end.
    pub(crate) stall: u64,
    /// The server is busy.
    pub(crate) busy: u64,
}

/// What a tab sends.
#[derive(Clone, Debug)]
pub(crate) enum Upstream {
    Socket,
    Stream(String),
    Request(String, Option<String>),
    /// A plain request for what does not belong to a line.
    Fetch(u32, String),
    Frame(String),
}

/// What is open between a tab and the server.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) is_request: bool,
    /// The number of the fetch that it is.
    fetch: Option<u32>,
    /// Whether it is a line that events come by.
    pub(crate) is_line: bool,
    pub(crate) is_stalled: bool,
    /// Whether the server answers it when there is an event.
    pub(super) waits: bool,
    /// The rooms it has joined.
    pub(crate) subscriptions: Subscriptions,
    pub(super) sent_ephemeral: SentEphemeral,
    /// How rooms are, about to be told.
    pub(super) rooms: Option<String>,
    arrives: u64,
}

impl World {
    /// Opens a channel, or fails to.
    pub(super) fn dial(&mut self, page: usize, id: u32, upstream: Upstream) {
        let browser = &self.browsers[self.pages[page].browser];
        let is_socket = matches!(upstream, Upstream::Socket);
        let is_stalled = is_socket && browser.swallows_sockets;
        let fetch = match &upstream {
            Upstream::Fetch(id, _) => Some(*id),
            _ => None,
        };
        let refused = browser.is_offline || !self.server.is_up || (is_socket && browser.blocks_sockets);
        let user_id = browser.user_id;
        let channel = Channel {
            is_request: matches!(upstream, Upstream::Request(..) | Upstream::Fetch(..)),
            fetch,
            is_line: false,
            is_stalled,
            waits: false,
            subscriptions: Subscriptions::default(),
            sent_ephemeral: self.server.ephemeral_now((page, id), user_id),
            rooms: None,
            arrives: self.now,
        };
        self.channels.insert((page, id), channel);
        if refused {
            self.cut(page, id);
        } else {
            self.send_up(page, id, upstream);
        }
    }

    pub(super) fn send_up(&mut self, page: usize, id: u32, upstream: Upstream) {
        let jitter = self.random.below(LATENCY_MS);
        let now = self.now;
        let Some(channel) = self.channels.get_mut(&(page, id)) else {
            return;
        };
        channel.arrives = channel.arrives.max(now + LATENCY_MS + jitter);
        let after = channel.arrives - now;
        self.at(after, Event::Upstream(page, id, upstream));
    }

    /// Something reaches the server, unless its line broke meanwhile.
    pub(super) fn arrive(&mut self, page: usize, id: u32, upstream: Upstream) {
        let is_open = self
            .channels
            .get(&(page, id))
            .is_some_and(|channel| !channel.is_stalled);
        if !is_open {
            return;
        }
        if self.random.once_in(self.faults.cut_up) {
            self.cut(page, id);
            return;
        }
        let user_id = self.browsers[self.pages[page].browser].user_id;
        match upstream {
            Upstream::Socket => {
                self.down(page, id, QueuedInput::Opened(id));
                self.begin_line(page, id, user_id, true);
            }
            Upstream::Stream(address) => self.stream(page, id, user_id, &address),
            Upstream::Request(address, body) => self.request(page, id, user_id, &address, body.as_deref()),
            Upstream::Fetch(number, address) => {
                let body = self.server.get(user_id, &address);
                self.down(page, id, QueuedInput::Fetched(number, Some(body)));
            }
            Upstream::Frame(text) => {
                let mut subscriptions = self.take_subscriptions(page, id);
                let said = self.server.command(
                    Command {
                        author: user_id,
                        now: self.now,
                        text: &text,
                        line: Some((page, id)),
                    },
                    &mut subscriptions,
                    &mut self.random,
                    self.faults,
                );
                self.put_subscriptions(page, id, subscriptions);
                for frame in said {
                    self.down(page, id, text_input(id, None, frame));
                }
            }
        }
        self.fan_out();
    }

    pub(super) fn take_subscriptions(&mut self, page: usize, id: u32) -> Subscriptions {
        let channel = self.channels.get_mut(&(page, id));
        channel
            .map(|channel| std::mem::take(&mut channel.subscriptions))
            .unwrap_or_default()
    }

    pub(super) fn put_subscriptions(&mut self, page: usize, id: u32, subscriptions: Subscriptions) {
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.subscriptions = subscriptions;
        }
    }

    fn stream(&mut self, page: usize, id: u32, user_id: UserId, address: &str) {
        let buffered = self.browsers[self.pages[page].browser].buffers_streams;
        let mut said = Vec::new();
        let subscriptions = self.server.resume(address, &mut said);
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.subscriptions = subscriptions;
            channel.is_stalled |= buffered;
        }
        self.begin_line(page, id, user_id, true);
        for frame in said {
            self.event(page, id, frame);
        }
    }

    fn request(&mut self, page: usize, id: u32, user_id: UserId, address: &str, body: Option<&str>) {
        let mut said = Vec::new();
        let Some(body) = body else {
            if address == "/api/v1/me" {
                return self.down(page, id, QueuedInput::Answer(id, Some("{}".to_owned())));
            }
            if !address.contains("cursor=") {
                said.push(self.server.greeting(user_id));
            }
            let subscriptions = self.server.resume(address, &mut said);
            let waits = address.contains("wait=");
            let cuts = self.browsers[self.pages[page].browser].cuts_waiting;
            if let Some(channel) = self.channels.get_mut(&(page, id)) {
                channel.subscriptions = subscriptions;
                channel.waits = waits;
                channel.is_line = waits;
            }
            self.lines_opened += usize::from(waits);
            if !said.is_empty() || !waits {
                let mut subscriptions = self.take_subscriptions(page, id);
                self.server.pull(&mut subscriptions, &mut said);
                let body = self.server.envelope(&subscriptions, &said);
                return self.down(page, id, QueuedInput::Answer(id, Some(body)));
            }
            if waits && cuts {
                return self.at(CUT_MS, Event::ChannelIsCut(page, id));
            }
            return self.at(POLL_MS, Event::PollEnds(page, id));
        };
        let mut subscriptions = self.server.resume(address, &mut Vec::new());
        let frames: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(body).unwrap();
        assert!(frames.len() <= 100 && body.len() <= 64 * 1024);
        for frame in frames {
            said.extend(self.server.command(
                Command {
                    author: user_id,
                    now: self.now,
                    text: frame.get(),
                    line: None,
                },
                &mut subscriptions,
                &mut self.random,
                self.faults,
            ));
        }
        let body = self.server.envelope(&subscriptions, &said);
        self.down(page, id, QueuedInput::Answer(id, Some(body)));
    }

    /// The server says something to a tab.
    pub(super) fn down(&mut self, page: usize, id: u32, input: QueuedInput) {
        let is_ack = matches!(&input, QueuedInput::Text { text, .. } | QueuedInput::Answer(_, Some(text)) if text.contains("\"ack\""));
        let cuts = if is_ack { self.faults.cut_acks } else { 0 };
        if self.random.once_in(self.faults.cut_down) || self.random.once_in(cuts) {
            return self.cut(page, id);
        }
        let is_stalled = self.random.once_in(self.faults.stall);
        let jitter = self.random.below(LATENCY_MS);
        let now = self.now;
        let Some(channel) = self.channels.get_mut(&(page, id)) else {
            return;
        };
        channel.is_stalled |= is_stalled;
        if channel.is_stalled {
            return;
        }
        channel.arrives = channel.arrives.max(now + LATENCY_MS + jitter);
        let after = channel.arrives - now;
        if channel.is_request {
            self.channels.remove(&(page, id));
        }
        self.input(page, after, input);
    }

    /// The channel breaks; what is on its way on it may still arrive, nothing after it does.
    pub(crate) fn cut(&mut self, page: usize, id: u32) {
        let Some(channel) = self.channels.remove(&(page, id)) else {
            return;
        };
        let after = channel.arrives.max(self.now + 1) - self.now;
        let input = match (channel.fetch, channel.is_request) {
            (Some(fetch), _) => QueuedInput::Fetched(fetch, None),
            (None, true) => QueuedInput::Answer(id, None),
            (None, false) => QueuedInput::Closed(id, 1006),
        };
        self.input(page, after, input);
    }
}

pub(super) fn text_input(id: u32, cursor: Option<String>, text: String) -> QueuedInput {
    QueuedInput::Text { id, cursor, text }
}
