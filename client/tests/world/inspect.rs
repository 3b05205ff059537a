//! What tests look at.

use client::model::Phase;
use client::outbox::SendState;
use client::tab::{Role, Tab};
use protocol::ClientId;

use super::World;

impl World {
    /// The tab of a page.
    pub(crate) fn tab(&self, page: usize) -> &Tab {
        &self.pages[page].runner.tab
    }

    /// The texts a tab shows of its room: the messages, then what is on its way.
    pub(crate) fn shown(&self, page: usize) -> Vec<String> {
        let tab = self.tab(page);
        let rows = tab.shown().into_iter().map(|row| row.message.message.clone());
        rows.chain(tab.pending().map(|(row, _)| row.message.clone()))
            .collect()
    }

    pub(crate) fn states(&self, page: usize) -> Vec<SendState> {
        self.tab(page).pending().map(|(_, state)| state).collect()
    }

    pub(crate) fn phase(&self, page: usize) -> Phase {
        self.tab(page).status().phase
    }

    pub(crate) fn is_leading(&self, page: usize) -> bool {
        let page = &self.pages[page];
        page.is_alive && matches!(page.runner.tab.role(), Role::Leader | Role::Alone)
    }

    /// The tab that leads a browser's tabs.
    pub(crate) fn leader_of(&self, browser: usize) -> Option<usize> {
        (0..self.pages.len()).find(|page| self.pages[*page].browser == browser && self.is_leading(*page))
    }

    /// The id of the row with this text among those a tab shows as pending.
    pub(crate) fn pending_id(&self, page: usize, text: &str) -> ClientId {
        let mut pending = self.tab(page).pending();
        pending.find(|(row, _)| row.message == text).unwrap().0.client_id
    }

    /// The texts of a tab that its crash would take: not kept, and not in the log.
    pub(crate) fn unsaved(&self, page: usize) -> Vec<String> {
        let page = &self.pages[page];
        let rows = &self.browsers[page.browser].rows;
        let is_stored = |text: &String| {
            rows.values()
                .chain(self.browsers[page.browser].kept.values())
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
            let tab = &page.runner.tab;
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
                page.runner.is_frozen(),
            );
        }
        text
    }
}
