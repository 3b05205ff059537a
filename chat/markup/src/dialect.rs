//! What people write in a chat, as CommonMark.
//!
//! CommonMark is made for documents. This module puts characters into a message, which no message can contain, so that
//! CommonMark reads of it only blocks, code and links, and those as they were meant. Which stars, underscores and tildes are
//! marks, [`super::emphasis`] says.
//!
//! - A quote or a list ends with its line, not with the paragraph that follows it.
//! - `>_<` is a face: a quote begins with `>` and a space. So is ``(´・ω・`)``: see [`super::faces`].
//! - A line of `~~~` is one; only backticks begin code. Where they begin and end it, [`super::fences`] says.
//! - `2025. 11. 25.`, `1)`, `5.` and `-` alone are no lists; headings, rules, definitions of links, HTML and its
//!   entities are not known at all.
//! - A backslash is shown, but where what it stands before would have begun something.

use std::borrow::Cow;

use super::{addresses, faces, fences};
use crate::limits::MARKUP_MARKERS_MAX;

/// Put beside a sign to make it stand beside a letter: neither white space nor punctuation to CommonMark.
const LETTER: char = '\u{86}';
/// These stand for signs that mean nothing to CommonMark here.
const STAND_INS: [(char, char); 4] = [
    ('*', '\u{87}'),
    ('_', '\u{88}'),
    ('~', '\u{89}'),
    ('\\', '\u{8a}'),
];
/// Stands for a backtick that begins no code.
const CHEEK: char = '\u{90}';
/// An empty line, which is not shown: people's own end without a [`RETURN`].
pub(super) const EMPTY_LINE: &str = "\r\n";
const RETURN: char = '\r';

/// Whether the text has none of the characters that are put in: all of them are control characters, which are taken out of
/// every [`protocol::MessageText`].
pub(super) fn speaks(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// The text as it was before anything was put in.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control()) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    push_clean(&mut cleaned, text);
    Cow::Owned(cleaned)
}

/// Appends the text as it was before anything was put in.
pub(super) fn push_clean(to: &mut String, text: &str) {
    to.extend(text.chars().filter(|c| !matches!(*c, LETTER | RETURN)).map(|c| {
        let meant = STAND_INS.iter().chain(&[('`', CHEEK)]);
        let meant = meant.into_iter().find(|(_, stand_in)| *stand_in == c);
        meant.map_or(c, |(sign, _)| *sign)
    }));
}

fn stand_in(c: char) -> char {
    let meant = STAND_INS.iter().find(|(sign, _)| *sign == c);
    meant.map_or(c, |(_, stand_in)| *stand_in)
}

/// How many line feeds of the message are in a part of its CommonMark.
pub(super) fn line_feeds(source: &str) -> usize {
    source.matches('\n').count() - source.matches(EMPTY_LINE).count()
}

/// The text without the end of an empty line that was put in, if that is what it begins with after `before`.
pub(super) fn after_empty_line<'a>(before: &str, text: &'a str) -> &'a str {
    if before.ends_with(RETURN) {
        text.strip_prefix('\n').unwrap_or(text)
    } else {
        text
    }
}

/// The message as CommonMark; it differs from it by what [`clean`] takes away, and by empty lines.
pub(super) fn to_common_mark(text: &str) -> String {
    let text = fences::on_lines_of_their_own(text);
    let mut source = String::with_capacity(text.len() * 2);
    let mut above = Above::Nothing;
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            source.push('\n');
        }
        let (line, end) = match line.strip_suffix(RETURN) {
            Some(line) => (line, "\r"),
            None => (line, ""),
        };
        let line = Line::of(line);
        if above.goes_on_in(&line) {
            source.push_str(EMPTY_LINE);
        }
        source.push_str(line.markers);
        if line.looks_like_more() {
            source.push(LETTER);
        }
        push_body(&mut source, line.body);
        source.push_str(end);
        above = above.then(&line);
    }
    source
}

/// What a line stands below.
#[derive(Clone, Copy, PartialEq)]
enum Above {
    Nothing,
    Quote,
    List,
}

impl Above {
    /// Whether CommonMark would take the line into the quote or list above it, though it bears no mark of that.
    fn goes_on_in(self, line: &Line<'_>) -> bool {
        if line.body.is_empty() || line.is_quote || is_fence(line.body) {
            return false;
        }
        match self {
            Self::Nothing => false,
            Self::Quote => true,
            Self::List => !line.is_item && !line.is_indented(),
        }
    }

    fn then(self, line: &Line<'_>) -> Self {
        if line.is_quote {
            Self::Quote
        } else if line.is_item || self == Self::List && line.is_indented() && !line.body.is_empty() {
            Self::List
        } else {
            Self::Nothing
        }
    }
}

