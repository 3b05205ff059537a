//! What the person in front of a browser does.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::outbox::Seed;
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
/// How often counters are updated while nobody writes.
const SETTLING_PAUSE: Duration = Duration::from_millis(250);

impl Browser {
    /// Does one random thing that a person or a browser does.
    pub(super) fn act(&mut self) {
        let now = Instant::now();
        self.count_pending();
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
        let Some(runner) = self.slots[slot]
            .runner
            .as_ref()
            .filter(|runner| !runner.is_frozen())
        else {
            return;
        };
        if runner.tab.pending().count() > PENDING_MAX {
            return;
        }
        self.numbers += 1;
        let text = text(&mut self.random, &self.setup.name, self.numbers);
        let seed = self.seed();
        self.queue_input(slot, QueuedInput::Post(seed, text));
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
