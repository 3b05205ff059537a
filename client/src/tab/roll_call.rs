//! Which tabs are still there. One that crashes says nothing, and its person would be in its room for as long as the leading tab
//! has a connection.
//!
//! The leader asks, and the others answer from the very event: timers of hidden tabs run once a minute, what is said to them
//! they hear at once. A tab that is frozen does not; it is taken for gone, and joins its room again as soon as it answers.
//! One of an earlier version knows no such question and is never taken for gone.

use crate::step::Step;
use crate::tab::machine::Tab;
use crate::wire::outgoing;
use crate::wire::tab_message::TabMessage;

impl Tab {
    /// Asks who is there when it is time, and lets those go that say nothing.
    pub(super) fn call_roll(&mut self, step: &mut Step<'_>) {
        if let Some(heard) = self.group.call_roll(step) {
            let answers = &self.group.answers;
            let is_silent = |tab: &u32| answers.contains(tab) && !heard.contains(tab);
            loop {
                let silent = self.subscriptions.tabs().find(is_silent);
                let Some(tab) = silent else { break };
                self.subscriptions.leave(step, tab, None, &mut self.connection);
            }
        }
    }

    /// The leader asks who is there.
    pub(super) fn answer_roll_call(&self, step: &mut Step<'_>) {
        let cursor = self.view.timeline().cursor().filter(|_| self.view.is_joined());
        let join = cursor.map(|cursor| outgoing::join(self.view.room().as_str(), cursor));
        self.group.say(step, TabMessage::HERE, &join.unwrap_or_default());
    }

    /// A tab is there: if it was taken for gone, it joins its room again.
    pub(super) fn is_here(&mut self, step: &mut Step<'_>, tab: u32, join: &str) {
        if !self.group.answers.contains(&tab) {
            self.group.answers.push(tab);
        }
        if !self.subscriptions.tabs().any(|known| known == tab) {
            self.asked(step, tab, join);
        }
    }
}
