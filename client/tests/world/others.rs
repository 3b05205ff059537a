//! What happens without a tab: others who say something, and outages.

use client::testing::QueuedInput;

use super::World;
use super::clock::Event;

impl World {
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

    /// The browser forgets all that is stored, as its person asked or by itself.
    pub(crate) fn empty_storage(&mut self, browser: usize) {
        self.browsers[browser].rows.clear();
        self.browsers[browser].kept.clear();
        for page in self.pages.iter_mut().filter(|page| page.browser == browser) {
            page.is_storage_emptied = true;
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
}
