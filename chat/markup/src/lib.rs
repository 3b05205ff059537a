//! A message's HTML, on the server and in the browser.
//!
//! ```text
//! text ─▶ dialect (what people write in a chat, as CommonMark) ─▶ pulldown-cmark (blocks, code, links)
//!      ─▶ Writer ─▶ inline (emphasis, links) ─▶ words ─▶ HTML
//! ```
//!
//! Understood are emphasis, strong emphasis, `~~strikethrough~~`, code, fenced code, quotes, lists and links; bare web
//! and mail addresses and `#room` become links, and `@name` is marked. All else is shown as it was written, and each line feed
//! breaks the line.
//!
//! Architecture Invariant: HTML comes from this module's own literals and from [`words::escape`], nowhere else. What the
//! parser may come to know that is not named here is shown as text.

mod addresses;
mod dialect;
mod emphasis;
mod endings;
mod excerpt;
mod faces;
mod fences;
mod inline;
#[cfg(not(target_arch = "wasm32"))]
mod letters;
#[cfg(target_arch = "wasm32")]
#[path = "letters_browser.rs"]
mod letters;
pub mod limits;
mod links;
mod names;
mod phrase;
mod pictures;
#[cfg(test)]
mod tests;
mod words;

use std::mem;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

pub use self::endings::ends;
pub use self::excerpt::excerpt;
use self::inline::{Inline, Room};
use self::limits::{MARKUP_BYTES_EXTRA, MARKUP_BYTES_PER_BYTE_MAX, MARKUP_NESTING_MAX};
use self::names::Names;

/// The HTML of a message's text; none where it would show what the escaped text shows.
///
/// It is made of `br`, `em`, `strong`, `del`, `code` (`class="language-…"`), `pre`, `blockquote`, `ul`, `ol` (`start`),
/// `li`, `a` (`href`, `rel`, `target`) and `span` (`class="mention"` or `"pictures"`), each closed, and is at most
/// [`MARKUP_BYTES_PER_BYTE_MAX`] times as long as the text and [`MARKUP_BYTES_EXTRA`]; what would be longer has none.
/// Outside `pre` white space stands for itself, as it does in a text without HTML.
///
/// What the people are called in it whom it mentions (`called`) is marked whole; of any other `@name` the word is.
#[must_use]
pub fn html<'n>(text: &str, called: impl IntoIterator<Item = &'n str>) -> Option<String> {
    if let Some(pictures) = pictures::html(text) {
        return Some(pictures);
    }
    if words::are_plain(text) || !dialect::speaks(text) {
        return None;
    }
    // A message is rendered whenever it is read: one that the parser, which is not ours, panicked at would end the
    // writer's thread or a reader's again and again. It is shown as text instead.
    let mut names = Names::called(called);
    panic::catch_unwind(AssertUnwindSafe(|| render(text, &mut names)))
        .ok()
        .flatten()
}

/// What stands after each `@` of a text that may begin a name, [`protocol::limits::MENTIONS_MAX`] at most. In code and
/// in addresses there are no names.
#[must_use]
pub fn calls(text: &str) -> Vec<Box<str>> {
    let mut names = Names::default();
    if text.contains('@') && dialect::speaks(text) {
        let _ = panic::catch_unwind(AssertUnwindSafe(|| render(text, &mut names)));
    }
    names.found
}

fn render(text: &str, names: &mut Names<'_>) -> Option<String> {
    let bytes_max = text.len() * MARKUP_BYTES_PER_BYTE_MAX + MARKUP_BYTES_EXTRA;
    let source = dialect::to_common_mark(text);
    let mut writer = Writer::new(
        &source,
        names,
        bytes_max.saturating_sub(words::escaped_bytes_more(text)),
    );
    for (event, range) in Parser::new_ext(&source, Options::empty()).into_offset_iter() {
        writer.event(&event, range);
        if writer.html.len() > bytes_max {
            return None;
        }
    }
    writer.flush();
    let differs = writer.has_markup || !words::show_the_same(&writer.html, text);
    (differs && writer.html.len() <= bytes_max).then_some(writer.html)
}

