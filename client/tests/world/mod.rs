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
mod carry;
mod judge;
mod network;
mod server;

use std::collections::BTreeMap;

use client::Now;
use client::effect::Effect;
use client::model::Part;
use client::model::Phase;
use client::model::Transports;
use client::outbox::{Seed, SendState};
use client::tab::Role;
use client::tab::{Config, Input, Tab};
use client::testing::Random;
use protocol::{ClientId, RoomName, UserId};

pub(crate) use browser::Browser;
pub(crate) use network::{Channel, Faults, Upstream};
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

/// An input on its way to a tab.
#[derive(Clone, Debug)]
pub(crate) enum Report {
    Start,
    Visible(bool),
    Online,
    Word(String),
    LockGranted,
    LockLost,
    Opened(u32),
    Text(u32, Option<String>, String),
    Closed(u32, u16),
    Answer(u32, Option<String>),
    Fetched(u32, Option<String>),
    Loaded(Option<Vec<String>>),
    Stored(ClientId, bool),
}

/// Something that will happen.
#[derive(Debug)]
enum Event {
    Report(usize, Report),
    Timer(usize, u64),
    Upstream(usize, u32, Upstream),
    PollEnds(usize, u32),
    ChannelIsCut(usize, u32),
    Store(usize, usize, ClientId, String),
    Load(usize, usize),
    Remove(usize, ClientId),
    ServerIsBack,
}

/// One tab and what it has done.
pub(crate) struct HistoryPage {
    pub(crate) tab: Tab,
    pub(crate) browser: usize,
    pub(crate) room: String,
    pub(crate) is_alive: bool,
    /// Reports that wait because the tab is frozen.
    frozen: Option<Vec<Report>>,
    timer: u64,
    /// The texts that were accepted, in order.
    pub(crate) written: Vec<String>,
    /// The same of rooms it showed before.
    pub(crate) written_before: Vec<(String, Vec<String>)>,
    pub(crate) accepted: usize,
    pub(crate) not_stored: usize,
    /// Why texts were not taken.
    pub(crate) refusals: Vec<protocol::ErrorCode>,
    /// The places that were opened and are there, or are not.
    pub(crate) places: Vec<Option<u64>>,
    pub(crate) remembered: Vec<client::model::Transport>,
}

impl HistoryPage {
    /// What waited for a frozen tab is gone, its own answers excepted.
    pub(crate) fn lose_reports(&mut self) {
        if let Some(waiting) = &mut self.frozen {
            waiting.retain(|report| !matches!(report, Report::Word(_)));
        }
    }
}

