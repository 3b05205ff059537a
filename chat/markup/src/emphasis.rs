//! Which stars, underscores and tildes of a text are marks, and which are signs like any other.
//!
//! In a chat most of them are faces (`*^^*`, `ㅠ_ㅠ`), names (`__init__.py`), products (`2*3*4`) and paths. So a pair of them is
//! marks only where it says so on both sides:
//!
//! - *Outside and inside* it stands as a pair around words does: a star that begins has no letter or digit before it, one that
//!   ends none of ASCII after it; two stars may also begin after a letter of another script, and end before any (`**마당**은`).
//!   Neither stands at the side of a path (`/*`, `*/`, `\*`). Underscores stand between white space, brackets and the like
//!   outside, and words inside.
//! - *Between them there are words*: letters or digits, code, a link or a picture, not only signs, and not a face. A
//!   single star is followed by what a phrase begins with. Round brackets that one of the two stands in hold the other.
//! - `__name__` around one ASCII word is a name in a program.
//! - Two tildes strike, neither more nor fewer, and none that follow a letter begin to.
//! - `\*` is a star that is no mark; its backslash goes only where the star would have been one, so paths keep theirs, and
//!   so do expressions with further backslashes (`\*\w+\*`).
//!
//! It takes linear time: of the marks that have begun, the last [`OPENERS_MAX`] are remembered.

use super::addresses;
use super::phrase::{self, Between, LINK, LINK_END};

/// Begun marks that are remembered at a time.
const OPENERS_MAX: usize = 32;

/// Signs in a row that are looked past for what stands beside them.
const SIGNS_MAX: usize = 8;

/// Signs that are not shown, and what is written instead of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where they stand, in bytes.
    pub(super) at: usize,
    /// How many bytes they are.
    pub(super) length: usize,
    pub(super) becomes: Becomes,
}

/// What a mark becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Becomes {
    Begin(Style),
    End(Style),
    /// A backslash that has done its work.
    Nothing,
}

/// How what stands between two marks looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Emphasis,
    Strong,
    Both,
    Struck,
}

impl Style {
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Emphasis => "<em>",
            Self::Strong => "<strong>",
            Self::Both => "<em><strong>",
            Self::Struck => "<del>",
        }
    }

    pub(super) const fn end(self) -> &'static str {
        match self {
            Self::Emphasis => "</em>",
            Self::Strong => "</strong>",
            Self::Both => "</strong></em>",
            Self::Struck => "</del>",
        }
    }

    const fn of(sign: char, length: usize) -> Self {
        match (sign, length) {
            ('~', _) => Self::Struck,
            (_, 1) => Self::Emphasis,
            (_, 2) => Self::Strong,
            _ => Self::Both,
        }
    }
}

/// The marks of a text, in their order.
pub(super) fn marks(text: &str) -> Vec<Mark> {
    let mut reader = Reader {
        text,
        marks: Vec::new(),
        openers: Vec::new(),
        is_in_link: false,
    };
    reader.read();
    reader.marks.sort_by_key(|mark| mark.at);
    reader.marks
}

/// A run of signs that may be a mark.
#[derive(Clone, Copy)]
struct Run {
    sign: char,
    /// Where it begins; where its backslash stands, if it has one.
    at: usize,
    length: usize,
    is_escaped: bool,
    before: Option<char>,
    after: Option<char>,
    next: Option<char>,
    last_before: Option<char>,
    first_after: Option<char>,
}

impl Run {
    const fn end(&self) -> usize {
        self.at + self.length + self.is_escaped as usize
    }
}

