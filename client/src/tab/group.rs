//! The tabs of one browser: which of them leads.
//!
//! The leading tab has the lock, and with it the one connection. When it closes or crashes the browser gives the lock
//! to the next tab in line. A leader that has the lock but answers nothing (it is frozen) loses it to a tab that
//! somebody is looking at.
//!
//! Where there are no locks, as on plain HTTP, a tab that is answered by no leader leads. Two may do so for a moment:
//! when one hears the other, the one with the smaller number gives way. Until then each has a connection of its own,
//! which doubles nothing, for what is sent twice the server takes once.

use crate::effect::Effect;
use crate::limits::{LEADER_ANSWER_MAX_MS, LEADERS_APART_MS, ROLL_ANSWER_MAX_MS, ROLL_CALL_MS};
use crate::step::Step;
use crate::wire::tab_message::TabMessage;
use protocol::limits::SILENCE_MAX_MS;

/// What a tab is to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not started, or gone.
    #[default]
    Idle,
    /// It connects for itself: the browser lacks what tabs need to talk.
    Alone,
    /// It has the connection that all tabs share.
    Leader,
    /// It uses the leader's connection.
    Follower,
}

/// One tab's part in choosing the leader.
#[derive(Debug, Default)]
pub(crate) struct TabGroup {
    pub(crate) role: Role,
    /// This tab's number, drawn by chance.
    pub(crate) id: u32,
    /// The leader's number, once it has said something.
    pub(crate) leader: Option<u32>,
    /// Another tab said something.
    pub(crate) has_others: bool,
    /// There is no lock: who leads is settled by what the tabs say.
    pub(crate) lacks_lock: bool,
    is_visible: bool,
    /// The leader was asked and, without an answer, loses the lock at this time.
    answer_until: Option<u64>,
    /// When something of the leader was last received.
    pub(crate) leader_seen_at: u64,
    /// The tabs that answer when the roll is called.
    pub(crate) answers: Vec<u32>,
    /// The tabs that said something since the roll was called; `None` while it is not.
    heard: Option<Vec<u32>>,
    /// When the leader calls the roll, or has heard enough.
    call_at: u64,
}

impl TabGroup {
    pub(crate) fn start(&mut self, step: &mut Step<'_>, id: u32, is_visible: bool) {
        *self = Self {
            role: Role::Follower,
            id,
            is_visible,
            leader_seen_at: step.now.ms,
            ..Self::default()
        };
        step.push(Effect::RequestLock);
        self.ask(step);
    }

    /// The tabs cannot talk: this one connects for itself.
    pub(crate) fn alone(&mut self, id: u32) {
        *self = Self {
            role: Role::Alone,
            id,
            leader: Some(id),
            ..Self::default()
        };
    }

    /// This tab has the connection.
    pub(crate) fn leads(&self) -> bool {
        matches!(self.role, Role::Alone | Role::Leader)
    }

    pub(crate) fn granted(&mut self, now: u64) {
        self.role = Role::Leader;
        self.call_at = now + ROLL_CALL_MS;
        self.heard = None;
        self.leader = Some(self.id);
        self.answer_until = None;
    }

    /// Another tab stole the lock.
    pub(crate) fn lost(&mut self, step: &mut Step<'_>) {
        self.role = Role::Follower;
        self.leader = None;
        self.leader_seen_at = step.now.ms;
        step.push(Effect::RequestLock);
        self.ask(step);
    }

    pub(crate) fn visible(&mut self, step: &mut Step<'_>, is_visible: bool) {
        self.is_visible = is_visible;
        if is_visible {
            // Nobody waited for what was asked while nobody looked.
            self.answer_until = None;
            self.ask(step);
        }
    }

    pub(crate) fn ask(&mut self, step: &mut Step<'_>) {
        if self.role == Role::Follower && self.answer_until.is_none() {
            self.wait_for_leader(step.now.ms + LEADER_ANSWER_MAX_MS);
            self.say(step, TabMessage::ASK, "");
        }
    }

    /// Waits so long, and a little longer, each tab for another while, so that they do not take the lead together.
    pub(crate) fn wait_for_leader(&mut self, until: u64) {
        self.answer_until = Some(until + u64::from(self.id) % LEADERS_APART_MS);
    }

    /// The leader says how its connection is. True if it is another one than before.
    pub(crate) fn saw_leader(&mut self, now: u64, from: u32) -> bool {
        self.leader_seen_at = now;
        self.answer_until = None;
        self.leader.replace(from) != Some(from)
    }

    /// A tab said something.
    pub(crate) fn hear(&mut self, tab: u32) {
        if let Some(heard) = &mut self.heard
            && !heard.contains(&tab)
        {
            heard.push(tab);
        }
    }

    /// Calls the roll when it is time. When that is over: those that were heard.
    pub(crate) fn call_roll(&mut self, step: &mut Step<'_>) -> Option<Vec<u32>> {
        if self.role != Role::Leader || !self.has_others || step.now.ms < self.call_at {
            return None;
        }
        let heard = self.heard.take();
        let next = if heard.is_some() {
            ROLL_CALL_MS
        } else {
            self.say(step, TabMessage::ROLL_CALL, "");
            self.heard = Some(Vec::new());
            ROLL_ANSWER_MAX_MS
        };
        self.call_at = step.now.ms + next;
        heard
    }

    /// Broadcasts a message. Tabs that connect for themselves only say what is gone.
    pub(crate) fn say(&self, step: &mut Step<'_>, kind: u8, rest: &str) {
        let is_said = match self.role {
            Role::Leader | Role::Follower => true,
            Role::Alone => kind == TabMessage::DISCARD,
            Role::Idle => false,
        };
        if is_said {
            let from = self.id;
            step.push(Effect::Broadcast(TabMessage { kind, from, rest }.write()));
        }
    }

    /// When [`TabGroup::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        match self.role {
            Role::Follower if self.is_visible || self.lacks_lock => {
                self.answer_until.unwrap_or(self.leader_seen_at + SILENCE_MAX_MS)
            }
            Role::Leader if self.has_others => self.call_at,
            _ => u64::MAX,
        }
    }

    /// True if this tab leads from now on, for nobody else does and there is no lock.
    pub(crate) fn tick(&mut self, step: &mut Step<'_>) -> bool {
        if step.now.ms < self.due() {
            return false;
        }
        self.leader_seen_at = step.now.ms;
        if self.answer_until.take().is_none() {
            self.ask(step);
        } else if self.lacks_lock {
            return true;
        } else {
            step.push(Effect::StealLock);
        }
        false
    }
}
