//! What is to go wrong on a connection.

use std::time::Duration;

use client::testing::Random;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a reset of both sides.
    Reset,
    /// The side that reads this direction is told that there is no more; the other direction goes on for a while,
    /// then both are reset.
    HalfClose(Direction),
    /// Nothing is sent on any more, for so long; then both sides are reset.
    Stall(Duration),
}

/// What goes wrong on a connection, and when. Everything can be combined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// Upgrades are refused: with this status, or by hanging up when it is 0.
    pub refuse_upgrade: Option<u16>,
    /// So long after it was taken, it ends like this.
    pub ends: Option<(Duration, Ending)>,
    /// Cut when so many bytes went this way.
    pub cut_after: Option<(Direction, u64)>,
    /// Cut between commit and ack, at the n-th chance (0: the first).
    pub cut_before_ack: Option<u32>,
    /// So long after it was taken, nothing is sent on for so long.
    pub stall: Option<(Duration, Duration)>,
    /// Bytes this way are sent on one by one, so many of them.
    pub slice: Option<(Direction, u64)>,
    /// Each piece is delayed by so much.
    pub delay: Option<Duration>,
    /// The system takes little from the server ahead of what was sent on: what the server writes is taken in part, or not.
    pub is_narrow: bool,
}

/// How much is to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRates {
    /// How long a connection lasts in the mean.
    pub life: Duration,
    /// In how many of a hundred connections an ack is cut off.
    pub acks_cut_percent: u64,
    /// In how many of a hundred connections an upgrade is refused.
    pub upgrades_refused_percent: u64,
}

impl FaultPlan {
    /// Nothing goes wrong.
    #[must_use]
    pub fn clean() -> Self {
        Self::default()
    }

    /// Cut before the first ack, and nothing else.
    #[must_use]
    pub fn before_first_ack() -> Self {
        Self {
            cut_before_ack: Some(0),
            ..Self::default()
        }
    }

    /// Draws a plan.
    #[must_use]
    pub fn draw(random: &mut Random, fault_rates: &FaultRates) -> Self {
        let mut plan = Self::default();
        let life = random.exponential(fault_rates.life);
        let ending = match random.below(100) {
            0..64 => Ending::Reset,
            64..88 => Ending::HalfClose(direction(random)),
            88..98 => Ending::Stall(random.ms(200, 2_500)),
            // Longer than a client waits for a line to open, or for the answer to its ping.
            _ => Ending::Stall(random.ms(5_000, 12_000)),
        };
        plan.ends = Some((life, ending));
        if random.chance(fault_rates.upgrades_refused_percent) {
            let answers = [0, 400, 403, 404, 426, 502, 503];
            plan.refuse_upgrade = Some(answers[random.index(7)]);
        }
        if random.chance(fault_rates.acks_cut_percent) {
            plan.cut_before_ack = Some(random.below(4) as u32);
        }
        if random.chance(15) {
            // Heads are some hundreds of bytes, frames begin behind them.
            plan.cut_after = Some((direction(random), 1 + random.below(3_000)));
        }
        if random.chance(8) {
            plan.stall = Some((life.mul_f64(0.5), random.ms(50, 1_500)));
        }
        if random.chance(15) {
            plan.slice = Some((direction(random), 1 + random.below(2_000)));
        }
        if random.chance(15) {
            plan.delay = Some(random.ms(1, 40));
        }
        plan.is_narrow = random.chance(15);
        plan
    }
}

fn direction(random: &mut Random) -> Direction {
    if random.chance(50) {
        Direction::Up
    } else {
        Direction::Down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_rates() -> FaultRates {
        FaultRates {
            life: Duration::from_millis(800),
            acks_cut_percent: 20,
            upgrades_refused_percent: 5,
        }
    }

    #[test]
    fn a_seed_and_a_number_give_the_same_plan_and_others_another() {
        let plan = |seed, number| FaultPlan::draw(&mut Random::for_purpose(seed, number), &fault_rates());
        assert_eq!(plan(7, 3), plan(7, 3));
        assert!((0..20).any(|number| plan(7, number) != plan(8, number)));
    }

    #[test]
    fn every_kind_of_fault_is_drawn_sooner_or_later() {
        let plans: Vec<FaultPlan> = (0..5_000)
            .map(|number| FaultPlan::draw(&mut Random::for_purpose(1, number), &fault_rates()))
            .collect();
        let any = |has: fn(&FaultPlan) -> bool| plans.iter().any(has);
        assert!(any(|plan| plan.refuse_upgrade == Some(0)));
        assert!(any(|plan| plan.refuse_upgrade == Some(403)));
        assert!(any(|plan| plan.cut_before_ack == Some(0)));
        assert!(any(|plan| matches!(plan.cut_after, Some((Direction::Up, _)))));
        assert!(any(|plan| matches!(plan.slice, Some((Direction::Down, _)))));
        assert!(any(|plan| plan.stall.is_some()));
        assert!(any(|plan| plan.delay.is_some()));
        assert!(any(|plan| plan.is_narrow));
        for ending in [
            Ending::Reset,
            Ending::HalfClose(Direction::Up),
            Ending::HalfClose(Direction::Down),
        ] {
            assert!(
                plans
                    .iter()
                    .any(|plan| matches!(plan.ends, Some((_, drawn)) if drawn == ending))
            );
        }
        assert!(any(|plan| matches!(plan.ends, Some((_, Ending::Stall(_))))));
    }
}
