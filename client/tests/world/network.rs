//! The network between the tabs and the server. Each channel keeps its order; everything else may happen.

use std::collections::BTreeMap;

use client::testing::QueuedInput;
use protocol::{ServerFrame, UserId};

use super::World;
use super::clock::Event;
use super::server::{Places, Told};

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
    waits: bool,
    /// Where it stands in the rooms it has joined.
    pub(crate) places: Places,
    told: Told,
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
        let channel = Channel {
            is_request: matches!(upstream, Upstream::Request(..) | Upstream::Fetch(..)),
            fetch,
            is_line: false,
            is_stalled,
            waits: false,
            places: Places::default(),
            told: self.server.told_by_now(),
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
                let mut places = self.take_places(page, id);
                let said = self.server.command(
                    (user_id, self.now),
                    &text,
                    &mut places,
                    &mut self.random,
                    self.faults,
                );
                self.put_places(page, id, places);
                for frame in said {
                    self.down(page, id, text_input(id, None, frame));
                }
            }
        }
        self.fan_out();
    }

    fn take_places(&mut self, page: usize, id: u32) -> Places {
        let channel = self.channels.get_mut(&(page, id));
        channel
            .map(|channel| std::mem::take(&mut channel.places))
            .unwrap_or_default()
    }

    fn put_places(&mut self, page: usize, id: u32, places: Places) {
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.places = places;
        }
    }

    fn begin_line(&mut self, page: usize, id: u32, user_id: UserId, greets: bool) {
        self.lines_opened += 1;
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.is_line = true;
        }
        if greets {
            let frame = self.server.greeting(user_id);
            self.event(page, id, frame);
        }
    }

    fn stream(&mut self, page: usize, id: u32, user_id: UserId, address: &str) {
        let buffered = self.browsers[self.pages[page].browser].buffers_streams;
        let mut said = Vec::new();
        let places = self.server.resume(address, &mut said);
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.places = places;
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
            let places = self.server.resume(address, &mut said);
            let waits = address.contains("wait=");
            let cuts = self.browsers[self.pages[page].browser].cuts_waiting;
            if let Some(channel) = self.channels.get_mut(&(page, id)) {
                channel.places = places;
                channel.waits = waits;
                channel.is_line = waits;
            }
            self.lines_opened += usize::from(waits);
            if !said.is_empty() || !waits {
                let mut places = self.take_places(page, id);
                self.server.pull(&mut places, &mut said);
                let body = self.server.envelope(&places, &said);
                return self.down(page, id, QueuedInput::Answer(id, Some(body)));
            }
            if waits && cuts {
                return self.at(CUT_MS, Event::ChannelIsCut(page, id));
            }
            return self.at(POLL_MS, Event::PollEnds(page, id));
        };
        let mut places = self.server.resume(address, &mut Vec::new());
        let frames: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(body).unwrap();
        assert!(frames.len() <= 100 && body.len() <= 64 * 1024);
        for frame in frames {
            said.extend(self.server.command(
                (user_id, self.now),
                frame.get(),
                &mut places,
                &mut self.random,
                self.faults,
            ));
        }
        let body = self.server.envelope(&places, &said);
        self.down(page, id, QueuedInput::Answer(id, Some(body)));
    }

    /// Somebody without a tab says something, and everybody hears it.
    pub(crate) fn say(&mut self, room: &str, text: &str) -> u64 {
        let seq = self.server.say(room, text);
        self.fan_out();
        seq
    }

    /// Somebody without a tab does something, and everybody hears of it.
    pub(crate) fn act(&mut self, room: &str, frame: &serde_json::Value) {
        self.server.act(room, frame);
        self.fan_out();
    }

    /// Hands on what is new to every line.
    pub(super) fn fan_out(&mut self) {
        let lines: Vec<(usize, u32)> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.is_line)
            .map(|(key, _)| *key)
            .collect();
        let here = self.here();
        for (page, id) in lines {
            if self
                .channels
                .get(&(page, id))
                .is_some_and(|channel| channel.waits)
            {
                self.answer_poll(page, id, false);
                continue;
            }
            let (mut places, mut said) = (self.take_places(page, id), Vec::new());
            self.server.pull(&mut places, &mut said);
            said.extend(self.soft(page, id, &places, &here));
            self.put_places(page, id, places);
            self.chunk(page, id, said);
        }
    }

    fn soft(
        &mut self,
        page: usize,
        id: u32,
        places: &Places,
        here: &BTreeMap<String, Vec<UserId>>,
    ) -> Vec<String> {
        let user_id = self.browsers[self.pages[page].browser].user_id;
        let Some(channel) = self.channels.get_mut(&(page, id)) else {
            return Vec::new();
        };
        self.server
            .pull_soft((user_id, self.now), places, here, &mut channel.told)
    }

    /// Who is in each room.
    fn here(&self) -> BTreeMap<String, Vec<UserId>> {
        let mut here: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        for ((page, _), channel) in &self.channels {
            let user_id = self.browsers[self.pages[*page].browser].user_id;
            for place in channel.places.0.iter().filter(|place| !place.is_quiet) {
                let people = here.entry(place.room.clone()).or_default();
                if !people.contains(&user_id) {
                    people.push(user_id);
                }
            }
        }
        here
    }

    pub(super) fn answer_poll(&mut self, page: usize, id: u32, is_over: bool) {
        if !self
            .channels
            .get(&(page, id))
            .is_some_and(|channel| channel.waits)
        {
            return;
        }
        let (mut places, mut said) = (self.take_places(page, id), Vec::new());
        self.server.pull(&mut places, &mut said);
        if said.is_empty() && !is_over {
            return self.put_places(page, id, places);
        }
        let here = self.here();
        said.extend(self.soft(page, id, &places, &here));
        let body = self.server.envelope(&places, &said);
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.waits = false;
            channel.is_line = false;
        }
        self.down(page, id, QueuedInput::Answer(id, Some(body)));
    }

    /// What is said at once; the cursor comes with the last of it.
    fn chunk(&mut self, page: usize, id: u32, said: Vec<String>) {
        let count = said.len();
        for (at, frame) in said.into_iter().enumerate() {
            if at + 1 == count {
                self.event(page, id, frame);
            } else {
                self.down(page, id, text_input(id, None, frame));
            }
        }
    }

    /// A frame on a socket or a stream.
    fn event(&mut self, page: usize, id: u32, frame: String) {
        let Some(channel) = self.channels.get(&(page, id)) else {
            return;
        };
        let cursor = self.server.cursor(&channel.places);
        self.down(page, id, text_input(id, Some(cursor), frame));
    }

    /// The server says something to a tab.
    fn down(&mut self, page: usize, id: u32, input: QueuedInput) {
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

    /// Every line of this browser breaks.
    pub(crate) fn cut_browser(&mut self, browser: usize) {
        let keys: Vec<(usize, u32)> = self.channels.keys().copied().collect();
        for (page, id) in keys {
            if self.pages[page].browser == browser {
                self.cut(page, id);
            }
        }
    }

    /// The browser loses its network.
    pub(crate) fn go_offline(&mut self, browser: usize) {
        self.browsers[browser].is_offline = true;
        self.cut_browser(browser);
    }

    /// The browser finds a network, and says so to its tabs.
    pub(crate) fn go_online(&mut self, browser: usize) {
        self.browsers[browser].is_offline = false;
        for page in 0..self.pages.len() {
            if self.pages[page].browser == browser && self.pages[page].is_alive {
                self.input(page, 1, QueuedInput::Online);
            }
        }
    }

    /// The server dies and is back after a while. What it had committed it still has.
    pub(crate) fn kill_server(&mut self, down_ms: u64) {
        self.server.is_up = false;
        let keys: Vec<(usize, u32)> = self.channels.keys().copied().collect();
        for (page, id) in keys {
            self.cut(page, id);
        }
        self.at(down_ms, Event::ServerIsBack);
    }

    /// The server ends its lines in good order.
    pub(crate) fn say_bye(&mut self, reconnect_ms: u64) {
        let frame = ServerFrame::Bye {
            code: 1001,
            reconnect_ms,
        };
        let frame = serde_json::to_string(&frame).unwrap();
        let lines: Vec<(usize, u32)> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.is_line && !channel.waits)
            .map(|(key, _)| *key)
            .collect();
        for (page, id) in lines {
            self.event(page, id, frame.clone());
        }
    }

    /// A sign of life on every line, as the server gives one every 20 s.
    pub(crate) fn beat(&mut self) {
        let frame = serde_json::to_string(&ServerFrame::Beat).unwrap();
        let lines: Vec<(usize, u32)> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.is_line && !channel.waits)
            .map(|(key, _)| *key)
            .collect();
        for (page, id) in lines {
            self.event(page, id, frame.clone());
        }
    }

    /// The rooms this browser's lines are joined to, quietly or not, in order of their names.
    pub(crate) fn joined_rooms(&self, browser: usize, is_quiet: bool) -> Vec<String> {
        let lines = self
            .channels
            .iter()
            .filter(|((page, _), _)| self.pages[*page].browser == browser);
        let mut rooms: Vec<String> = lines
            .flat_map(|(_, channel)| &channel.places.0)
            .filter(|place| place.is_quiet == is_quiet)
            .map(|place| place.room.clone())
            .collect();
        rooms.sort();
        rooms
    }

    /// The lines the server has open now.
    pub(crate) fn lines(&self) -> usize {
        self.channels.values().filter(|channel| channel.is_line).count()
    }
}

fn text_input(id: u32, cursor: Option<String>, text: String) -> QueuedInput {
    QueuedInput::Text { id, cursor, text }
}
