//! A page in a browser's tab, and what its person does.

use client::outbox::Seed;
use client::tab::{Config, Input};
use client::testing::TabRunner;
use client::testing::host::release_lock;
use protocol::RoomName;

use super::World;
use super::network::Channel;

/// One tab and what it has done.
pub(crate) struct OpenPage {
    pub(crate) runner: TabRunner,
    pub(crate) browser: usize,
    pub(crate) room: String,
    pub(crate) is_alive: bool,
    /// Its browser has emptied the storage since it last used it.
    pub(super) is_storage_emptied: bool,
    /// How often its timer was set: a timer set before the last one never fires.
    pub(super) timer: u64,
    /// The texts that were accepted, in order.
    pub(crate) written: Vec<String>,
    /// The same of rooms it showed before.
    pub(crate) written_before: Vec<(String, Vec<String>)>,
    pub(crate) accepted: usize,
    pub(crate) not_stored: usize,
    pub(crate) stored_again: usize,
    pub(crate) full: usize,
    /// Why texts were not taken.
    pub(crate) refusals: Vec<protocol::ErrorCode>,
    /// The places that were opened and are there, or are not.
    pub(crate) scrolled_to: Vec<Option<u64>>,
    pub(crate) remembered: Vec<client::model::Transport>,
}

impl OpenPage {
    pub(super) fn new(browser: usize, room: String, config: Config) -> Self {
        Self {
            runner: TabRunner::new(config),
            browser,
            room,
            is_alive: true,
            is_storage_emptied: false,
            timer: 0,
            written: Vec::new(),
            written_before: Vec::new(),
            accepted: 0,
            not_stored: 0,
            stored_again: 0,
            full: 0,
            refusals: Vec::new(),
            scrolled_to: Vec::new(),
            remembered: Vec::new(),
        }
    }
}

impl World {
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
        release_lock(self, page);
    }

    /// The tab is closed in good order. What it has posted and not aborted arrives.
    pub(crate) fn close(&mut self, page: usize) {
        self.step(page, Input::Stop);
        let is_posted = |channel: &Channel| channel.is_request && !channel.waits;
        let own = self.channels.iter().filter(|((owner, _), _)| *owner == page);
        let posted: Vec<u32> = own
            .filter(|(_, channel)| is_posted(channel))
            .map(|((_, id), _)| *id)
            .collect();
        let kept: Vec<_> = posted
            .into_iter()
            .filter_map(|id| Some((id, self.channels.remove(&(page, id))?)))
            .collect();
        self.crash(page);
        self.channels
            .extend(kept.into_iter().map(|(id, channel)| ((page, id), channel)));
    }

    pub(crate) fn freeze(&mut self, page: usize) {
        self.pages[page].runner.freeze();
    }

    pub(crate) fn thaw(&mut self, page: usize) {
        for input in self.pages[page].runner.thaw() {
            self.take(page, input);
        }
        self.step(page, Input::Timer);
    }
}
