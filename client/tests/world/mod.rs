//! A small world to run tabs in: browsers with their tabs, their storage and their locks, a network that loses what it
//! likes, and a server that is killed. Everything happens in virtual time and from one seed, so a failing story can be
//! told again.

#![allow(dead_code, reason = "each test uses the part of the world it needs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "clippy sees a test only in the function that is one"
)]

mod browser;
mod clock;
pub(crate) mod conversation;
pub(crate) mod followed;
mod host;
mod inspect;
mod judge;
mod lines;
mod network;
mod others;
mod page;
mod server;

use std::collections::BTreeMap;

use client::model::{HistoryPage, Part, Transports};
use client::tab::Config;
use client::testing::{QueuedInput, Random, TabLock};
use protocol::{RoomName, UserId};

use clock::Event;
use page::OpenPage;

pub(crate) use browser::Browser;
pub(crate) use network::{Channel, Faults};
pub(crate) use server::Server;

/// The seeds of a story's tellings, each said, so that a failing test shows it: so many, as many as the environment's
/// `STORIES` says, or the one that `SEED` says.
pub(crate) fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let asked = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let only: Option<u64> = asked("SEED");
    let range = match only {
        Some(seed) => seed..seed + 1,
        None => 0..asked("STORIES").unwrap_or(count),
    };
    range.inspect(|seed| println!("seed {seed}"))
}

/// Browsers, their pages, the network and the server.
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) random: Random,
    pub(crate) server: Server,
    pub(crate) faults: Faults,
    /// Whether every step is judged; not where it would take too long.
    pub(crate) judges_steps: bool,
    pub(crate) browsers: Vec<Browser>,
    pub(crate) pages: Vec<OpenPage>,
    pub(crate) channels: BTreeMap<(usize, u32), Channel>,
    /// Sockets, streams and waiting polls that were ever opened.
    pub(crate) lines_opened: usize,
    tell_rooms_at: u64,
    events: BTreeMap<(u64, u64), Event>,
    number: u64,
    texts: u64,
}

/// The first moment; a Unix time would do as well.
const START: u64 = 1_000_000;

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: START,
            random: Random::new(seed),
            server: Server::default(),
            faults: Faults::default(),
            judges_steps: true,
            browsers: Vec::new(),
            pages: Vec::new(),
            channels: BTreeMap::new(),
            lines_opened: 0,
            tell_rooms_at: START + clock::TELL_ROOMS_MS,
            events: BTreeMap::new(),
            number: 0,
            texts: 0,
        }
    }

    /// A browser of a new person. `shared`: its tabs can talk, and have a lock.
    pub(crate) fn browser(&mut self, shared: bool) -> usize {
        let user_id = UserId::from_bytes(self.random.bytes());
        self.browsers.push(Browser::new(user_id, shared));
        self.browsers.len() - 1
    }

    /// A browser of a new person whose tabs can talk, and have no lock.
    pub(crate) fn browser_without_locks(&mut self) -> usize {
        let browser = self.browser(true);
        self.browsers[browser].lock = TabLock::missing();
        browser
    }

    /// Opens a tab on a room, with the page as the server has it now.
    pub(crate) fn open(&mut self, browser: usize, room: &str) -> usize {
        self.open_with(browser, room, Transports::default())
    }

    pub(crate) fn open_with(&mut self, browser: usize, room: &str, kinds: Transports) -> usize {
        self.open_part(browser, room, Part::Latest, kinds)
    }

    /// Opens a tab on a place of a room, as a permalink does.
    pub(crate) fn open_at(&mut self, browser: usize, room: &str, seq: u64) -> usize {
        self.open_part(browser, room, Part::Around(seq), Transports::default())
    }

    fn open_part(&mut self, browser: usize, room: &str, part: Part, kinds: Transports) -> usize {
        let page = self.server.page(room, part);
        let user_id = self.browsers[browser].user_id;
        self.start(
            browser,
            Config {
                room: RoomName::parse(room).unwrap(),
                user_id: Some(user_id),
                name: self.server.names.get(&user_id).map(|name| Box::from(&**name)),
                read_line: None,
                page: HistoryPage::read(&page),
                transports: kinds,
            },
        )
    }

    /// Opens a tab that was given nothing: neither who it is nor what was said.
    pub(crate) fn open_bare(&mut self, browser: usize, room: &str) -> usize {
        self.start(
            browser,
            Config {
                room: RoomName::parse(room).unwrap(),
                user_id: None,
                name: None,
                read_line: None,
                page: None,
                transports: Transports::default(),
            },
        )
    }

    fn start(&mut self, browser: usize, config: Config) -> usize {
        let room = config.room.to_string();
        self.pages.push(OpenPage::new(browser, room, config));
        let page = self.pages.len() - 1;
        let shared = self.browsers[browser].shared;
        let visible = true;
        self.input(page, 0, QueuedInput::Start { shared, visible });
        page
    }
}
