//! What people write in a chat, as CommonMark.
//!
//! CommonMark is made for documents, and in an alphabet that puts spaces between words and their endings. This module
//! puts characters into a message, which no message can contain and which are taken out of all that is shown, so that
//! CommonMark reads it as it was meant:
//!
//! - A quote or a list ends with its line, not with the paragraph that follows it.
//! - `**"마당"**은` is strong. CommonMark lets no `**` end between a sign and a letter; here it may, where the letter is
//!   of a script that is not ASCII, as in the "CJK-friendly emphasis" amendment. `_` is as in CommonMark: it neither
//!   begins nor ends within a word, so `_마당_은` stays as it is.
//! - `3~5시, 7~9시`, `네~~ 좋아요~~` and `2*3*4` are not struck through or emphasised: only two tildes strike, none that
//!   follow a letter begin to, and a star between digits is one.
//! - `^_^` and `>_<` are faces: no underscore between two such signs emphasises, and a quote begins with `>` and a space.
//! - A line of `~~~` is one; only backticks begin code.
//! - `2025. 11. 25.`, `1)`, `5.` and `-` alone are no lists; headings, rules, definitions of links, HTML and its
//!   entities are not known at all.
//! - `_` within a bare web address belongs to it.

use std::borrow::Cow;

use crate::limits::MARKUP_MARKERS_MAX;

/// Put beside a sign to make it stand beside a letter: neither white space nor punctuation to CommonMark.
const LETTER: char = '\u{86}';
/// Put beside a sign to make it stand beside white space, where it neither begins nor ends anything.
const SPACE: char = '\u{85}';
/// An empty line, which is not shown: people's own end without a [`RETURN`].
const EMPTY_LINE: &str = "\r\n";
const RETURN: char = '\r';

/// Whether the text has none of the characters that are put in: all of them are control characters, which
/// [`protocol::MessageText`] refuses.
pub(super) fn speaks(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// The text without what was put in.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_put_in) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    push_clean(&mut cleaned, text);
    Cow::Owned(cleaned)
}

/// Appends the text without what was put in.
pub(super) fn push_clean(to: &mut String, text: &str) {
    for part in text.split(is_put_in) {
        to.push_str(part);
    }
}

const fn is_put_in(c: char) -> bool {
    matches!(c, LETTER | SPACE | RETURN)
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
    let mut source = String::with_capacity(text.len() * 2);
    let mut above = Above::Nothing;
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            // A backslash before the line feed would go with it.
            if source.ends_with('\\') {
                source.push(LETTER);
            }
            source.push('\n');
        }
        let line = Line::of(line);
        if above.goes_on_in(&line) {
            source.push_str(EMPTY_LINE);
        }
        source.push_str(line.markers);
        if line.looks_like_more() {
            source.push(LETTER);
        }
        Inline::new(&mut source).line(line.body);
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

/// Writes the body of a line.
struct Inline<'a> {
    source: &'a mut String,
    before: Option<char>,
    is_escaped: bool,
    is_in_address: bool,
}

impl<'a> Inline<'a> {
    const fn new(source: &'a mut String) -> Self {
        Self {
            source,
            before: None,
            is_escaped: false,
            is_in_address: false,
        }
    }

    fn line(&mut self, body: &str) {
        let mut rest = body;
        while let Some(c) = rest.chars().next() {
            let length = if self.is_escaped || !matches!(c, '*' | '~') {
                c.len_utf8()
            } else {
                rest.len() - rest.trim_start_matches(c).len()
            };
            let (sign, after) = rest.split_at(length);
            self.track_address(c, rest);
            self.write(c, sign, after);
            self.is_escaped = c == '\\' && !self.is_escaped;
            self.before = Some(c);
            rest = after;
        }
    }

    fn track_address(&mut self, c: char, rest: &str) {
        if c.is_whitespace() {
            self.is_in_address = false;
        } else if matches!(c, 'h' | 'H') && !self.before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            self.is_in_address |= super::words::scheme(rest).is_some();
        }
    }

    fn write(&mut self, c: char, sign: &str, after: &str) {
        let next = after.chars().next();
        let (first, last) = match c {
            _ if self.is_escaped => (None, None),
            '*' | '~' => beside_run(sign, self.before, next),
            '_' if self.is_in_address && next.is_some_and(|c| c == '_' || c.is_alphanumeric()) => {
                (Some(LETTER), Some(LETTER))
            }
            '_' if self.before.is_some_and(is_eye) && next.is_some_and(is_eye) => {
                (Some(LETTER), Some(LETTER))
            }
            '<' if !is_autolink(after) => (None, Some(LETTER)),
            '&' => (None, Some(LETTER)),
            ']' if next == Some(':') => (None, Some(LETTER)),
            _ => (None, None),
        };
        self.source.extend(first);
        self.source.push_str(sign);
        self.source.extend(last);
    }
}

/// What is put before and after a run of stars or tildes.
fn beside_run(run: &str, before: Option<char>, after: Option<char>) -> (Option<char>, Option<char>) {
    let is_between = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
    let is_digit = |c: char| c.is_ascii_digit();
    if run == "~" || run.starts_with('*') && is_between(is_digit) {
        return (Some(SPACE), Some(SPACE));
    }
    if run.starts_with("~~~") {
        return (None, None);
    }
    let first = (before.is_some_and(is_sign) && after.is_some_and(is_letter)).then_some(LETTER);
    let last = if run == "~~" && before.is_some_and(char::is_alphanumeric) {
        Some(SPACE)
    } else {
        (before.is_some_and(is_letter) && after.is_some_and(is_sign)).then_some(LETTER)
    };
    (first, last)
}

/// A letter of a script that may do without spaces between words, give or take.
fn is_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// What CommonMark calls punctuation, and marks that it does not, for which it makes no difference.
fn is_sign(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

const fn is_eye(c: char) -> bool {
    matches!(c, '^' | '-' | '=' | '<' | '>' | ';' | '.' | '\'' | '@' | '$')
}

/// Whether what follows a `<` may make it a link between angle brackets.
fn is_autolink(after: &str) -> bool {
    super::words::scheme(after).is_some() || super::words::is_address(after)
}
