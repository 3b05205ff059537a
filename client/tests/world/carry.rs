//! Carrying out what a tab asks for.

use client::effect::Effect;

use super::network::Upstream;
use super::{Event, Report, World};

/// How long whoever runs a tab waits for what it fetches, in milliseconds.
const FETCH_MAX_MS: u64 = 15_000;

impl World {
    pub(super) fn carry_out(&mut self, page: usize, effect: Effect) {
        self.note(page, &effect);
        let browser = self.pages[page].browser;
        match effect {
            Effect::Socket { id } => self.dial(page, id, Upstream::Socket),
            Effect::Stream { id, address } => self.dial(page, id, Upstream::Stream(address)),
            Effect::Request { id, address, body } => self.dial(page, id, Upstream::Request(address, body)),
            Effect::Fetch { id, address } => {
                // Numbered apart from the channels, which are counted from 1.
                self.dial(page, !id, Upstream::Fetch(id, address));
                self.at(FETCH_MAX_MS, Event::ChannelIsCut(page, !id));
            }
            Effect::Send { id, text } => self.send_up(page, id, Upstream::Frame(text)),
            Effect::Close { id } => {
                self.channels.remove(&(page, id));
            }
            Effect::Timer(ms) => {
                self.pages[page].timer += 1;
                let number = self.pages[page].timer;
                self.at(ms, Event::Timer(page, number));
            }
            Effect::Load if self.browsers[browser].storage_fails => {
                self.report(page, 1, Report::Loaded(None));
            }
            Effect::Store { client_id, .. } if self.browsers[browser].storage_fails => {
                self.report(page, 1, Report::Stored(client_id, false));
            }
            Effect::Load | Effect::Store { .. } if self.browsers[browser].storage_hangs => {}
            Effect::Load => self.at(2, Event::Load(browser, page)),
            Effect::Store { client_id, row } => self.at(2, Event::Store(browser, page, client_id, row)),
            Effect::Remove(client_id) => self.at(2, Event::Remove(browser, client_id)),
            Effect::RequestLock => self.request_lock(page),
            Effect::StealLock => self.steal_lock(page),
            Effect::ReleaseLock => self.release(page),
            Effect::Broadcast(text) => self.broadcast(page, &text),
            Effect::RememberTransport(_)
            | Effect::TimelineChanged
            | Effect::StatusChanged
            | Effect::UserId(_)
            | Effect::RoomsChanged
            | Effect::PeopleChanged
            | Effect::ScrollTo(_)
            | Effect::Accepted(_)
            | Effect::Refused(_)
            | Effect::NotStored => {}
        }
    }
}
