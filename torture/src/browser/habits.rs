//! What the person in front of a browser does.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::model::{Message, Reaction};
use client::outbox::{Seed, SendState};
use client::tab::Tab;
use protocol::ClientId;
use tokio::time::Instant;

use super::events::TabEventKind;
use super::{Browser, Phase};
use client::testing::{QueuedInput, Random};

/// A person's habits.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The mean time between two things they do; nearly always they write.
    pub pause: Duration,
}

/// Pending rows of one tab beyond which its person writes no more.
const PENDING_MAX: usize = 12;
/// How many of its own last messages a person still changes, and of all how many they still react to.
const CHANGED_MAX: usize = 5;
const REACTED_MAX: usize = 40;
/// How often counters are updated while nobody writes.
const SETTLING_PAUSE: Duration = Duration::from_millis(250);

impl Browser {
    /// Does one random thing that a person or a browser does.
    pub(super) fn act(&mut self) {
        let now = Instant::now();
        self.count_pending();
        self.dismiss_refused();
        if self.phase != Phase::Active {
            self.next_act = now + SETTLING_PAUSE;
            return;
        }
        self.next_act = now + self.random.exponential(self.setup.habits.pause);
        let slot = self.random.index(self.slots.len());
        match self.random.below(1_000) {
            0..4 => self.reload(slot),
            4..8 => self.load_page(slot),
            8..11 => self.freeze(slot),
            11..20 => self.queue_input(slot, QueuedInput::Visible(true)),
            20..26 => self.queue_input(slot, QueuedInput::Visible(false)),
            26..30 => self.queue_input(slot, QueuedInput::Online),
            30..40 => self.queue_input(slot, QueuedInput::Seen),
            40..60 => {
                for _ in 0..2 + self.random.below(5) {
                    self.write(slot);
                }
            }
            60..70 => self.rename(slot),
            70..200 => self.react(slot),
            200..270 => self.edit(slot),
            270..285 => self.delete(slot),
            _ => self.write(slot),
        }
    }

    /// Stops writing; thaws and shows every tab.
    pub(super) fn settle(&mut self) {
        self.phase = Phase::Settling;
        self.next_act = Instant::now();
        for slot in 0..self.slots.len() {
            if self.slots[slot].is_frozen() {
                self.thaw(slot);
            }
            self.queue_input(slot, QueuedInput::Visible(true));
        }
    }

    /// Reports to every tab that the browser is online.
    pub(super) fn online(&mut self) {
        for slot in 0..self.slots.len() {
            self.queue_input(slot, QueuedInput::Online);
        }
    }

    /// Freezes a tab for up to 4 s.
    fn freeze(&mut self, slot: usize) {
        if let Some(runner) = &mut self.slots[slot].runner
            && !runner.is_frozen()
        {
            runner.freeze();
            let after = self.random.ms(200, 4_000);
            self.queue_event_after(after, slot, TabEventKind::Thaw);
        }
    }

    fn write(&mut self, slot: usize) {
        if self.writable(slot).is_none() {
            return;
        }
        self.numbers += 1;
        let text = text(&mut self.random, &self.setup.name, self.numbers);
        let seed = self.seed();
        self.queue_input(slot, QueuedInput::Post(seed, text));
    }

    /// The tab, unless it is frozen or too much waits in it.
    fn writable(&self, slot: usize) -> Option<&Tab> {
        let runner = self.slots[slot].runner.as_ref()?;
        let is_busy = runner.tab.pending().chain(runner.tab.changes()).count() > PENDING_MAX;
        (!runner.is_frozen() && !is_busy).then_some(&runner.tab)
    }

    /// Says one of its own last messages in other words.
    fn edit(&mut self, slot: usize) {
        if let Some(target) = self.own_message(slot) {
            self.numbers += 1;
            let text = text(&mut self.random, &self.setup.name, self.numbers);
            let seed = self.seed();
            self.queue_input(slot, QueuedInput::Edit(seed, target, text));
        }
    }

    fn delete(&mut self, slot: usize) {
        if let Some(target) = self.own_message(slot) {
            let seed = self.seed();
            self.queue_input(slot, QueuedInput::Delete(seed, target));
        }
    }

    /// Puts an emoji to a message, or takes it back, by what is on the screen; now and then for nothing, as it is so.
    fn react(&mut self, slot: usize) {
        let candidates = self.messages(slot, REACTED_MAX, |_| true);
        if candidates.is_empty() {
            return;
        }
        let message = &candidates[self.random.index(candidates.len())];
        let emoji = EMOJI[self.random.index(EMOJI.len())];
        let me = self.record.user_id;
        let is_mine = |reaction: &Reaction| {
            *reaction.emoji == *emoji && me.is_some_and(|me| reaction.user_ids.contains(&me))
        };
        let (is_there, target) = (message.reactions().iter().any(is_mine), message.seq);
        let on = is_there == self.random.chance(5);
        let (emoji, seed) = (emoji.to_owned(), self.seed());
        self.queue_input(slot, QueuedInput::React(seed, target, emoji, on));
    }

