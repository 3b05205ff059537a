//! Random numbers from a seed, so that what failed can be repeated.

use std::time::Duration;

/// A generator of random numbers (splitmix64). Two with the same seed draw the same numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator for one of several purposes: different ones draw unrelated numbers from the same seed.
    #[must_use]
    pub fn for_purpose(seed: u64, purpose: u64) -> Self {
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

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift: even enough, and no division's bias.
        let product = u128::from(self.draw()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// An index into `len` things, which are not none.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// True once in so many times; never for 0.
    pub fn once_in(&mut self, times: u64) -> bool {
        times > 0 && self.below(times) == 0
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.draw() as u8)
    }

    /// Up to `chars` characters of all kinds: controls, quotes, Hangul, emoji, private planes.
    pub fn text(&mut self, chars: usize) -> String {
        (0..self.index(chars + 1))
            .filter_map(|_| {
                let range = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000][self.index(5)];
                char::from_u32(self.below(range) as u32)
            })
            .collect()
    }

    /// A duration of `from` to `to` milliseconds, both included.
    pub fn ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from + 1))
    }

    /// An exponentially distributed duration of this mean, at most ten times it.
    pub fn exponential(&mut self, mean: Duration) -> Duration {
        let fraction = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        mean.mul_f64((-(1.0 - fraction).ln()).min(10.0))
    }
}
