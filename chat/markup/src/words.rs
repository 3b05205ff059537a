//! Text in HTML: what is escaped, the addresses, rooms and names in it.

use std::fmt::Write as _;

use protocol::RoomName;

use super::names::Names;
use super::{addresses, letters};

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
    let signs = ['*', '_', '~', '`', '>', '[', '@', '\\', '#'];
    let has_sign = signs.iter().any(|sign| text.contains(*sign));
    let has_address =
        text.contains(':') && text.contains("://") || text.contains("ww.") || text.contains("WW.");
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

/// How much longer a text is as HTML, in bytes.
pub(super) fn escaped_bytes_more(text: &str) -> usize {
    let more = text.bytes().map(|byte| match byte {
        b'\n' | b'<' | b'>' => 3,
        b'&' => 4,
        b'"' => 5,
        _ => 0,
    });
    more.sum()
}

/// Appends the text with its addresses and rooms as links and its names marked, as long as the HTML is no longer than
/// `bytes_max` with the text behind, and says whether there are any. `before` is the character that stands before it on
/// its line.
pub(super) fn write(
    html: &mut String,
    text: &str,
    mut before: Option<char>,
    bytes_max: usize,
    names: &mut Names<'_>,
) -> bool {
    let mut written = 0;
    let mut has_any = false;
    for (at, c) in text.char_indices() {
        let previous = before.replace(c);
        if at < written {
            continue;
        }
        let Some(word) = word_at(text, at, written, c, previous, names) else {
            continue;
        };
        let (begin, end) = word.place();
        escape(html, &text[written..begin]);
        written = end;
        let length = html.len();
        word.write(html, &text[begin..end]);
        if html.len() + (text.len() - end) > bytes_max {
            html.truncate(length);
            escape(html, &text[begin..end]);
        } else {
            has_any = true;
        }
    }
    escape(html, &text[written..]);
    has_any
}

/// Something in a text that is more than text: where it begins and ends.
enum Word {
    Name(usize, usize),
    Web(usize, usize),
    Mail(usize, usize),
    Room(usize, usize, RoomName),
}

fn word_at(
    text: &str,
    at: usize,
    from: usize,
    c: char,
    before: Option<char>,
    names: &mut Names<'_>,
) -> Option<Word> {
    let rest = &text[at..];
    match c {
        'h' | 'H' | 'w' | 'W' => {
            addresses::web(rest, before, &|_| false).map(|length| Word::Web(at, at + length))
        }
        '@' => match names.length(rest, before) {
            Some(length) => Some(Word::Name(at, at + length)),
            None => addresses::mail(text, from, at).map(|(begin, end)| Word::Mail(begin, end)),
        },
        '#' => room(rest, before).map(|(length, room)| Word::Room(at, at + length, room)),
        _ => None,
    }
}

impl Word {
    const fn place(&self) -> (usize, usize) {
        match *self {
            Self::Name(begin, end)
            | Self::Web(begin, end)
            | Self::Mail(begin, end)
            | Self::Room(begin, end, _) => (begin, end),
        }
    }

    fn write(&self, html: &mut String, text: &str) {
        let scheme = match self {
            Self::Name(..) => {
                html.push_str("<span class=\"mention\">");
                escape(html, text);
                html.push_str("</span>");
                return;
            }
            Self::Room(_, _, room) => {
                html.push_str("<a href=\"/rooms/");
                push_encoded(html, room.as_str());
                html.push_str("\">");
                escape(html, text);
                html.push_str(LINK_END);
                return;
            }
            Self::Mail(..) => "mailto:",
            Self::Web(..) if addresses::scheme(text).is_none() => "https://",
            Self::Web(..) => "",
        };
        begin_link(html, &[scheme, text].concat());
        escape(html, text);
        html.push_str(LINK_END);
    }
}

/// The room that `#` and its name at the beginning of the text lead to, and the length of both, in bytes. Numbers and colours
/// are no rooms.
fn room(text: &str, before: Option<char>) -> Option<(usize, RoomName)> {
    if before.is_some_and(|c| !c.is_whitespace() && !"([{<\"'“‘「『（,".contains(c)) {
        return None;
    }
    let name = text.strip_prefix('#')?;
    let end = name.char_indices().find(|(at, c)| {
        let is_mark = *at > 0 && unicode_normalization::char::is_combining_mark(*c);
        !c.is_alphanumeric() && !matches!(c, '-' | '_') && !is_mark
    });
    let name = name[..end.map_or(name.len(), |(end, _)| end)].trim_end_matches(['-', '_']);
    let name = addresses::without_particle(name);
    let is_colour = matches!(name.len(), 3 | 4 | 6 | 8)
        && name.chars().all(|c| c.is_ascii_hexdigit())
        && name.contains(|c: char| c.is_ascii_digit());
    if is_colour || !name.contains(char::is_alphabetic) {
        return None;
    }
    let room = RoomName::parse_composed(&letters::composed(&name.to_lowercase())).ok()?;
    Some(('#'.len_utf8() + name.len(), room))
}

fn push_encoded(html: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            html.push(byte.into());
        } else {
            let _ = write!(html, "%{byte:02X}");
        }
    }
}

/// Begins a link that tells the other side nothing, neither who comes nor from where.
pub(super) fn begin_link(html: &mut String, address: &str) {
    html.push_str("<a href=\"");
    escape(html, address);
    html.push_str("\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">");
}

/// Whether HTML of nothing but text and line breaks shows the text as it is, but for white space nobody sees.
pub(super) fn show_the_same(html: &str, text: &str) -> bool {
    let mut escaped = String::with_capacity(text.len());
    escape(&mut escaped, text);
    let shown = html.split("<br>").flat_map(str::chars);
    let is_seen = |c: &char| !c.is_whitespace();
    shown.filter(is_seen).eq(escaped.chars().filter(is_seen))
}
