//! The tabs of one browser: which of them leads, and the words they say to one another.
//!
//! The leading tab has the lock, and with it the one connection. When it closes or crashes the browser gives the lock
//! to the next tab in line. A leader that has the lock but answers nothing (it is frozen) loses it to a tab that
//! somebody is looking at.

use crate::effect::Effect;
use crate::limits::LEADER_ANSWER_MAX_MS;
use crate::step::Step;
use crate::wire::tab_message::TabMessage;
use protocol::limits::SILENCE_MAX_MS;

/// What a tab is to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not started, or gone.
    #[default]
    Idle,
    /// It connects for itself: the browser lacks what tabs need to share.
    Alone,
    /// It has the connection that all tabs share.
    Leader,
    /// It uses the leader's connection.
    Follower,
}

/// One tab among the others.
#[derive(Debug, Default)]
pub(crate) struct TabGroup {
    pub(crate) role: Role,
    /// Our number.
    pub(crate) id: u32,
    /// The leader's, once it has spoken.
    pub(crate) leader: Option<u32>,
    /// Whether another tab was ever heard.
    pub(crate) has_others: bool,
    is_visible: bool,
    /// The leader was asked, and loses the lock at this time.
    answer_until: Option<u64>,
    /// When the leader was last heard.
    heard: u64,
}

impl TabGroup {
    /// The page is there. The number is drawn by chance.
    pub(crate) fn start(&mut self, step: &mut Step<'_>, id: u32, is_visible: bool) {
        *self = Self {
            role: Role::Follower,
            id,
            is_visible,
            heard: step.now.ms,
            ..Self::default()
        };
        step.push(Effect::RequestLock);
        self.ask(step);
    }

    /// There is nobody to share with.
    pub(crate) fn alone(&mut self, id: u32) {
        *self = Self {
            role: Role::Alone,
            id,
            leader: Some(id),
            ..Self::default()
        };
    }

    /// Whether this tab has the connection.
    pub(crate) fn leads(&self) -> bool {
        matches!(self.role, Role::Alone | Role::Leader)
    }

    /// We have the lock.
    pub(crate) fn granted(&mut self) {
        self.role = Role::Leader;
        self.leader = Some(self.id);
        self.answer_until = None;
    }

    /// Another tab took the lock from us.
    pub(crate) fn lost(&mut self, step: &mut Step<'_>) {
        self.role = Role::Follower;
        self.leader = None;
        self.heard = step.now.ms;
        step.push(Effect::RequestLock);
        self.ask(step);
    }

    /// Somebody is looking, or is not.
    pub(crate) fn visible(&mut self, step: &mut Step<'_>, is_visible: bool) {
        self.is_visible = is_visible;
        if is_visible {
            // Nobody waited for what was asked while nobody looked.
            self.answer_until = None;
            self.ask(step);
        }
    }

    /// Asks whether the leader is there.
    pub(crate) fn ask(&mut self, step: &mut Step<'_>) {
        if self.role == Role::Follower && self.answer_until.is_none() {
            self.answer_until = Some(step.now.ms + LEADER_ANSWER_MAX_MS);
            self.say(step, TabMessage::ASK, "");
        }
    }

    /// A tab says that it leads. Whether it is another one than before.
    pub(crate) fn heard_leader(&mut self, now: u64, from: u32) -> bool {
        self.heard = now;
        self.answer_until = None;
        self.leader.replace(from) != Some(from)
    }

    /// Says something to the others.
    pub(crate) fn say(&self, step: &mut Step<'_>, kind: u8, rest: &str) {
        if matches!(self.role, Role::Leader | Role::Follower) {
            let from = self.id;
            step.push(Effect::Broadcast(TabMessage { kind, from, rest }.write()));
        }
    }

    /// When [`TabGroup::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        match self.role {
            Role::Follower if self.is_visible => self.answer_until.unwrap_or(self.heard + SILENCE_MAX_MS),
            _ => u64::MAX,
        }
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        if step.now.ms < self.due() {
            return;
        }
        self.heard = step.now.ms;
        if self.answer_until.take().is_some() {
            step.push(Effect::StealLock);
        } else {
            self.ask(step);
        }
    }
}
