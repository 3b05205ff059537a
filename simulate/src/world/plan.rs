//! What a seed has in store.

use crate::rng::Rng;

/// How large the world is, how often what goes wrong, and when.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    pub(crate) clients: usize,
    pub(crate) has_two_rooms: bool,
    /// How long clients ask for things and things go wrong, in milliseconds; and how long nothing does afterwards, at least.
    pub(crate) active_ms: u64,
    pub(crate) calm_ms: u64,
    // Times in a thousand.
    pub(crate) lost_publishes: u64,
    pub(crate) late_publishes: u64,
    pub(crate) doubled_publishes: u64,
    pub(crate) lost_acks: u64,
    pub(crate) lost_deliveries: u64,
    pub(crate) doubled_deliveries: u64,
    pub(crate) reordered_deliveries: u64,
    pub(crate) dropped_consumers: u64,
    pub(crate) lagging_reads: u64,
    pub(crate) lost_beats: u64,
    /// From when on a bit flips in what some node is sent.
    pub(crate) corrupt_from_ms: Option<u64>,
    /// Messages that the log keeps beyond its oldest snapshot; `None` for all.
    pub(crate) kept_messages: Option<u64>,
    pub(crate) troubles: Vec<(u64, Trouble)>,
}

/// Something that goes wrong at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// A node's process is killed, and started again after so long.
    Kill {
        index: usize,
        for_ms: u64,
    },
    /// It stands still.
    Freeze {
        index: usize,
        for_ms: u64,
    },
    /// It does not reach NATS.
    Apart {
        index: usize,
        for_ms: u64,
    },
    Together {
        index: usize,
    },
    /// Its disk is full.
    DiskFull {
        index: usize,
        for_ms: u64,
    },
    /// NATS has no leader.
    Elect {
        for_ms: u64,
    },
    /// NATS is away, and may come back with less.
    LogDown {
        for_ms: u64,
        loses: bool,
    },
    LogUp {
        loses: bool,
    },
    /// Somebody else writes into the log.
    Foreign,
    /// From here on nothing goes wrong.
    Calm,
}

impl Plan {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let active_ms = rng.between(5_000, 15_000);
        let nodes = usize::try_from(rng.between(2, 4)).unwrap_or(2);
        let mut often = |most: u64| {
            if rng.permille(500) {
                rng.between(0, most)
            } else {
                0
            }
        };
        let mut plan = Self {
            nodes,
            clients: 0,
            has_two_rooms: false,
            active_ms,
            calm_ms: 8_000,
            lost_publishes: often(150),
            late_publishes: often(150),
            doubled_publishes: often(100),
            lost_acks: often(200),
            lost_deliveries: often(40),
            doubled_deliveries: often(60),
            reordered_deliveries: often(60),
            dropped_consumers: often(20),
            lagging_reads: often(200),
            lost_beats: often(200),
            corrupt_from_ms: None,
            kept_messages: None,
            troubles: Vec::new(),
        };
        plan.clients = usize::try_from(rng.between(2, 4)).unwrap_or(2);
        plan.has_two_rooms = rng.permille(300);
        if rng.permille(150) {
            plan.corrupt_from_ms = Some(rng.between(0, active_ms));
        }
        if rng.permille(300) {
            plan.kept_messages = Some(rng.between(0, 20));
        }
        let mut loses = rng.permille(120);
        if loses {
            // Of what the log lost it cannot be said who has applied something else.
            plan.corrupt_from_ms = None;
        }
        for _ in 0..rng.between(0, 7) {
            let at_ms = rng.between(500, active_ms);
            let index = rng.index(nodes);
            let for_ms = rng.between(200, 6_000);
            let trouble = match rng.index(10) {
                0..3 => Trouble::Kill {
                    index,
                    for_ms: if rng.permille(200) { 3 * for_ms } else { for_ms },
                },
                3 => Trouble::Freeze { index, for_ms },
                4..6 => Trouble::Apart { index, for_ms },
                6 => Trouble::DiskFull { index, for_ms },
                7 => Trouble::Elect { for_ms },
                8 => Trouble::LogDown {
                    for_ms,
                    loses: std::mem::take(&mut loses),
                },
                _ => Trouble::Foreign,
            };
            plan.troubles.push((at_ms, trouble));
        }
        plan.troubles.push((active_ms, Trouble::Calm));
        plan
    }

    /// How long it may take, once nothing goes wrong any more, until all is well.
    pub(crate) const fn patience_ms(&self, was_lost: bool) -> u64 {
        if was_lost { 45_000 } else { 120_000 }
    }

    pub(crate) const fn calm(&mut self) {
        self.lost_publishes = 0;
        self.late_publishes = 0;
        self.doubled_publishes = 0;
        self.lost_acks = 0;
        self.lost_deliveries = 0;
        self.doubled_deliveries = 0;
        self.reordered_deliveries = 0;
        self.dropped_consumers = 0;
        self.lagging_reads = 0;
        self.lost_beats = 0;
        self.corrupt_from_ms = None;
    }
}
