//! Random numbers from a seed, so that a run can be repeated.

use std::time::Duration;

/// A small generator (splitmix64). Two with the same seed draw the same numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of `seed` for one purpose: the same seed and purpose, the same numbers.
    #[must_use]
    pub fn of(seed: u64, purpose: u64) -> Self {
        let mut random = Self(seed ^ purpose.wrapping_mul(0xd134_2543_de82_ef95));
        random.draw();
        random
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift: even enough, and no division's bias.
        let product = u128::from(self.draw()) * u128::from(bound.max(1));
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A span of time between two, in milliseconds.
    pub fn ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from + 1))
    }

    /// A span of time that is as likely to end in one moment as in the next, of this mean, at most ten times it.
    pub fn lasting(&mut self, mean: Duration) -> Duration {
        let fraction = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        mean.mul_f64((-(1.0 - fraction).ln()).min(10.0))
    }

    /// Ten bytes, as an id takes them.
    pub fn ten_bytes(&mut self) -> [u8; 10] {
        let (first, second) = (self.draw().to_le_bytes(), self.draw().to_le_bytes());
        std::array::from_fn(|index| {
            if index < 8 {
                first[index]
            } else {
                second[index - 8]
            }
        })
    }
}
