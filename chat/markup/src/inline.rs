//! What stands on the lines of a block: text, and the code, links and line breaks in it.

use std::ops::Range;

use super::emphasis::{self, Becomes, Mark};
use super::names::Names;
use super::phrase::{BREAK, CODE, LINK, LINK_END, VERBATIM};
use super::{links, words};

/// What stands on the lines of a block.
#[derive(Default)]
pub(super) struct Inline {
    /// The text as it was written, and a sign for each other thing.
    text: String,
    /// What the signs but breaks and the ends of links stand for, in their order.
    parts: Vec<String>,
}

/// How much may be made of it.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// Elements that may stand in one another.
    pub(super) nesting: usize,
    /// Bytes that the whole HTML may have before what is still to be written of the text.
    pub(super) bytes: usize,
}

impl Inline {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// To append text to, as it was written and without control characters.
    pub(super) const fn text(&mut self) -> &mut String {
        &mut self.text
    }

    pub(super) fn push_break(&mut self) {
        self.text.push(BREAK);
    }

    pub(super) fn push_code(&mut self, code: &str) {
        self.push(CODE, code);
    }

    /// A part that is shown as it was written, but for the addresses and names in it.
    pub(super) fn push_verbatim(&mut self, text: &str) {
        self.push(VERBATIM, text);
    }

    pub(super) fn begin_link(&mut self, address: &str) {
        self.push(LINK, address);
    }

    pub(super) fn end_link(&mut self) {
        self.text.push(LINK_END);
    }

    fn push(&mut self, sign: char, part: &str) {
        self.text.push(sign);
        self.parts.push(part.to_owned());
    }

    /// Appends its HTML, and says whether it is more than text and line breaks.
    pub(super) fn write(&self, html: &mut String, room: Room, names: &mut Names<'_>) -> bool {
        let marks = emphasis::marks(&self.text);
        let signs = self.text.char_indices().filter(|(_, c)| is_sign(*c)).collect();
        let mut pen = Pen {
            inline: self,
            html,
            room,
            names,
            marks,
            signs,
            parts: 0,
            before: None,
            is_in_link: false,
            begun: Vec::new(),
            has_markup: false,
        };
        pen.write();
        pen.has_markup
    }
}

const fn is_sign(c: char) -> bool {
    matches!(c, BREAK | CODE | LINK | LINK_END | VERBATIM)
}

/// Writes one.
struct Pen<'a, 'n> {
    inline: &'a Inline,
    html: &'a mut String,
    room: Room,
    names: &'a mut Names<'n>,
    marks: Vec<Mark>,
    /// Where the signs are that stand for something.
    signs: Vec<(usize, char)>,
    /// How many of the parts are written.
    parts: usize,
    /// The character before what comes next on the line.
    before: Option<char>,
    is_in_link: bool,
    /// Whether each mark that has begun was written: one that would stand too deep is not.
    begun: Vec<bool>,
    has_markup: bool,
}

impl<'a> Pen<'a, '_> {
    fn write(&mut self) {
        let text = &self.inline.text;
        let (mut at, mut mark, mut sign) = (0, 0, 0);
        loop {
            let next_mark = self.marks.get(mark).copied();
            let next_sign = self.signs.get(sign).copied();
            let stop = next_mark.map_or(text.len(), |mark| mark.at);
            let stop = next_sign.map_or(stop, |(place, _)| place.min(stop));
            self.words(&text[at..stop], text.len() - stop);
            at = stop;
            if let Some(found) = next_mark.filter(|mark| mark.at == stop) {
                self.mark(found);
                mark += 1;
                at += found.length;
            } else if let Some((_, c)) = next_sign {
                sign += 1;
                at += c.len_utf8();
                if c != LINK {
                    self.sign(c, text.len() - at);
                    continue;
                }
                let end = self.signs[sign..].iter().find(|(_, c)| *c == LINK_END);
                let end = end.map_or(text.len(), |(place, _)| *place);
                if self.begin_link(at..end, mark) {
                    // Its address stands for what was written.
                    at = end;
                    sign += self.signs[sign..]
                        .iter()
                        .take_while(|(place, _)| *place < end)
                        .count();
                    mark += self.marks[mark..].iter().take_while(|mark| mark.at < end).count();
                }
            } else {
                return;
            }
        }
    }

    /// Text, before what are `left` bytes more.
    fn words(&mut self, text: &str, left: usize) {
        let Some(last) = text.chars().next_back() else {
            return;
        };
        if self.is_in_link {
            words::escape(self.html, text);
        } else {
            self.has_markup |= words::write(
                self.html,
                text,
                self.before,
                self.room.bytes.saturating_sub(left),
                self.names,
            );
        }
        self.before = Some(last);
    }

    fn mark(&mut self, mark: Mark) {
        self.has_markup = true;
        match mark.becomes {
            Becomes::Begin(style) => {
                let is_shown = self.begun.len() + 2 < self.room.nesting;
                self.begun.push(is_shown);
                self.html.push_str(if is_shown { style.begin() } else { "" });
            }
            Becomes::End(style) => {
                let was_shown = self.begun.pop().unwrap_or_default();
                self.html.push_str(if was_shown { style.end() } else { "" });
            }
            Becomes::Nothing => {}
        }
    }

    fn sign(&mut self, c: char, left: usize) {
        match c {
            BREAK => {
                self.html.push_str("<br>");
                self.before = None;
                return;
            }
            CODE => {
                let code = self.part();
                self.html.push_str("<code>");
                words::escape(self.html, code);
                self.html.push_str("</code>");
                self.before = Some('`');
            }
            VERBATIM => {
                let part = self.part();
                self.words(part, left);
                return;
            }
            _ => {
                self.html.push_str(words::LINK_END);
                self.is_in_link = false;
            }
        }
        self.has_markup = true;
    }

    /// Begins the link whose text stands there, before which all marks below `mark` lie. Whether its address was written for
    /// its text.
    fn begin_link(&mut self, place: Range<usize>, mark: usize) -> bool {
        let address = self.part();
        words::begin_link(self.html, address);
        self.is_in_link = true;
        self.has_markup = true;
        let (text, parts) = self.link_text(place, mark);
        let misleads = links::mislead(&text, address);
        if misleads {
            words::escape(self.html, address);
            self.parts += parts;
        }
        misleads
    }

    /// What a link shows, and of how many parts that is.
    fn link_text(&self, place: Range<usize>, mark: usize) -> (String, usize) {
        let mut text = String::new();
        let mut shown = place.start;
        let hidden = self.marks[mark..].iter().take_while(|mark| mark.at < place.end);
        for mark in hidden
            .map(|mark| mark.at..mark.at + mark.length)
            .chain(std::iter::once(place.end..place.end))
        {
            text.push_str(&self.inline.text[shown..mark.start]);
            shown = mark.end;
        }
        let mut parts = self.inline.parts[self.parts..].iter();
        let mut whole = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                CODE | VERBATIM => whole.extend(parts.next().map(String::as_str)),
                BREAK => whole.push(' '),
                _ => whole.push(c),
            }
        }
        let count = self.inline.parts.len() - self.parts - parts.len();
        (whole, count)
    }

    fn part(&mut self) -> &'a str {
        self.parts += 1;
        self.inline.parts.get(self.parts - 1).map_or("", String::as_str)
    }
}
