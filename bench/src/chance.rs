//! Chance that is the same in every run.

/// xorshift64 (Marsaglia, "Xorshift RNGs", 2003).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    /// A number below this one, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_below_the_end_comes_and_nothing_else() {
        let mut chance = Chance::new();
        let mut came = [0; 5];
        for _ in 0..1_000 {
            came[chance.below(5) as usize] += 1;
        }
        assert!(came.iter().all(|&times| times > 100), "{came:?}");
    }
}
