//! What every machine is given with each input.

#[cfg(test)]
pub(crate) mod testing;

use crate::effect::Effect;
use crate::model::now::Now;

/// One step of a tab, handed through its machines.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) now: Now,
    /// What the step asks of whoever runs the tab, in order.
    pub(crate) effects: &'a mut Vec<Effect>,
}

impl Step<'_> {
    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}
