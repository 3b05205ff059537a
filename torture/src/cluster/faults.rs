//! The plan of what fails, drawn from the seed.
//!
//! There are two plans, which are carried out beside each other: one for the NATS servers, one for the nodes. Each does one thing
//! at a time and ends it before the next, so that two of the three NATS servers can always come to agree again.

use std::time::Duration;

use client::testing::Random;

use super::network::Cut;

/// How many NATS servers there are, and how many of them have to agree.
pub const NATS_SERVERS: usize = 3;
pub const NATS_QUORUM: usize = 2;
/// The longest that a quorum may be away.
pub const OUTAGE_MAX: Duration = Duration::from_secs(4);

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    NodeKilled,
    /// Stopped by SIGSTOP for a while.
    NodeHeld,
    /// Asked to end by SIGTERM, and started again.
    NodeEnded,
    /// Cut off from every NATS server.
    NodeWithoutNats,
    /// Cut off from one NATS server.
    NodeWithoutOne,
    /// Its database changed by hand.
    NodeCorrupted,
    NatsKilled,
    /// Stopped by SIGSTOP for a while.
    NatsHeld,
    /// Cut off from the other NATS servers; nodes still reach it.
    NatsAlone,
    /// Two NATS servers cut off from each other; both reach the third.
    NatsPair,
    /// Every NATS server killed at once.
    NatsAllKilled,
    /// Its disk full.
    DiskFull,
    /// Its disk loses what was not synced.
    PowerCut,
    /// One bit of what it keeps of the log.
    BitFlipped,
}

impl Fault {
    /// All, in the order of the report.
    pub const ALL: &[Self] = &[
        Self::NodeKilled,
        Self::NodeHeld,
        Self::NodeEnded,
        Self::NodeWithoutNats,
        Self::NodeWithoutOne,
        Self::NodeCorrupted,
        Self::NatsKilled,
        Self::NatsHeld,
        Self::NatsAlone,
        Self::NatsPair,
        Self::NatsAllKilled,
        Self::DiskFull,
        Self::PowerCut,
        Self::BitFlipped,
    ];

    /// The fault in words, for the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NodeKilled => "a node killed (SIGKILL)",
            Self::NodeHeld => "a node held (SIGSTOP)",
            Self::NodeEnded => "a node ended (SIGTERM)",
            Self::NodeWithoutNats => "a node cut off from NATS",
            Self::NodeWithoutOne => "a node cut off from one NATS server",
            Self::NodeCorrupted => "a node's database changed by hand",
            Self::NatsKilled => "a NATS server killed (SIGKILL)",
            Self::NatsHeld => "a NATS server held (SIGSTOP)",
            Self::NatsAlone => "a NATS server cut off from the others",
            Self::NatsPair => "two NATS servers cut off from each other",
            Self::NatsAllKilled => "all NATS servers killed at once",
            Self::DiskFull => "a NATS server's disk full",
            Self::PowerCut => "a NATS server's power cut",
            Self::BitFlipped => "a bit of a NATS server's log flipped",
        }
    }

    /// How many NATS servers cannot take part while it lasts.
    #[must_use]
    pub const fn nats_away(self) -> usize {
        match self {
            Self::NodeKilled
            | Self::NodeHeld
            | Self::NodeEnded
            | Self::NodeWithoutNats
            | Self::NodeWithoutOne
            | Self::NodeCorrupted => 0,
            // Of two that do not hear each other one may be the leader's deputy and the other nobody.
            Self::NatsPair
            | Self::NatsKilled
            | Self::NatsHeld
            | Self::NatsAlone
            | Self::DiskFull
            | Self::PowerCut
            | Self::BitFlipped => 1,
            Self::NatsAllKilled => NATS_SERVERS,
        }
    }

    /// Whether it is only begun when every NATS server has everything: it may cost one of them what it had.
    #[must_use]
    pub const fn needs_all(self) -> bool {
        matches!(
            self,
            Self::DiskFull | Self::PowerCut | Self::BitFlipped | Self::NatsAllKilled
        )
    }

    /// How long it lasts at least and at most, in milliseconds.
    const fn lasts_ms(self) -> (u64, u64) {
        match self {
            Self::NodeKilled => (0, 2_500),
            Self::NodeHeld => (300, 6_000),
            Self::NodeEnded => (0, 1_000),
            Self::NodeWithoutNats => (300, 6_000),
            Self::NodeWithoutOne => (1_000, 6_000),
            Self::NodeCorrupted => (0, 0),
            Self::NatsKilled => (0, 3_000),
            Self::NatsHeld => (300, 6_000),
            Self::NatsAlone | Self::NatsPair => (500, 8_000),
            Self::NatsAllKilled => (0, OUTAGE_MAX.as_millis() as u64),
            Self::DiskFull => (2_000, 5_000),
            Self::PowerCut => (0, 1_500),
            Self::BitFlipped => (0, 500),
        }
    }
}

/// One thing that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long nothing of this plan fails before.
    pub pause: Duration,
    pub fault: Fault,
    /// Whose, counted from 0.
    pub of: usize,
    /// The other one, where it takes two.
    pub other: usize,
    pub lasts: Duration,
    /// How links are cut, where it cuts some.
    pub cut: Cut,
    /// Whether the next may come before this one is got over.
    pub is_hasty: bool,
}

/// A plan without an end.
#[derive(Clone, Debug)]
pub struct Plan {
    random: Random,
    /// What is drawn from, each as often as it stands here before all begin again.
    deck: &'static [Fault],
    has_disks: bool,
    drawn: Vec<Fault>,
    /// What happens once, when so much time is over.
    once: Option<(Duration, Fault)>,
    pause: Duration,
}

