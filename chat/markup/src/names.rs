//! The names in a text: which are marked, and what there is to be looked up.

use protocol::limits::{MENTIONS_MAX, NAME_CHARS_MAX};

use super::endings::ends;

/// Characters after an `@` that are looked at: the longest name, its letters decomposed, and what is appended to it.
const CALL_CHARS_MAX: usize = 2 * NAME_CHARS_MAX;

/// The names of one text.
#[derive(Default)]
pub(super) struct Names<'n> {
    /// Those that are known to stand in it, the longest first.
    called: Vec<&'n str>,
    /// What stands after each `@` that may begin a name, as far as it is looked at.
    pub(super) found: Vec<Box<str>>,
}

impl<'n> Names<'n> {
    pub(super) fn called(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut called: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        called.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self {
            called,
            found: Vec::new(),
        }
    }

    /// The length of the name the text begins with, its `@` included, in bytes. `before` is what stands before that.
    pub(super) fn length(&mut self, text: &str, before: Option<char>) -> Option<usize> {
        let after = text.strip_prefix('@').filter(|_| may_begin(before))?;
        if after.is_empty() || after.starts_with(char::is_whitespace) {
            return None;
        }
        if self.found.len() < MENTIONS_MAX {
            self.found.push(word(after).into());
        }
        let stands_here = |name: &&&str| after.strip_prefix(**name).is_some_and(|rest| ends(name, rest));
        let known = self.called.iter().find(stands_here);
        known
            .map(|name| name.len())
            .or_else(|| word_length(after))
            .map(|length| '@'.len_utf8() + length)
    }
}

/// The length of a name of which nothing is known: one word of letters and digits, and what joins them.
fn word_length(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    let name = text[..end.unwrap_or(text.len())].trim_end_matches('-');
    name.contains(char::is_alphanumeric).then_some(name.len())
}

/// Whether an `@` after this character may begin a name: not within a word, as in the address of a mailbox.
fn may_begin(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '@')
}

/// What stands after an `@`, as far as it is looked at.
fn word(after: &str) -> &str {
    let line = after.split('\n').next().unwrap_or_default();
    let end = line.char_indices().nth(CALL_CHARS_MAX);
    end.and_then(|(end, _)| line.get(..end)).unwrap_or(line)
}
