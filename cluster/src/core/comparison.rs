//! Whether this node has the same history as the others, and which is wrong if not.
//!
//! A hash says everything that was applied up to its position, so two nodes that agree at one agree at all before it, and two that
//! differ at one differ at all after it. Each node judges itself alone: it counts who agrees with it and who does not, each data
//! folder once, and stops when fewer agree. Where as many do as do not, nobody can be believed more than another: then everybody
//! reads the log again from where they last agreed, and whoever has applied something else than it has stops. If that leaves both
//! standing, the log tells them different things, and both stop.
//!
//! A node that joins has nobody to lose, and may be what was found to be wrong and was started again: one that serves gives way to
//! it only where its own reading says so.

mod other;
mod tie;

use std::collections::HashMap;

use chat::LogHash;

use self::other::Other;
use self::tie::Tie;
pub use self::tie::reread_from;
use crate::limits::{COMPARISON_WAIT_MS, LISTENING_GAP_MS, NODE_GONE_MS, NODES_MAX};
use crate::{FolderId, NodeId};

/// What a node says of itself, as far as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub node: NodeId,
    /// Where it has what it applied.
    pub folder: FolderId,
    /// The last message that it has applied.
    pub position: u64,
    /// Of everything up to there.
    pub hash: LogHash,
    /// Whether it serves.
    pub is_serving: bool,
    /// Whether it has stopped: then it has no say.
    pub is_stopped: bool,
}

/// What comes of comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least as many agree as can be expected: there is nothing to do.
    Agrees,
    /// Fewer nodes agree with this one than do not: it has to stop.
    Differs {
        position: u64,
        /// How many have another history there.
        majority: usize,
    },
    /// As many agree as do not. What the log has after `agreed` is to be read again up to `position`, and the outcome
    /// told to [`Comparison::settled`]. Said once.
    Tie {
        /// The last position at which this one agreed with whom it now differs from; 0 if never.
        agreed: u64,
        position: u64,
        /// One of those that differ.
        other: NodeId,
    },
}

/// What this node knows of the others.
#[derive(Debug)]
pub struct Comparison {
    node: NodeId,
    others: HashMap<NodeId, Other>,
    /// Whether this node serves.
    serves: bool,
    tie: Tie,
    /// Whether somebody differs, and it takes those who have not been compared yet to say who is wrong.
    is_waiting: bool,
    /// Since when others would have been heard, and when that was last so.
    listens_since_ms: u64,
    listened_ms: u64,
}

