//! A tab that a test runs, and that its browser may freeze.

use super::QueuedInput;
use crate::Now;
use crate::effect::Effect;
use crate::tab::{Config, Input, Tab};

/// A tab, and the inputs that wait while it is frozen.
pub struct TabRunner {
    pub tab: Tab,
    frozen: Option<Vec<QueuedInput>>,
}

impl TabRunner {
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            tab: Tab::new(config),
            frozen: None,
        }
    }

    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Stops the tab as a browser stops a hidden one: until [`thaw`](Self::thaw) its inputs wait.
    pub fn freeze(&mut self) {
        self.frozen.get_or_insert_default();
    }

    /// Lets the tab go on; returns the inputs that waited, to be taken now in this order.
    pub fn thaw(&mut self) -> Vec<QueuedInput> {
        self.frozen.take().unwrap_or_default()
    }

    /// Keeps the input for later if the tab is frozen, otherwise hands it back.
    pub fn admit(&mut self, input: QueuedInput) -> Option<QueuedInput> {
        match &mut self.frozen {
            Some(waiting) => {
                waiting.push(input);
                None
            }
            None => Some(input),
        }
    }

    /// Drops what other tabs said while this one was frozen, as a browser may.
    pub fn drop_tab_messages(&mut self) {
        if let Some(waiting) = &mut self.frozen {
            waiting.retain(|input| !matches!(input, QueuedInput::TabMessage(_)));
        }
    }

    /// Takes one step; returns what is to be carried out, in order.
    pub fn step(&mut self, now: Now, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.tab.step(now, input, &mut effects);
        effects
    }
}
