//! Mentions: whom a text calls with `@`.
//!
//! A text is looked at where it comes in, and what was found goes with the command ([`Calls`]). Whom it stands for is
//! decided when the command is applied, from the database alone ([`resolve`]).

use std::collections::BTreeSet;

use markup::ends;
use protocol::UserId;
use protocol::limits::MENTIONS_MAX;
use serde::{Deserialize, Serialize};

use crate::nfc;

/// What a text calls, as far as the text alone says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calls {
    /// Those whom the author chose by id, [`MENTIONS_MAX`] at most.
    pub ids: Vec<UserId>,
    /// What stands after each `@` that may begin a name, up to the end of its line: [`MENTIONS_MAX`] at most.
    pub words: Vec<Box<str>>,
}

impl Calls {
    /// These people, without the words: [`crate::Chat::submit`] looks for those.
    #[must_use]
    pub fn of(ids: Vec<UserId>) -> Self {
        Self {
            ids,
            words: Vec::new(),
        }
    }
}

/// Somebody who is mentioned in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mention(
    /// Who.
    pub(crate) UserId,
    /// How they are called there, without the `@`; empty where they are called what they were called before.
    pub(crate) Box<str>,
);

impl Mention {
    pub(crate) fn user_id(&self) -> UserId {
        self.0
    }

    /// How they are called in the text.
    pub(crate) fn written(&self) -> &str {
        &self.1
    }
}

/// The people in these, each once, in the order of the text.
pub(crate) fn people(mentions: &[Mention]) -> Vec<UserId> {
    let mut seen = BTreeSet::new();
    let ids = mentions.iter().map(|Mention(user_id, _)| *user_id);
    ids.filter(|user_id| seen.insert(*user_id)).collect()
}

/// The form in which two names are the same: composed, and in lower case.
pub(crate) fn fold(name: &str) -> String {
    nfc::text(&nfc::text(name).to_lowercase()).into_owned()
}

/// The HTML of a text with these mentions; none where it would show what the escaped text shows.
pub(crate) fn html(text: &str, mentions: &[Mention]) -> Option<String> {
    markup::html(text, mentions.iter().map(Mention::written))
}

/// Somebody whose id the author gave, or gave before the text was edited.
pub(crate) struct Chosen {
    pub(crate) user_id: UserId,
    /// What they may be called in the text, folded.
    pub(crate) names: Vec<String>,
    /// Whether they are mentioned even if none of these is found: the name was another when the author chose it.
    pub(crate) is_new: bool,
}

/// Whom the words of a text mention. `named` finds the one person who is called so (folded) where it is said.
///
/// Of several names that a word begins with, the longest counts. Somebody who was chosen comes before others of that name.
pub(crate) fn resolve<E>(
    words: &[Box<str>],
    chosen: &[Chosen],
    mut named: impl FnMut(&str) -> Result<Option<UserId>, E>,
) -> Result<Vec<Mention>, E> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut words_left = 0;
    for word in words.iter().take(MENTIONS_MAX) {
        let (mut found, mut is_of_chosen) = (None, false);
        for written in names(word) {
            let name = fold(written);
            let is_open = |chosen: &&Chosen| mentions.iter().all(|mention| mention.0 != chosen.user_id);
            let mut of_name = chosen.iter().filter(|chosen| chosen.names.contains(&name));
            // Two people of one name, each chosen: the first of them is the first in the text.
            let first = of_name.clone().find(is_open).or_else(|| of_name.next());
            is_of_chosen = first.is_some();
            let user_id = match first {
                Some(chosen) => Some(chosen.user_id),
                None => named(&name)?,
            };
            found = user_id.map(|user_id| Mention(user_id, written.into()));
            if found.is_some() {
                break;
            }
        }
        words_left += usize::from(!is_of_chosen);
        mentions.extend(found.filter(|mention| !mentions.contains(mention)));
    }
    // As many as there are names in the text that may have been theirs: nobody is mentioned without a sign of it.
    let left = chosen.iter().filter(|chosen| chosen.is_new);
    let left: Vec<Mention> = left
        .filter(|chosen| mentions.iter().all(|mention| mention.0 != chosen.user_id))
        .take(words_left)
        .map(|chosen| Mention(chosen.user_id, Box::default()))
        .collect();
    mentions.extend(left);
    Ok(mentions)
}

/// The names that stand at the beginning of a word, the longest first.
fn names(word: &str) -> impl Iterator<Item = &str> {
    let ends_of = word
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .rev()
        .filter_map(|end| word.split_at_checked(end));
    ends_of
        .filter(|(name, rest)| !name.ends_with(char::is_whitespace) && ends(name, rest))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests;