impl Comparison {
    /// Of this node, which has heard of nobody.
    #[must_use]
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            others: HashMap::new(),
            serves: false,
            tie: Tie::None,
            is_waiting: false,
            listens_since_ms: 0,
            listened_ms: 0,
        }
    }

    /// This node serves from now on.
    pub const fn serve(&mut self) {
        self.serves = true;
    }

    /// Others are heard from now on: NATS was away.
    pub const fn connected(&mut self, now_ms: u64) {
        self.listens_since_ms = now_ms;
        self.listened_ms = now_ms;
    }

    /// Whether nobody else is there. Whoever has not listened for as long as others may be silent cannot know: a process that stood
    /// still finds that all the others were silent meanwhile.
    #[must_use]
    pub fn is_alone(&self, now_ms: u64) -> bool {
        let listens = self.listened_ms + LISTENING_GAP_MS > now_ms;
        listens && self.listens_since_ms + NODE_GONE_MS <= now_ms && self.live(now_ms).next().is_none()
    }

    /// The positions whose hashes [`Comparison::heard`] will ask for when it is told this claim.
    pub fn asks(&self, claim: &Claim) -> impl Iterator<Item = u64> + use<> {
        let ahead = self.others.get(&claim.node).and_then(|other| other.ahead);
        let ahead = ahead.map(|(position, _)| position);
        ahead.into_iter().chain([claim.position])
    }

    /// A node is there, whatever it has. Returns whoever was forgotten to make room for it.
    pub fn is_there(&mut self, claim: &Claim, now_ms: u64) -> Option<NodeId> {
        if claim.node == self.node {
            return None;
        }
        let forgotten = self.make_room_for(claim.node);
        let other = self.others.entry(claim.node);
        let other = other.or_insert_with(|| Other::new(claim.folder, now_ms));
        other.heard_ms = now_ms;
        other.is_serving = claim.is_serving;
        other.is_stopped = claim.is_stopped;
        forgotten
    }

    /// A node said this. `own` is this node's hash at a position: `None` where it has not come that far, or has not kept it.
    /// `applied` is how far it has come. Returns whoever was forgotten to make room for that node.
    pub fn heard(
        &mut self,
        claim: Claim,
        applied: u64,
        own: impl Fn(u64) -> Option<LogHash>,
        now_ms: u64,
    ) -> Option<NodeId> {
        let forgotten = self.is_there(&claim, now_ms);
        let other = self.others.get_mut(&claim.node)?;
        if let Some((position, hash)) = other.ahead
            && position <= applied
        {
            other.ahead = None;
            other.compare(position, &hash, own(position), now_ms);
        }
        if claim.position <= applied {
            other.compare(claim.position, &claim.hash, own(claim.position), now_ms);
        } else if other.ahead.is_none() {
            other.ahead = Some((claim.position, claim.hash));
        }
        forgotten
    }

    /// How this node stands now. To be asked every second or so.
    pub fn verdict(&mut self, now_ms: u64) -> Verdict {
        if now_ms >= self.listened_ms + LISTENING_GAP_MS {
            self.listens_since_ms = now_ms;
        }
        self.listened_ms = now_ms;
        self.forget(now_ms);
        self.is_waiting = false;
        if let Tie::Lost { position } = self.tie {
            return Verdict::Differs {
                position,
                majority: 1,
            };
        }
        let Some(count) = self.count() else {
            self.tie = Tie::None;
            return Verdict::Agrees;
        };
        let majority = count.differing;
        let position = count.position;
        if count.differing > count.agreeing + count.unknown {
            return Verdict::Differs { position, majority };
        }
        if count.unknown > 0 && now_ms < count.since_ms + COMPARISON_WAIT_MS {
            self.is_waiting = true;
            return Verdict::Agrees;
        }
        if count.differing < count.agreeing {
            // Theirs to stop.
            self.tie = Tie::None;
            return Verdict::Agrees;
        }
        if count.differing > count.agreeing {
            return Verdict::Differs { position, majority };
        }
        self.tied(&count, now_ms)
    }

    fn tied(&mut self, count: &Count, now_ms: u64) -> Verdict {
        if self.tie == Tie::None {
            self.tie = Tie::Reading {
                position: count.position,
            };
            return Verdict::Tie {
                agreed: count.agreed,
                position: count.position,
                other: count.other,
            };
        }
        let gives_way = !self.serves || count.is_served;
        match self.tie.lost(gives_way, now_ms) {
            Some(position) => {
                self.tie = Tie::Lost { position };
                let majority = count.differing;
                Verdict::Differs { position, majority }
            }
            None => Verdict::Agrees,
        }
    }

    /// The log was read again up to this position: whether it says what this node has applied. `None` where it could not be read.
    pub fn settled(&mut self, position: u64, own_is_right: Option<bool>, now_ms: u64) {
        self.tie.settle(position, own_is_right, now_ms);
    }

    /// Whether it is not open who is wrong. Nobody is to be served meanwhile who was not before.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_minority = |count: Count| count.differing < count.agreeing;
        self.tie == Tie::None && !self.is_waiting && self.count().is_none_or(is_minority)
    }

    /// Whether what this node had applied at a position is what others have there: see [`Comparison::confirmed`].
    pub fn is_confirmed(&self, position: u64, now_ms: u64) -> bool {
        self.confirmed(now_ms)
            .is_some_and(|confirmed| position <= confirmed)
    }

    /// The last position at which somebody with a say has agreed with this node, or the last there can be while it is alone;
    /// `None` while anybody with a say differs, or it is not known. A snapshot that nobody has confirmed would make others wrong.
    pub fn confirmed(&self, now_ms: u64) -> Option<u64> {
        let live = || {
            self.others
                .values()
                .filter(|other| !other.is_gone(now_ms) && !other.is_stopped)
        };
        let is_undisputed = self.tie == Tie::None && live().all(|other| other.differed.is_none());
        let agreed = live().map(|other| other.agreed).max();
        let agreed = agreed.or_else(|| self.is_alone(now_ms).then_some(u64::MAX));
        agreed.filter(|_| is_undisputed)
    }

    /// The nodes that are there, this one left out.
    pub fn live(&self, now_ms: u64) -> impl Iterator<Item = NodeId> {
        self.others
            .iter()
            .filter(move |(_, other)| !other.is_gone(now_ms))
            .map(|(node, _)| *node)
    }

    /// A node said that it leaves.
    pub fn left(&mut self, node: NodeId) {
        self.others.remove(&node);
    }

    /// Those that have other history than this one, stopped or not.
    pub fn differing(&self) -> impl Iterator<Item = (NodeId, u64)> {
        let differed = |other: &Other| other.differed.map(|(position, _)| position);
        self.others
            .iter()
            .filter_map(move |(node, other)| Some((*node, differed(other)?)))
    }

    /// Counts who has a say; `None` where nobody differs.
    fn count(&self) -> Option<Count> {
        let with_a_say = || {
            let has_a_say = |node: &NodeId, other: &Other| !other.is_stopped && !self.is_former(*node, other);
            self.others
                .iter()
                .filter(move |(node, other)| has_a_say(node, other))
        };
        let differing = with_a_say().filter_map(|(node, other)| Some((other.differed?, *node, other.agreed)));
        let ((position, since_ms), other, agreed) = differing.clone().min()?;
        let same = || with_a_say().filter(|(_, other)| other.differed.is_none());
        let is_served = with_a_say().any(|(_, other)| other.differed.is_some() && other.is_serving);
        // Whoever agrees at a position agrees at all before it.
        let agreeing = same().filter(|(_, other)| other.agreed >= position).count();
        Some(Count {
            position,
            since_ms,
            other,
            agreed,
            is_served,
            differing: differing.count(),
            agreeing: 1 + agreeing,
            unknown: same().count() - agreeing,
        })
    }

    /// Whether this node has been started again since, in the same folder: a folder has one say, however often its process was
    /// killed.
    fn is_former(&self, node: NodeId, of: &Other) -> bool {
        let mut others = self.others.iter();
        others.any(|(id, other)| other.folder == of.folder && (other.since_ms, *id) > (of.since_ms, node))
    }

    /// Forgets the nodes that are gone; which those are.
    pub fn forget(&mut self, now_ms: u64) -> Vec<NodeId> {
        let gone: Vec<_> = self
            .others
            .iter()
            .filter(|(_, other)| other.is_gone(now_ms))
            .map(|(node, _)| *node)
            .collect();
        for node in &gone {
            self.others.remove(node);
        }
        gone
    }

    fn make_room_for(&mut self, node: NodeId) -> Option<NodeId> {
        if self.others.len() < NODES_MAX || self.others.contains_key(&node) {
            return None;
        }
        let oldest = self.others.iter().min_by_key(|(_, other)| other.heard_ms);
        let oldest = oldest.map(|(node, _)| *node)?;
        self.others.remove(&oldest);
        Some(oldest)
    }
}

/// Who agrees with this node and who does not.
struct Count {
    /// The first position at which somebody differs, since when, who that is, and where they last agreed.
    position: u64,
    since_ms: u64,
    other: NodeId,
    agreed: u64,
    /// Whether any of those that differ serves.
    is_served: bool,
    differing: usize,
    /// With this node.
    agreeing: usize,
    /// Those who have not been compared as far as that.
    unknown: usize,
}

#[cfg(test)]
#[path = "comparison/tests.rs"]
mod tests;
