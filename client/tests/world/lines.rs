//! Lines: the sockets, streams and waiting requests that events come by.

use std::collections::BTreeMap;

use client::testing::QueuedInput;
use protocol::{ServerFrame, UserId};

use super::World;
use super::network::text_input;
use super::server::Subscriptions;

impl World {
    pub(super) fn begin_line(&mut self, page: usize, id: u32, user_id: UserId, greets: bool) {
        self.lines_opened += 1;
        if let Some(channel) = self.channels.get_mut(&(page, id)) {
            channel.is_line = true;
        }
        if greets {
            let frame = self.server.greeting(user_id);
            self.event(page, id, frame);
        }
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
            let (mut subscriptions, mut said) = (self.take_subscriptions(page, id), Vec::new());
            self.server.pull(&mut subscriptions, &mut said);
            said.extend(self.ephemeral(page, id, &subscriptions, &here));
            self.put_subscriptions(page, id, subscriptions);
            self.chunk(page, id, said);
        }
    }

    /// Tells every line how the rooms are that have changed.
    pub(super) fn tell_rooms(&mut self) {
        for ((page, _), channel) in &mut self.channels {
            let user_id = self.browsers[self.pages[*page].browser].user_id;
            if channel.is_line {
                let told = &mut channel.sent_ephemeral;
                channel.rooms = self.server.pull_rooms(user_id, &channel.subscriptions, told);
            }
        }
        let lines: Vec<_> = self.channels.keys().copied().collect();
        for (page, id) in lines {
            let channel = self.channels.get_mut(&(page, id));
            let Some((frame, waits)) =
                channel.and_then(|channel| Some((channel.rooms.take()?, channel.waits)))
            else {
                continue;
            };
            if waits {
                self.answer_poll_with(page, id, vec![frame]);
            } else {
                self.chunk(page, id, vec![frame]);
            }
        }
    }

    fn ephemeral(
        &mut self,
        page: usize,
        id: u32,
        subscriptions: &Subscriptions,
        here: &BTreeMap<String, Vec<UserId>>,
    ) -> Vec<String> {
        let user_id = self.browsers[self.pages[page].browser].user_id;
        let Some(channel) = self.channels.get_mut(&(page, id)) else {
            return Vec::new();
        };
        self.server.pull_ephemeral(
            (user_id, self.now),
            subscriptions,
            here,
            &mut channel.sent_ephemeral,
        )
    }

    /// Who is in each room.
    fn here(&self) -> BTreeMap<String, Vec<UserId>> {
        let mut here: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        for ((page, _), channel) in &self.channels {
            let user_id = self.browsers[self.pages[*page].browser].user_id;
            for subscription in &channel.subscriptions.0 {
                let people = here.entry(subscription.room.clone()).or_default();
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
        let (mut subscriptions, mut said) = (self.take_subscriptions(page, id), Vec::new());
        self.server.pull(&mut subscriptions, &mut said);
        let is_told = is_over || !said.is_empty();
        self.put_subscriptions(page, id, subscriptions);
        if is_told {
            self.answer_poll_with(page, id, said);
        }
    }

    fn answer_poll_with(&mut self, page: usize, id: u32, mut said: Vec<String>) {
        let mut subscriptions = self.take_subscriptions(page, id);
        self.server.pull(&mut subscriptions, &mut said);
        let here = self.here();
        said.extend(self.ephemeral(page, id, &subscriptions, &here));
        let body = self.server.envelope(&subscriptions, &said);
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
    pub(super) fn event(&mut self, page: usize, id: u32, frame: String) {
        let Some(channel) = self.channels.get(&(page, id)) else {
            return;
        };
        let cursor = self.server.cursor(&channel.subscriptions);
        self.down(page, id, text_input(id, Some(cursor), frame));
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

    /// The rooms this browser's lines are joined to, in order of their names.
    pub(crate) fn joined_rooms(&self, browser: usize) -> Vec<String> {
        let lines = self
            .channels
            .iter()
            .filter(|((page, _), _)| self.pages[*page].browser == browser);
        let mut rooms: Vec<String> = lines
            .flat_map(|(_, channel)| &channel.subscriptions.0)
            .map(|subscription| subscription.room.clone())
            .collect();
        rooms.sort();
        rooms
    }

    /// The lines the server has open now.
    pub(crate) fn lines(&self) -> usize {
        self.channels.values().filter(|channel| channel.is_line).count()
    }
}