    /// One of its own last messages.
    fn own_message(&mut self, slot: usize) -> Option<u64> {
        let me = self.record.user_id;
        let candidates = self.messages(slot, CHANGED_MAX, |message| Some(message.user_id) == me);
        let chosen = self.random.index(candidates.len().max(1));
        candidates.get(chosen).map(|message| message.seq)
    }

    /// The last so many messages on the screen that are not deleted and that can be chosen.
    fn messages(&self, slot: usize, count: usize, is_it: impl Fn(&Message) -> bool) -> Vec<Arc<Message>> {
        let shown = self.writable(slot).map_or(Vec::new(), Tab::shown);
        let messages = shown.into_iter().rev().map(|echoed| echoed.message);
        let chosen = messages.filter(|message| !message.is_deleted() && is_it(message));
        chosen.take(count).collect()
    }

    /// Dismisses what was refused: somebody had deleted it meanwhile.
    fn dismiss_refused(&mut self) {
        for slot in 0..self.slots.len() {
            let refused = self.slots[slot].tab().into_iter().flat_map(Tab::changes);
            let refused: Vec<ClientId> = refused
                .filter(|(_, state)| matches!(state, SendState::Failed(_)))
                .map(|(row, _)| row.client_id)
                .collect();
            for client_id in refused {
                self.queue_input(slot, QueuedInput::Discard(client_id));
            }
        }
    }

    /// Takes one of the names that are called in what is said, often one that somebody else has.
    fn rename(&mut self, slot: usize) {
        let seed = self.seed();
        let name = NAMES[self.random.index(NAMES.len())].to_owned();
        self.queue_input(slot, QueuedInput::Rename(seed, name));
    }

    fn seed(&mut self) -> Seed {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Seed {
            unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            random: self.random.bytes(),
        }
    }
}

/// Few enough that no message has too many different ones, nor from a few dozen people too many in all.
const EMOJI: &[&str] = &[
    "👍",
    "🎉",
    "\u{2764}\u{fe0f}",
    "😂",
    "👩‍👩‍👧‍👦",
    "🇰🇷",
    "1\u{fe0f}\u{20e3}",
    "👋🏽",
];

/// What people are called: more than there are people, so that most have a name of their own.
const NAMES: &[&str] = &[
    "하나",
    "두리",
    "세찬",
    "김 철수",
    "Ada",
    "Ada Lovelace",
    "José",
    "수",
    "수진",
    "שרה",
    "👩‍👩‍👧‍👦",
    "ㅋㅋ",
    "a",
    "Ångström",
    "마당쇠",
    "아이다",
    "류 현진",
    "x-y",
    "under_score",
    "7",
    "은하",
    "별이",
    "달",
    "해님",
    "Zoë",
    "박",
    "최 민",
    "윤",
    "임 꺽정",
    "장길산",
];

/// Words of all kinds: other scripts, quotes, what looks like our own frames.
const WORDS: &[&str] = &[
    "hello",
    "안녕하세요",
    "שלום",
    "👩‍👩‍👧‍👦",
    "e\u{301}",
    "\"quoted\"",
    "back\\slash",
    "a\ttab",
    "two\nlines",
    "</script>",
    "{\"type\":\"ack\",\"seq\":1}",
    "data: x\n\nid:9",
    "\u{2028}",
    "&amp;",
    "ひろば",
    "0",
    "\u{feff}",
    "…",
    "@하나님",
    "(@김 철수)",
    "@ada",
    "@ada lovelace,",
    "@수진아",
    "`@수`",
    "@👩‍👩‍👧‍👦",
    "@류 현진",
    "@은하야",
    "@별이가",
    "@jose\u{301}",
    "🏳️‍🌈",
    "中文",
];

/// Something to say: unlike anything else that is said, mostly short, now and then as long as may be.
fn text(random: &mut Random, name: &str, number: u64) -> String {
    let words = match random.below(100) {
        0 => 200 + random.below(300),
        1..10 => 20 + random.below(40),
        _ => random.below(12),
    };
    let mut text = format!("{name}, {number}:");
    for _ in 0..words {
        text.push(' ');
        text.push_str(WORDS[random.index(WORDS.len())]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_is_a_message() {
        let mut random = Random::for_purpose(1, 1);
        for number in 0..3_000 {
            let text = text(&mut random, "client 1", number);
            assert!(protocol::MessageText::parse(&text).is_ok(), "{text:?}");
        }
    }
}