/// The world.
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) random: Random,
    pub(crate) server: Server,
    pub(crate) faults: Faults,
    /// Whether every step is judged; not where it would take too long.
    pub(crate) judges_steps: bool,
    pub(crate) browsers: Vec<Browser>,
    pub(crate) pages: Vec<HistoryPage>,
    pub(crate) channels: BTreeMap<(usize, u32), Channel>,
    /// Sockets, streams and waiting polls that were ever opened.
    pub(crate) lines_opened: usize,
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
            events: BTreeMap::new(),
            number: 0,
            texts: 0,
        }
    }

    /// A browser of a new person. `shared`: it has what its tabs need to share a connection.
    pub(crate) fn browser(&mut self, shared: bool) -> usize {
        let user_id = UserId::from_bytes(self.random.bytes());
        self.browsers.push(Browser::new(user_id, shared));
        self.browsers.len() - 1
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
                page: client::model::HistoryPage::read(&page),
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
        let tab = Tab::new(config);
        self.pages.push(HistoryPage {
            tab,
            browser,
            room,
            is_alive: true,
            frozen: None,
            timer: 0,
            written: Vec::new(),
            written_before: Vec::new(),
            accepted: 0,
            not_stored: 0,
            refusals: Vec::new(),
            places: Vec::new(),
            remembered: Vec::new(),
        });
        let page = self.pages.len() - 1;
        self.report(page, 0, Report::Start);
        page
    }

    /// Writes a text nobody wrote before; gives it back.
    pub(crate) fn write(&mut self, page: usize) -> String {
        self.texts += 1;
        let text = format!("{} from tab {page}", self.texts);
        let seed = self.seed();
        let before = self.pages[page].accepted;
        self.step(page, Input::Post(seed, text.clone()));
        if self.pages[page].accepted > before {
            self.pages[page].written.push(text.clone());
        }
        text
    }

    /// Shows another room in a tab.
    pub(crate) fn go(&mut self, page: usize, room: &str) {
        let slot = &mut self.pages[page];
        let left = std::mem::replace(&mut slot.room, room.to_owned());
        let written = std::mem::take(&mut slot.written);
        slot.written_before.push((left, written));
        self.step(page, Input::Go(RoomName::parse(room).unwrap(), None));
    }

    /// A tab's person follows a room no more.
    pub(crate) fn leave_room(&mut self, page: usize, room: &str) {
        self.step(page, Input::Leave(RoomName::parse(room).unwrap()));
    }

    /// Asks for a change of the message of this place.
    pub(crate) fn edit(&mut self, page: usize, seq: u64, text: &str) {
        let seed = self.seed();
        self.step(page, Input::Edit(seed, seq, text.to_owned()));
    }

    pub(crate) fn delete(&mut self, page: usize, seq: u64) {
        let seed = self.seed();
        self.step(page, Input::Delete(seed, seq));
    }

    pub(crate) fn react(&mut self, page: usize, seq: u64, emoji: &str, on: bool) {
        let seed = self.seed();
        self.step(page, Input::React(seed, seq, emoji.to_owned(), on));
    }

    pub(crate) fn seed(&mut self) -> Seed {
        Seed {
            unix_ms: self.now,
            random: self.random.bytes(),
        }
    }

    /// The tab ends without a word.
    pub(crate) fn crash(&mut self, page: usize) {
        self.pages[page].is_alive = false;
        self.channels.retain(|(owner, _), _| *owner != page);
        self.release(page);
    }

    /// The texts of a tab that its crash would take: not stored yet, and not in the log.
    pub(crate) fn unsaved(&self, page: usize) -> Vec<String> {
        let page = &self.pages[page];
        let rows = &self.browsers[page.browser].rows;
        let is_stored = |text: &String| {
            rows.values()
                .filter_map(|row| client::outbox::OutboxRow::read(row))
                .any(|row| row.message == *text)
        };
        let is_said = |text: &String| self.server.said(&page.room).any(|(_, said)| said == text);
        let unsaved = page
            .written
            .iter()
            .filter(|text| !is_stored(text) && !is_said(text));
        unsaved.cloned().collect()
    }

    /// The id of the row with this text among those a tab shows as pending.
    pub(crate) fn pending_id(&self, page: usize, text: &str) -> ClientId {
        let mut pending = self.pages[page].tab.pending();
        pending.find(|(row, _)| row.message == text).unwrap().0.client_id
    }

    /// The tab that leads a browser's tabs.
    pub(crate) fn leader_of(&self, browser: usize) -> Option<usize> {
        (0..self.pages.len()).find(|page| self.pages[*page].browser == browser && self.is_leading(*page))
    }

    /// The tab is closed in good order.
    pub(crate) fn close(&mut self, page: usize) {
        self.step(page, Input::Stop);
        self.crash(page);
    }

    pub(crate) fn freeze(&mut self, page: usize) {
        self.pages[page].frozen.get_or_insert_default();
    }

    pub(crate) fn thaw(&mut self, page: usize) {
        for report in self.pages[page].frozen.take().unwrap_or_default() {
            self.take(page, report);
        }
        self.step(page, Input::Timer);
    }

    /// Lets the time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let until = self.now + ms;
        while self
            .events
            .first_key_value()
            .is_some_and(|((at, _), _)| *at <= until)
        {
            let ((at, _), event) = self.events.pop_first().unwrap();
            self.now = at;
            self.happen(event);
        }
        self.now = until;
    }

    /// Lets the time pass until this is so.
    pub(crate) fn run_until(&mut self, max_ms: u64, what: &str, is_so: impl Fn(&Self) -> bool) -> u64 {
        let start = self.now;
        while !is_so(self) {
            assert!(
                self.now < start + max_ms,
                "not within {max_ms} ms: {what}\n{}",
                self.describe()
            );
            self.run(5);
        }
        self.now - start
    }

    pub(crate) fn run_until_joined(&mut self, page: usize) -> u64 {
        self.run_until(60_000, "joined", |world| world.pages[page].tab.is_joined())
    }

    /// The texts a tab shows of its room: the messages, then what is on its way.
    pub(crate) fn shown(&self, page: usize) -> Vec<String> {
        let tab = &self.pages[page].tab;
        let rows = tab.shown().into_iter().map(|row| row.message.message.clone());
        rows.chain(tab.pending().map(|(row, _)| row.message.clone()))
            .collect()
    }

    pub(crate) fn states(&self, page: usize) -> Vec<SendState> {
        self.pages[page].tab.pending().map(|(_, state)| state).collect()
    }

    pub(crate) fn phase(&self, page: usize) -> Phase {
        self.pages[page].tab.status().phase
    }

    pub(crate) fn is_leading(&self, page: usize) -> bool {
        let page = &self.pages[page];
        page.is_alive && matches!(page.tab.role(), Role::Leader | Role::Alone)
    }

    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        for (number, browser) in self.browsers.iter().enumerate() {
            text += &format!(
                "browser {number} stores {:?} and follows {:?}\n",
                browser.rows.values(),
                self.server.followed(browser.user_id)
            );
        }
        for (number, page) in self.pages.iter().enumerate().filter(|(_, page)| page.is_alive) {
            let tab = &page.tab;
            text += &format!(
                "tab {number} of {}: {:?} {:?}, joined {}, {} rows, outbox {}, asked for {:?}, rooms {:?}, frozen {}\n",
                page.browser,
                tab.role(),
                tab.status(),
                tab.is_joined(),
                tab.rows().len(),
                tab.outbox_len(),
                tab.pending().chain(tab.changes()).collect::<Vec<_>>(),
                tab.rooms(),
                page.frozen.is_some(),
            );
        }
        text
    }

    /// Hands a tab an input and carries out what it asks for. With `STORY` in the environment it is told.
    pub(crate) fn step(&mut self, page: usize, input: Input<'_>) {
        if !self.pages[page].is_alive {
            return;
        }
        let now = Now {
            ms: self.now,
            random: self.random.draw() as u32,
        };
        let mut effects = Vec::new();
        let tells = std::env::var_os("STORY").is_some();
        if tells {
            println!("{} tab {page} < {input:?}", self.now);
        }
        self.pages[page].tab.step(now, input, &mut effects);
        if tells {
            for effect in &effects {
                println!("    > {effect:?}");
            }
        }
        if self.judges_steps {
            self.judge_page(page);
        }
        assert!(
            effects
                .iter()
                .filter(|effect| matches!(effect, Effect::Timer(0)))
                .count()
                <= 1
        );
        for effect in effects {
            self.carry_out(page, effect);
        }
    }

    fn report(&mut self, page: usize, after: u64, report: Report) {
        self.at(after, Event::Report(page, report));
    }

    fn at(&mut self, after: u64, event: Event) {
        self.number += 1;
        self.events.insert((self.now + after, self.number), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Report(page, report) => self.take(page, report),
            Event::Timer(page, number) => {
                let slot = &self.pages[page];
                if slot.timer == number && slot.frozen.is_none() {
                    self.step(page, Input::Timer);
                }
            }
            Event::Upstream(page, id, upstream) => self.arrive(page, id, upstream),
            Event::PollEnds(page, id) => self.answer_poll(page, id, true),
            Event::ChannelIsCut(page, id) => self.cut(page, id),
            Event::Store(browser, page, client_id, row) => {
                self.browsers[browser].rows.insert(client_id, row);
                self.report(page, 0, Report::Stored(client_id, true));
            }
            Event::Load(browser, page) => {
                let rows = self.browsers[browser].rows.values().cloned().collect();
                self.report(page, 1, Report::Loaded(Some(rows)));
            }
            Event::Remove(browser, client_id) => {
                self.browsers[browser].rows.remove(&client_id);
            }
            Event::ServerIsBack => self.server.is_up = true,
        }
    }

    fn take(&mut self, page: usize, report: Report) {
        if let Some(waiting) = &mut self.pages[page].frozen {
            waiting.push(report);
            return;
        }
        let shared = self.browsers[self.pages[page].browser].shared;
        match &report {
            Report::Start => self.step(
                page,
                Input::Start {
                    shared,
                    visible: true,
                },
            ),
            Report::Visible(visible) => self.step(page, Input::Visible(*visible)),
            Report::Online => self.step(page, Input::Online),
            Report::Word(text) => self.step(page, Input::TabMessage(text)),
            Report::LockGranted => self.step(page, Input::LockGranted),
            Report::LockLost => self.step(page, Input::LockLost),
            Report::Opened(id) => self.step(page, Input::Opened(*id)),
            Report::Text(id, cursor, text) => {
                let (id, cursor) = (*id, cursor.as_deref());
                self.step(page, Input::Text { id, cursor, text });
            }
            Report::Closed(id, code) => self.step(page, Input::Closed(*id, *code)),
            Report::Answer(id, body) => self.step(page, Input::Answer(*id, body.as_deref())),
            Report::Fetched(id, body) => self.step(page, Input::Fetched(*id, body.as_deref())),
            Report::Loaded(rows) => self.step(page, Input::Loaded(rows.as_deref())),
            Report::Stored(id, is_stored) => self.step(page, Input::Stored(*id, *is_stored)),
        }
    }

    fn note(&mut self, page: usize, effect: &Effect) {
        let page = &mut self.pages[page];
        match effect {
            Effect::Accepted(_) => page.accepted += 1,
            Effect::NotStored => page.not_stored += 1,
            Effect::Refused(code) => page.refusals.push(*code),
            Effect::ScrollTo(place) => page.places.push(*place),
            Effect::RememberTransport(kind) => page.remembered.push(*kind),
            _ => {}
        }
    }
}
