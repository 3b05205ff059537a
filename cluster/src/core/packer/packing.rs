//! A message of the log, while commands are put into it.

use std::collections::{HashSet, VecDeque};

use chat::Strand;

use super::{Flight, State, Taken};
use crate::NodeId;
use crate::core::envelope::{Pushed, Writing};
use crate::core::formats::is_usable;

/// A message that is being packed.
#[derive(Debug)]
pub(super) struct Packing<R> {
    format: u32,
    writing: Writing,
    strands: HashSet<Strand>,
    /// Each since when it is waited for.
    replies: Vec<(u64, Option<R>)>,
    /// What comes now goes into the next one, all of it: an author's commands keep their order.
    is_full: bool,
}

impl<R> Packing<R> {
    pub(super) fn new(format: u32, node: NodeId, number: u64) -> Self {
        Self {
            format,
            writing: Writing::new(format, node, number),
            strands: HashSet::new(),
            replies: Vec::new(),
            is_full: false,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.replies.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    pub(super) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// Takes what fits of what did not fit before, in order.
    pub(super) fn take_left(
        &mut self,
        left: &mut VecDeque<Taken<R>>,
        held: &HashSet<Strand>,
        refused: &mut Vec<R>,
    ) {
        let mut behind = HashSet::new();
        for waiting in std::mem::take(left) {
            let is_behind = |strand: &Strand| held.contains(strand) || behind.contains(strand);
            let stays = if waiting.command.strands().any(|strand| is_behind(&strand)) {
                behind.extend(waiting.command.strands());
                Some(waiting)
            } else {
                self.push(waiting, refused)
            };
            left.extend(stays);
        }
    }

    pub(super) fn push(&mut self, left: Taken<R>, refused: &mut Vec<R>) -> Option<Taken<R>> {
        if self.is_full {
            return Some(left);
        }
        if !is_usable(&left.command.action, self.format) {
            // An older node has come since it was let in.
            refused.push(left.reply);
            return None;
        }
        match self.writing.push(&left.command) {
            Pushed::In => {
                self.strands.extend(left.command.strands());
                self.replies.push((left.since_ms, Some(left.reply)));
                None
            }
            Pushed::Full => {
                self.is_full = true;
                Some(left)
            }
            Pushed::TooLarge => {
                refused.push(left.reply);
                None
            }
        }
    }

    pub(super) fn end(self, number: u64, now_ms: u64) -> Flight<R> {
        Flight {
            number,
            payload: self.writing.end(),
            strands: self.strands,
            replies: self.replies,
            attempt: 0,
            failures: 0,
            empty_acks: 0,
            state: State::Due { at_ms: now_ms },
        }
    }
}
