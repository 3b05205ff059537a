//! Steps for tests.

use crate::effect::Effect;
use crate::model::now::Now;
use crate::step::Step;

/// Takes one step and returns what it asks for.
pub(crate) fn effects_of(now: Now, take: impl FnOnce(&mut Step<'_>)) -> Vec<Effect> {
    let mut effects = Vec::new();
    take(&mut Step {
        now,
        effects: &mut effects,
    });
    effects
}
