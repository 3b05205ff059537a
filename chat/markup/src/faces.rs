//! Backticks that are cheeks: of two faces like ``(´・ω・`)`` CommonMark would make code.

use super::phrase::{has_words, is_of_face};

/// Characters on each side of a backtick that a face may have.
const SIDE_CHARS_MAX: usize = 12;
/// The other cheek, where one of them is a backtick.
const OTHER_CHEEK: char = '´';

/// Whether a backtick between these two parts of a line is a cheek: alone within brackets without words, or in one word with
/// another cheek for each backtick. Both cheeks may be backticks, if between them are letters that faces are made of.
pub(super) fn is_cheek(before: &str, after: &str) -> bool {
    if before.ends_with('`') || after.starts_with('`') {
        return false;
    }
    let left = before.char_indices().rev().take(SIDE_CHARS_MAX);
    let left = left.take_while(|(_, c)| !c.is_whitespace()).last();
    let left = left.map_or("", |(at, _)| &before[at..]);
    let right = after.char_indices().take(SIDE_CHARS_MAX);
    let right = right.take_while(|(_, c)| !c.is_whitespace()).last();
    let right = right.map_or("", |(at, c)| &after[..at + c.len_utf8()]);
    let brackets = ['(', ')', '（', '）'];
    let begin = left
        .rfind(brackets)
        .filter(|at| left[*at..].starts_with(['(', '（']));
    let end = right
        .find(brackets)
        .filter(|at| right[*at..].starts_with([')', '）']));
    match (begin, end) {
        (Some(begin), Some(end)) => is_face(&left[begin..], &right[..end]),
        _ => {
            let word = [left, right].concat();
            word.matches('`').count() < word.matches(OTHER_CHEEK).count()
        }
    }
}

/// Whether what stands before and after a backtick within brackets makes it a cheek.
fn is_face(left: &str, right: &str) -> bool {
    let inside = [left, " ", right].concat();
    match inside.matches('`').count() {
        0 => inside.contains(OTHER_CHEEK) || !has_words(&inside),
        1 => inside.contains(is_of_face) && !has_words(&inside),
        _ => false,
    }
}