const OF_NATS: &[Fault] = &[
    Fault::NatsKilled,
    Fault::NatsKilled,
    Fault::NatsKilled,
    Fault::NatsHeld,
    Fault::NatsHeld,
    Fault::NatsAlone,
    Fault::NatsAlone,
    Fault::NatsPair,
    Fault::NatsAllKilled,
    Fault::DiskFull,
    Fault::PowerCut,
    Fault::PowerCut,
];
const OF_NODES: &[Fault] = &[
    Fault::NodeKilled,
    Fault::NodeKilled,
    Fault::NodeKilled,
    Fault::NodeHeld,
    Fault::NodeEnded,
    Fault::NodeWithoutNats,
    Fault::NodeWithoutOne,
];
/// How long nothing fails between two faults, in the mean. NATS takes some seconds to find a new leader.
const NATS_PAUSE: Duration = Duration::from_millis(4_000);
const NODES_PAUSE: Duration = Duration::from_millis(900);
/// The least of it: somebody has to come to say something.
const PAUSE_MIN: Duration = Duration::from_millis(200);
// What the numbers that are drawn are for.
const FOR_NATS: u64 = 5 << 40;
const FOR_NODES: u64 = 6 << 40;

impl Plan {
    /// Of the NATS servers, for a run in which so long something fails; without disks of their own those are neither filled nor
    /// lose their power.
    #[must_use]
    pub fn of_nats(seed: u64, length: Duration, has_disks: bool) -> Self {
        Self {
            random: Random::for_purpose(seed, FOR_NATS),
            deck: OF_NATS,
            has_disks,
            drawn: Vec::new(),
            once: Some((length.mul_f64(0.6), Fault::BitFlipped)),
            pause: NATS_PAUSE,
        }
    }

    /// Of the nodes, for a run in which so long something fails.
    #[must_use]
    pub fn of_nodes(seed: u64, length: Duration) -> Self {
        Self {
            random: Random::for_purpose(seed, FOR_NODES),
            deck: OF_NODES,
            has_disks: false,
            drawn: Vec::new(),
            once: Some((length.mul_f64(0.4), Fault::NodeCorrupted)),
            pause: NODES_PAUSE,
        }
    }

    /// What comes next when so much time is over.
    pub fn next(&mut self, elapsed: Duration) -> Step {
        let due = self.once.take_if(|(at, _)| *at <= elapsed);
        let fault = due.map_or_else(|| self.draw(), |(_, fault)| fault);
        let of = self.random.index(NATS_SERVERS);
        let (least, most) = fault.lasts_ms();
        Step {
            pause: PAUSE_MIN + self.random.exponential(self.pause),
            fault,
            of,
            other: (of + 1 + self.random.index(NATS_SERVERS - 1)) % NATS_SERVERS,
            lasts: self.random.ms(least, most),
            cut: if self.random.chance(30) {
                Cut::Reset
            } else {
                Cut::Silence
            },
            is_hasty: self.random.chance(40),
        }
    }

    fn draw(&mut self) -> Fault {
        if self.drawn.is_empty() {
            let is_able = |fault: &&Fault| {
                let needs_disk = matches!(fault, Fault::DiskFull | Fault::PowerCut);
                self.has_disks || !needs_disk
            };
            self.drawn = self.deck.iter().filter(is_able).copied().collect();
        }
        let at = self.random.index(self.drawn.len());
        self.drawn.swap_remove(at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LENGTH: Duration = Duration::from_secs(600);

    fn steps(mut plan: Plan) -> Vec<Step> {
        let mut elapsed = Duration::ZERO;
        let mut steps = Vec::new();
        while elapsed < LENGTH {
            let step = plan.next(elapsed);
            elapsed += step.pause + step.lasts;
            steps.push(step);
        }
        steps
    }

    #[test]
    fn the_quorum_of_nats_is_never_away_for_good() {
        for seed in 0..300 {
            for step in steps(Plan::of_nats(seed, LENGTH, true)) {
                let is_there = NATS_SERVERS - step.fault.nats_away() >= NATS_QUORUM;
                assert!(is_there || step.lasts <= OUTAGE_MAX, "seed {seed}: {step:?}");
                assert!(step.lasts <= Duration::from_secs(10), "seed {seed}: {step:?}");
                assert!(step.of < NATS_SERVERS && step.other < NATS_SERVERS && step.of != step.other);
            }
            let of_nodes = steps(Plan::of_nodes(seed, LENGTH));
            assert!(of_nodes.iter().all(|step| step.fault.nats_away() == 0));
        }
    }

    #[test]
    fn everything_fails_within_ten_minutes_and_what_is_to_happen_once_does() {
        for seed in 0..20 {
            let mut all = steps(Plan::of_nats(seed, LENGTH, true));
            all.extend(steps(Plan::of_nodes(seed, LENGTH)));
            let kinds: BTreeSet<Fault> = all.iter().map(|step| step.fault).collect();
            assert_eq!(kinds.len(), Fault::ALL.len(), "seed {seed}: {kinds:?}");
            for once in [Fault::BitFlipped, Fault::NodeCorrupted] {
                assert_eq!(
                    all.iter().filter(|step| step.fault == once).count(),
                    1,
                    "seed {seed}"
                );
            }
        }
    }

    #[test]
    fn a_seed_gives_the_same_plan_and_another_seed_another() {
        let plan = |seed| steps(Plan::of_nats(seed, LENGTH, true));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn plain_folders_are_neither_filled_nor_lose_their_power() {
        let steps = steps(Plan::of_nats(1, LENGTH, false));
        let needs_disk = |step: &Step| matches!(step.fault, Fault::DiskFull | Fault::PowerCut);
        assert!(!steps.iter().any(needs_disk));
    }
}
