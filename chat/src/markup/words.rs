//! Text in HTML: what is escaped, the addresses and names in it.

use super::names::Names;

/// The end of what [`begin_link`] begins.
pub(super) const LINK_END: &str = "</a>";

/// Whether nothing in the text could be shown otherwise than it was written. Most messages are like this.
pub(super) fn are_plain(text: &str) -> bool {
    let begins_a_list = |line: &str| {
        let line = line.trim_start();
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        line.starts_with(['-', '+']) || (number.len() < line.len() && number.starts_with(['.', ')']))
    };
    // One at a time: each is looked for many bytes at once, and every message goes through here.
    let signs = ['*', '_', '~', '`', '>', '[', '@', '\\'];
    let has_sign = signs.iter().any(|sign| text.contains(*sign));
    let has_address = text.contains(':') && text.contains("://");
    !has_sign && !has_address && !text.split('\n').any(begins_a_list)
}

/// Appends the text so that it is nothing but text, within an element as within an attribute between double quotes.
pub(super) fn escape(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

/// Appends the text with its addresses as links and its names marked, and says whether there are any. `before` is the
/// character that stands before it on its line.
pub(super) fn write(html: &mut String, text: &str, mut before: Option<char>, names: &mut Names<'_>) -> bool {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let previous = before.replace(c);
        if at < written {
            continue;
        }
        let length = match c {
            'h' | 'H' => address_length(&text[at..], previous),
            '@' => names.length(&text[at..], previous),
            _ => None,
        };
        let Some(length) = length else { continue };
        escape(html, &text[written..at]);
        written = at + length;
        let word = &text[at..written];
        if c == '@' {
            html.push_str("<span class=\"mention\">");
            escape(html, word);
            html.push_str("</span>");
        } else {
            begin_link(html, word);
            escape(html, word);
            html.push_str(LINK_END);
        }
    }
    escape(html, &text[written..]);
    written > 0
}

/// Begins a link that tells the other side nothing, neither who comes nor from where.
pub(super) fn begin_link(html: &mut String, address: &str) {
    html.push_str("<a href=\"");
    escape(html, address);
    html.push_str("\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">");
}

/// Whether a link may lead there: to the web, or to somebody's mail.
pub(super) fn is_address(text: &str) -> bool {
    scheme(text).is_some() || after_ignoring_case(text, "mailto:").is_some_and(|rest| !rest.is_empty())
}

/// The length of the scheme of the web address that the text begins with, in bytes.
pub(super) fn scheme(text: &str) -> Option<usize> {
    let rest = after_ignoring_case(text, "http://").or_else(|| after_ignoring_case(text, "https://"))?;
    rest.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        .then_some(text.len() - rest.len())
}

/// The programming language that a fence names, fit for a class.
pub(super) fn language(info: &str) -> Option<String> {
    let name = info.trim().to_ascii_lowercase();
    let is_fit = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '+' | '#' | '-');
    ((1..=LANGUAGE_BYTES_MAX).contains(&name.len()) && name.chars().all(is_fit)).then_some(name)
}

/// Longest name of a programming language, in bytes.
const LANGUAGE_BYTES_MAX: usize = 20;

/// Whether HTML of nothing but text and line breaks shows the text as it is, but for white space nobody sees.
pub(super) fn show_the_same(html: &str, text: &str) -> bool {
    let mut escaped = String::with_capacity(text.len());
    escape(&mut escaped, text);
    let shown = html.split("<br>").flat_map(str::chars);
    let is_seen = |c: &char| !c.is_whitespace();
    shown.filter(is_seen).eq(escaped.chars().filter(is_seen))
}

fn after_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The length of the web address the text begins with, in bytes. It ends where a Korean reader would end it: before a
/// letter that follows a Latin one or a digit (`https://a.com에서`), and before signs that close what it stands in.
fn address_length(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let start = scheme(text)?;
    let mut end = start;
    let mut previous = '/';
    for c in text[start..].chars() {
        if !belongs_to_address(c, previous) {
            break;
        }
        end += c.len_utf8();
        previous = c;
    }
    Some(start + without_closing_signs(&text[start..end]).len())
}

/// RFC 3986, section 2, and letters of every script as RFC 3987 has them.
fn belongs_to_address(c: char, previous: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    }
    c.is_alphanumeric() && !previous.is_ascii_alphanumeric()
}

/// The address without the signs at its end that belong to the sentence: a bracket does unless it was opened within.
fn without_closing_signs(address: &str) -> &str {
    let count = |bracket| address.matches(bracket).count();
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    let mut rest = address;
    while let Some(last) = rest.chars().next_back() {
        match last {
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' => {}
            _ => break,
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}