/// A line of a message.
struct Line<'a> {
    /// The white space it begins with, and the signs that say that it belongs to quotes and lists.
    markers: &'a str,
    body: &'a str,
    is_quote: bool,
    is_item: bool,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Self {
        let (mut is_quote, mut is_item) = (false, false);
        let mut body = trim_start(line);
        for _ in 0..MARKUP_MARKERS_MAX {
            if let Some(after) = after_quote_marker(body) {
                is_quote = true;
                body = trim_start(after);
            } else if let Some(after) = after_item_marker(body) {
                is_item = true;
                body = trim_start(after);
            } else {
                break;
            }
        }
        let (markers, body) = line.split_at(line.len() - body.len());
        Self {
            markers,
            body,
            is_quote,
            is_item,
        }
    }

    fn is_indented(&self) -> bool {
        self.markers.starts_with([' ', '\t'])
    }

    /// Whether CommonMark would take the body for a heading, the underline of one, a rule, code after a row of tildes,
    /// or a quote or list that is none here: what there is of those is in the markers, but for what is nested too deep.
    fn looks_like_more(&self) -> bool {
        self.body.starts_with(['#', '=', '>'])
            || self.body.starts_with("~~~")
            || is_rule(self.body)
            || after_number(self.body).is_some()
            || after_item_marker(self.body).is_some()
    }
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn is_fence(body: &str) -> bool {
    body.starts_with("```")
}

/// Whether there is nothing but one sign of lists and rules, however often.
fn is_rule(body: &str) -> bool {
    let Some(sign @ ('-' | '*' | '_' | '+')) = body.chars().next() else {
        return false;
    };
    body.chars().all(|c| c == sign || c == ' ' || c == '\t')
}

/// What the marker of a quote is followed by, if the text begins with one.
fn after_quote_marker(body: &str) -> Option<&str> {
    let after = body.strip_prefix('>')?;
    (after.is_empty() || after.starts_with([' ', '\t', '>'])).then_some(after)
}

/// What the marker of a list's item is followed by, if the text begins with one.
fn after_item_marker(body: &str) -> Option<&str> {
    if is_rule(body) {
        return None;
    }
    if let Some(after) = body.strip_prefix(['-', '*', '+']) {
        return after.starts_with([' ', '\t']).then_some(after);
    }
    let (number, after) = after_number(body)?;
    // Nobody's list has a thousand items; a year has four digits, and another number after it.
    let is_item = number.ends_with('.') && number.len() <= 4 && !after.trim().is_empty();
    (is_item && after_number(trim_start(after)).is_none()).then_some(after)
}

/// The number the text begins with and what follows it, where CommonMark would take the number for that of an item.
fn after_number(body: &str) -> Option<(&str, &str)> {
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || !body[digits..].starts_with(['.', ')']) {
        return None;
    }
    let (number, after) = body.split_at(digits + 1);
    (after.is_empty() || after.starts_with([' ', '\t'])).then_some((number, after))
}

/// Appends the body of a line.
fn push_body(source: &mut String, body: &str) {
    let mut is_escaped = false;
    for (at, c) in body.char_indices() {
        let after = &body[at + c.len_utf8()..];
        if is_escaped {
            is_escaped = false;
            source.push(c);
            continue;
        }
        is_escaped = c == '\\' && escapes(&body[..at], after);
        source.push(match c {
            '`' if faces::is_cheek(&body[..at], after) => CHEEK,
            _ if is_escaped => c,
            _ => stand_in(c),
        });
        let is_no_sign = match c {
            '<' => !is_autolink(after),
            '&' => true,
            ']' => after.starts_with(':'),
            _ => false,
        };
        source.extend(is_no_sign.then_some(LETTER));
    }
}

/// Whether a backslash between these two parts of a line stands before what would have begun something: code, a link, a quote
/// or a list.
fn escapes(before: &str, after: &str) -> bool {
    let begins = |signs: [&str; 4]| before.is_empty() && signs.iter().any(|sign| after.starts_with(sign));
    let is_of_item =
        before.bytes().all(|b| b.is_ascii_digit()) && !before.is_empty() && after.starts_with(". ");
    match after.chars().next() {
        Some('`') => after[1..].contains('`'),
        Some('[') => after.contains("]("),
        Some('<') => is_autolink(&after[1..]),
        _ => is_of_item || begins(["> ", "- ", "+ ", "* "]),
    }
}

/// Whether what follows a `<` may make it a link between angle brackets.
fn is_autolink(after: &str) -> bool {
    addresses::scheme(after).is_some() || addresses::is_address(after)
}
