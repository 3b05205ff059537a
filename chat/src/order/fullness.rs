//! Whether so much waits that the next may soon be refused.

use tokio::sync::watch;

use crate::limits::{ORDER_CROWDED_COMMANDS, ORDER_ROOMY_COMMANDS};

/// What is told of it.
#[derive(Debug, Default)]
pub(super) struct Fullness(watch::Sender<bool>);

impl Fullness {
    pub(super) fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }

    /// Says whether it is crowded when so many wait, where that has changed. With a gap between the two bounds: whoever is let
    /// on must not be held back again by the next command. To be told with the queue's lock held: what is told last must be
    /// what was so last.
    pub(super) fn tell(&self, waiting: usize) {
        self.0.send_if_modified(|is_crowded| {
            let is_now = waiting
                >= if *is_crowded {
                    ORDER_ROOMY_COMMANDS
                } else {
                    ORDER_CROWDED_COMMANDS
                };
            std::mem::replace(is_crowded, is_now) != is_now
        });
    }
}
