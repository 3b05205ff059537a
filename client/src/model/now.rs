//! The time of a step.

/// When a step happens, and the chance it may use.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds on any clock that does not run backwards.
    pub ms: u64,
    /// A random number, evenly spread; a new one for every step.
    pub random: u32,
}
