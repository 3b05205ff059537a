//! What a room's log comes to: every message as each of its events left it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use client::model::Reaction;
use protocol::UserId;

use super::{Action, Stored};

/// What can change about a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The text; empty once it is deleted.
    pub text: String,
    /// When it was last edited, in Unix milliseconds.
    pub edited_at: Option<u64>,
    pub is_deleted: bool,
    /// Emoji in the order in which they came to be there, each with its people in theirs.
    pub reactions: Vec<Reaction>,
}

/// A message, and what became of it.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    /// Its own event.
    pub(super) post: &'a Stored,
    /// As the last event left it.
    pub(super) state: State,
    /// The `seq` of every event that changed it, its own first, with the digest of what that left.
    versions: Vec<(u64, u64)>,
}

/// The messages of a room's log.
#[derive(Debug, Default)]
pub(super) struct Log<'a>(pub(super) BTreeMap<u64, Folded<'a>>);

/// A number that differs when anything that is shown does. When a deleted message was edited is not shown.
pub(super) fn digest(text: &str, edited_at: Option<u64>, is_deleted: bool, reactions: &[Reaction]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let edited_at = edited_at.filter(|_| !is_deleted);
    (text, edited_at, is_deleted, reactions.len()).hash(&mut hasher);
    for reaction in reactions {
        (&*reaction.emoji, &reaction.user_ids).hash(&mut hasher);
    }
    hasher.finish()
}

impl State {
    pub(super) fn digest(&self) -> u64 {
        digest(&self.text, self.edited_at, self.is_deleted, &self.reactions)
    }

    /// Whether this would change nothing about it.
    pub(super) fn has(&self, author: UserId, action: &Action) -> bool {
        match action {
            Action::Post(_) => false,
            Action::Edit { text, .. } => !self.is_deleted && *self.text == **text,
            Action::Delete { .. } => self.is_deleted,
            Action::React { emoji, on, .. } => {
                let is_it = |one: &Reaction| *one.emoji == **emoji && one.user_ids.contains(&author);
                !self.is_deleted && self.reactions.iter().any(is_it) == *on
            }
        }
    }

    fn apply(&mut self, author: UserId, at: u64, action: &Action) {
        match action {
            Action::Post(_) => {}
            Action::Edit { text, .. } => {
                self.text = text.to_string();
                self.edited_at = Some(at);
            }
            Action::Delete { .. } => {
                *self = Self {
                    is_deleted: true,
                    ..Self::default()
                };
            }
            Action::React { emoji, on: true, .. } => {
                let known = self.reactions.iter_mut().find(|one| *one.emoji == **emoji);
                match known {
                    Some(reaction) => reaction.user_ids.push(author),
                    None => self.reactions.push(Reaction {
                        emoji: (**emoji).into(),
                        user_ids: vec![author],
                    }),
                }
            }
            Action::React { emoji, on: false, .. } => {
                for reaction in self.reactions.iter_mut().filter(|one| *one.emoji == **emoji) {
                    reaction.user_ids.retain(|user_id| *user_id != author);
                }
                self.reactions.retain(|reaction| !reaction.user_ids.is_empty());
            }
        }
    }
}

impl<'a> Log<'a> {
    /// Takes the log's next event. `action` is what was written, for the log has nothing of a deleted text. False when
    /// it changes what cannot be changed.
    pub(super) fn take(&mut self, event: &'a Stored, action: &Action) -> bool {
        let Some(target) = action.target() else {
            let state = State {
                text: action.text().unwrap_or_default().to_owned(),
                ..State::default()
            };
            let versions = vec![(event.seq, state.digest())];
            let folded = Folded {
                post: event,
                state,
                versions,
            };
            self.0.insert(event.seq, folded);
            return true;
        };
        let Some(folded) = self.0.get_mut(&target) else {
            return false;
        };
        let is_own = folded.post.author == event.author || matches!(action, Action::React { .. });
        if folded.state.is_deleted || folded.state.has(event.author, action) || !is_own {
            return false;
        }
        folded.state.apply(event.author, event.at, action);
        folded.versions.push((event.seq, folded.state.digest()));
        true
    }

    pub(super) fn state(&self, seq: u64) -> Option<&State> {
        self.0.get(&seq).map(|folded| &folded.state)
    }

    pub(super) fn is_deleted(&self, seq: u64) -> bool {
        self.state(seq).is_some_and(|state| state.is_deleted)
    }
}

impl Folded<'_> {
    /// The `seq` of the last event that changed it.
    pub(super) fn rev(&self) -> u64 {
        self.versions.last().map_or(0, |(rev, _)| *rev)
    }

    /// The digest of what the event at `rev` left.
    pub(super) fn version(&self, rev: u64) -> Option<u64> {
        let at = self.versions.binary_search_by_key(&rev, |(rev, _)| *rev).ok()?;
        self.versions.get(at).map(|(_, digest)| *digest)
    }
}