struct Reader<'a> {
    text: &'a str,
    marks: Vec<Mark>,
    /// Runs that may begin and have not been ended, the last one last.
    openers: Vec<(Run, bool)>,
    is_in_link: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut at = 0;
        let mut before = None;
        while let Some(c) = self.text[at..].chars().next() {
            let mut length = c.len_utf8();
            match c {
                'h' | 'H' | 'w' | 'W' if !self.is_in_link => {
                    let rest = &self.text[at..];
                    if let Some(address) = addresses::web(rest, before, &|place| self.ends_at(at + place)) {
                        length = address;
                    }
                }
                '*' | '_' | '~' | '\\' => {
                    if let Some(run) = self.run(at, before) {
                        length = run.end() - at;
                        self.take(run);
                    }
                }
                LINK => self.is_in_link = true,
                LINK_END => {
                    self.openers.retain(|(_, is_in_link)| !is_in_link);
                    self.is_in_link = false;
                }
                _ => {}
            }
            at += length;
            before = self.text[..at].chars().next_back();
        }
    }

    /// The run at a place; none where a backslash stands before something else.
    fn run(&self, at: usize, before: Option<char>) -> Option<Run> {
        let rest = &self.text[at..];
        let (is_escaped, signs) = match rest.strip_prefix('\\') {
            Some(signs) => (true, signs),
            None => (false, rest),
        };
        let sign = signs.chars().next().filter(|c| matches!(c, '*' | '_' | '~'))?;
        let length = match is_escaped {
            true if sign == '~' => 2 * usize::from(signs.starts_with("~~")),
            true => 1,
            false => signs.len() - signs.trim_start_matches(sign).len(),
        };
        let is_sign = |c: &char| phrase::is_mark(*c) || *c == '\\';
        let follows = &signs[length..];
        let first_after = follows.chars().take(SIGNS_MAX).find(|c| !is_sign(c));
        let is_followed = is_escaped && follows.starts_with('\\');
        let mut after = follows.chars();
        (length > 0).then(|| Run {
            sign,
            at,
            length,
            is_escaped,
            before,
            after: if is_followed { first_after } else { after.next() },
            next: after.next(),
            last_before: self.text[..at]
                .chars()
                .rev()
                .take(SIGNS_MAX)
                .find(|c| !is_sign(c)),
            first_after,
        })
    }

    fn take(&mut self, mut run: Run) {
        let is_known = if run.sign == '~' {
            run.length == 2
        } else {
            run.length <= 3
        };
        if !is_known {
            return;
        }
        while run.length > 0 && phrase::can_end(&run.between()) {
            let Some(length) = self.close(&run) else { break };
            run.at += length;
            run.length -= length;
        }
        if run.length > 0 && phrase::can_begin(&run.between()) {
            if self.openers.len() == OPENERS_MAX {
                self.openers.remove(0);
            }
            self.openers.push((run, self.is_in_link));
        }
    }

    /// Ends what the run ends, and says how many of its signs that takes.
    fn close(&mut self, run: &Run) -> Option<usize> {
        let same = self.opener(run, run.is_escaped);
        let index = same.or_else(|| self.opener(run, !run.is_escaped))?;
        let (opener, _) = self.openers[index];
        let between = &self.text[opener.end()..run.at];
        let is_expression = opener.is_escaped && run.is_escaped && has_escaped_letter(between);
        if is_expression || !phrase::are_words(between, &opener.between(), &run.between()) {
            self.openers.remove(index);
            return None;
        }
        if opener.is_escaped || run.is_escaped {
            for escaped in [&opener, run].into_iter().filter(|run| run.is_escaped) {
                self.mark(escaped.at, 1, Becomes::Nothing);
            }
            self.openers
                .truncate(if opener.is_escaped { index } else { index + 1 });
            return Some(run.length);
        }
        let length = opener.length.min(run.length);
        let style = Style::of(run.sign, length);
        let left = opener.length - length;
        self.mark(opener.at + left, length, Becomes::Begin(style));
        self.mark(run.at, length, Becomes::End(style));
        self.openers.truncate(index + 1);
        if left == 0 {
            self.openers.pop();
        } else {
            self.openers[index].0.length = left;
        }
        Some(length)
    }

    /// The last of the begun runs that this one may end.
    fn opener(&self, run: &Run, is_escaped: bool) -> Option<usize> {
        self.openers.iter().rposition(|(opener, is_in_link)| {
            let fits = opener.length == run.length || opener.length == 3 || run.length == 3;
            fits && opener.sign == run.sign
                && opener.is_escaped == is_escaped
                && *is_in_link == self.is_in_link
        })
    }

    /// Whether the run at a place, within an address, ends what was begun before it.
    fn ends_at(&self, at: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        let run = self.run(at, before);
        run.is_some_and(|run| phrase::can_end(&run.between()) && self.opener(&run, false).is_some())
    }

    fn mark(&mut self, at: usize, length: usize, becomes: Becomes) {
        self.marks.push(Mark { at, length, becomes });
    }
}

impl Run {
    const fn between(&self) -> Between {
        Between {
            sign: self.sign,
            length: self.length,
            before: self.before,
            after: self.after,
            next: self.next,
            last_before: self.last_before,
            first_after: self.first_after,
            is_escaped: self.is_escaped,
        }
    }
}

/// Whether a backslash stands before a letter: `\w`, `\d`.
fn has_escaped_letter(text: &str) -> bool {
    let mut parts = text.split('\\').skip(1);
    parts.any(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()))
}