/// Writes the HTML of one message.
struct Writer<'a, 'n> {
    /// What the parser reads; ranges are in it.
    source: &'a str,
    names: &'a mut Names<'n>,
    html: String,
    /// What is on the lines of the block and not yet in `html`.
    inline: Inline,
    /// How long the HTML may be, but for what signs and line feeds are longer in it.
    bytes_max: usize,
    /// What the parser has begun and not yet ended, outermost first.
    open: Vec<Open>,
    /// How many of these are blocks.
    blocks: usize,
    is_in_link: bool,
    /// How many beginnings have to end before anything is written again: they are shown as they were written.
    skipped: usize,
    /// Where the last thing that was written ends.
    end: usize,
    /// Whether a line of this block has been begun, so that what comes next stands on it or on a later one.
    is_in_line: bool,
    code: Option<Code>,
    /// Whether anything but text and line breaks has been written.
    has_markup: bool,
}

/// Something begun, and what ends it.
enum Open {
    Block(&'static str),
    Link,
    Code(Code),
    Paragraph,
    /// Shown without an element of its own.
    Bare,
}

/// What CommonMark takes for code.
#[derive(Clone, Copy)]
enum Code {
    Fenced,
    /// Four spaces before a line, which in a chat mean nothing.
    Indented,
}

impl<'a, 'n> Writer<'a, 'n> {
    fn new(source: &'a str, names: &'a mut Names<'n>, bytes_max: usize) -> Self {
        Self {
            source,
            names,
            html: String::with_capacity(source.len() * 2),
            inline: Inline::default(),
            bytes_max,
            open: Vec::new(),
            blocks: 0,
            is_in_link: false,
            skipped: 0,
            end: 0,
            is_in_line: false,
            code: None,
            has_markup: false,
        }
    }

    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(_) if self.skipped > 0 => self.skipped += 1,
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            _ if self.skipped > 0 => {}
            Event::Start(tag) => self.begin(tag, range),
            Event::End(_) => self.close(range.end),
            Event::Text(text) => match self.code {
                None => self.write(text, range),
                Some(Code::Fenced) => self.code_line(text, range.start),
                Some(Code::Indented) => self.line(text, range.start),
            },
            Event::Code(code) => self.code(code, range),
            // Their line feeds lie between what is before and what is after them.
            Event::SoftBreak | Event::HardBreak => {}
            _ => self.as_written(range),
        }
    }

    fn begin(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.open.push(Open::Paragraph),
            Tag::BlockQuote(None) => self.block("<blockquote dir=\"auto\">", "</blockquote>"),
            Tag::List(first) => self.list(*first),
            Tag::Item => self.block("<li>", "</li>"),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => self.fenced(info),
            Tag::CodeBlock(CodeBlockKind::Indented) => self.code_block(Code::Indented),
            Tag::Link { dest_url, .. } => self.link(dest_url, range),
            _ => {
                self.as_written(range);
                self.skipped = 1;
            }
        }
    }

    fn block(&mut self, begin: &str, end: &'static str) {
        if self.open.len() >= MARKUP_NESTING_MAX {
            return self.open.push(Open::Bare);
        }
        self.markup(begin);
        self.new_line();
        self.blocks += 1;
        self.open.push(Open::Block(end));
    }

    fn list(&mut self, first: Option<u64>) {
        if self.open.len() + 1 >= MARKUP_NESTING_MAX {
            // An item would have no place in it.
            return self.open.push(Open::Bare);
        }
        match first {
            None => self.block("<ul dir=\"auto\">", "</ul>"),
            Some(1) => self.block("<ol dir=\"auto\">", "</ol>"),
            Some(first) => self.block(&format!("<ol start=\"{first}\" dir=\"auto\">"), "</ol>"),
        }
    }

    fn link(&mut self, address: &str, range: Range<usize>) {
        let address = dialect::clean(address);
        if self.is_in_link || self.open.len() >= MARKUP_NESTING_MAX || !addresses::is_address(&address) {
            self.as_written(range);
            self.skipped = 1;
            return;
        }
        self.reach(range.start);
        self.inline.begin_link(&address);
        self.is_in_link = true;
        self.open.push(Open::Link);
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        match open {
            Open::Block(tag) => {
                self.markup(tag);
                self.new_line();
                self.blocks -= 1;
            }
            Open::Link => {
                self.inline.end_link();
                self.is_in_link = false;
                self.end = end;
            }
            // What has begun in a paragraph ends in it.
            Open::Paragraph => self.flush(),
            Open::Code(Code::Fenced) => {
                if self.html.ends_with('\n') {
                    self.html.pop();
                }
                self.html.push_str("</code></pre>");
                self.code = None;
                self.new_line();
            }
            Open::Code(Code::Indented) => self.code = None,
            Open::Bare => {}
        }
    }

    fn fenced(&mut self, info: &str) {
        let info = dialect::clean(info);
        self.markup("<pre><code");
        if let Some(language) = fences::language(&info) {
            self.html.push_str(" class=\"language-");
            self.html.push_str(&language);
            self.html.push_str("\">");
        } else {
            // What names no language is what somebody wrote on that line.
            self.html.push('>');
            words::escape(&mut self.html, &info);
            self.html.push_str(if info.is_empty() { "" } else { "\n" });
        }
        self.code_block(Code::Fenced);
    }

    fn code_block(&mut self, code: Code) {
        self.code = Some(code);
        self.open.push(Open::Code(code));
    }

    /// A line of fenced code, or several.
    fn code_line(&mut self, text: &str, start: usize) {
        let before = self.source.get(..start).unwrap_or_default();
        let line = dialect::after_empty_line(before, text);
        words::escape(&mut self.html, &dialect::clean(line));
    }

    fn code(&mut self, code: &str, range: Range<usize>) {
        self.reach(range.start);
        self.inline.push_code(&dialect::clean(code));
        self.end = range.end;
    }

    fn write(&mut self, text: &str, range: Range<usize>) {
        self.reach(range.start);
        dialect::push_clean(self.inline.text(), text);
        self.end = range.end;
    }

    /// A line of what is shown as it was written.
    fn line(&mut self, text: &str, start: usize) {
        let line = text.trim_end();
        if !line.is_empty() {
            self.write(line, start..start + line.len());
        }
    }

    /// Shows a part of the message as it was written.
    fn as_written(&mut self, range: Range<usize>) {
        let mut start = range.start;
        for line in self.source.get(range).unwrap_or_default().split_inclusive('\n') {
            let shown = line.trim_end();
            if !shown.is_empty() {
                self.reach(start);
                self.inline.push_verbatim(&dialect::clean(shown));
                self.end = start + shown.len();
            }
            start += line.len();
        }
    }

    /// Goes on to what begins at `start`, past the line feeds before it.
    fn reach(&mut self, start: usize) {
        let between = self.source.get(self.end..start).unwrap_or_default();
        let feeds = dialect::line_feeds(between);
        self.end = start;
        if self.is_in_line && feeds == 0 {
            return;
        }
        if self.is_in_line {
            for _ in 0..feeds {
                self.inline.push_break();
            }
        }
        self.is_in_line = true;
        if self.blocks == 0 {
            self.indent(start);
        }
    }

    /// Keeps the white space a line begins with; within a quote or list it belongs to that.
    fn indent(&mut self, start: usize) {
        let before = self.source.get(..start).unwrap_or_default();
        let line = before.trim_end_matches([' ', '\t']);
        if line.is_empty() || line.ends_with('\n') {
            self.inline.text().push_str(&before[line.len()..]);
        }
    }

    fn new_line(&mut self) {
        self.is_in_line = false;
    }

    fn markup(&mut self, tag: &str) {
        self.flush();
        self.html.push_str(tag);
        self.has_markup = true;
    }

    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let left = self.source.len() - self.end;
        let room = Room {
            nesting: MARKUP_NESTING_MAX.saturating_sub(self.open.len()),
            bytes: self.bytes_max.saturating_sub(left),
        };
        let inline = mem::take(&mut self.inline);
        self.has_markup |= inline.write(&mut self.html, room, self.names);
    }
}
