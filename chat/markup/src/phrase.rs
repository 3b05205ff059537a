//! What stands around and between marks: words, or a face.

/// Stands in a text for a line break.
pub(super) const BREAK: char = '\u{8b}';
/// Stands for code.
pub(super) const CODE: char = '\u{8c}';
/// Stands for where a link begins.
pub(super) const LINK: char = '\u{8d}';
/// Stands for where a link ends.
pub(super) const LINK_END: char = '\u{8e}';
/// Stands for a part that is shown as it was written.
pub(super) const VERBATIM: char = '\u{8f}';

/// A run of signs, and the characters it stands between.
pub(super) struct Between {
    pub(super) sign: char,
    pub(super) length: usize,
    pub(super) before: Option<char>,
    pub(super) after: Option<char>,
    /// What stands behind `after`.
    pub(super) next: Option<char>,
    /// What stands before it, other signs that may be marks left out.
    pub(super) last_before: Option<char>,
    /// What stands after it, other signs that may be marks left out.
    pub(super) first_after: Option<char>,
    pub(super) is_escaped: bool,
}

const OPENING: &str = "([{<\"'“‘«‹「『【〈《〔（［｛";
/// Those of them that cannot close anything, too.
const BRACKETS: &str = "([{“‘«‹「『【〈《〔（［｛";
const CLOSING: &str = ")]}>\"'”’»›」』】〉》〕）］｝";
const SENTENCE: &str = ",.;:!?…。、，．！？";
/// What no phrase stands beside: it is the cheek of a face.
const CHEEKS: &str = "^;`´｀";
/// What an underscore makes a face of.
const LINES: &str = "^;-=<>";
/// What a phrase after a single star begins with, beside letters, digits and pictures.
const BEGINNING: &str = "([{\"'“‘«‹「『【〈《〔（［｛#$&@%+_※→←▶►■□●○◆◇★☆✔✓☞₩€£¥§№";

/// Whether the run may begin something.
pub(super) fn can_begin(run: &Between) -> bool {
    let (Some(after), false) = (run.after, is_white_or_nothing(run.first_after)) else {
        return false;
    };
    let is_free = run
        .before
        .is_none_or(|c| is_white(c) || OPENING.contains(c) || is_mark(c));
    if run.is_escaped && !is_free || is_white(after) {
        return false;
    }
    let is_after_path = matches!(run.before, Some('/' | '\\'));
    match run.sign {
        '~' => !is_letter(run.before),
        '_' => {
            let begins = begins_words(after) || is_mark(after) || OPENING.contains(after) && after != '<';
            begins && (is_free || run.before.is_some_and(|c| SENTENCE.contains(c) && c != '.'))
        }
        _ if run.length == 1 => {
            let is_struck = after == '~' && run.next == Some('~');
            let begins = begins_words(after) || BEGINNING.contains(after) || is_struck;
            let is_beside_face = run.before.is_some_and(|c| CHEEKS.contains(c));
            begins && !is_after_path && !is_beside_face && !is_letter(run.before)
        }
        _ => {
            let is_within_word = run.before.is_some_and(|c| c.is_ascii_alphanumeric());
            let is_of_path = is_after_path && !after.is_alphanumeric();
            !is_within_word && !is_of_path && !matches!(after, ')' | ']' | '}' | ',' | ';')
        }
    }
}

/// Whether the run may end something.
pub(super) fn can_end(run: &Between) -> bool {
    let (Some(before), false) = (run.before, is_white_or_nothing(run.last_before)) else {
        return false;
    };
    if is_white(before) || BRACKETS.contains(before) {
        return false;
    }
    let is_of_path = before == '/' && run.sign == '*' && run.length == 1;
    let Some(after) = run.after.filter(|c| !is_white(*c)) else {
        return !is_of_path && (run.sign != '_' || !LINES.contains(before));
    };
    let goes_on =
        run.next.is_some_and(|c| c.is_ascii_alphanumeric()) && matches!(after, '.' | ':' | '-' | '@');
    match run.sign {
        '~' => true,
        _ if is_of_path || matches!(after, '/' | '\\') => false,
        '_' => {
            let ends = CLOSING.contains(after) && after != '>' || SENTENCE.contains(after);
            (ends || is_mark(after) || is_part(after)) && !goes_on && !LINES.contains(before)
        }
        _ if run.length == 1 => !goes_on && !after.is_ascii_alphanumeric() && !CHEEKS.contains(after),
        _ if after.is_ascii_alphanumeric() => {
            before.is_alphanumeric() && !(before.is_ascii_digit() && after.is_ascii_digit())
        }
        _ => true,
    }
}

/// Whether there are words between what begins and what ends, and not only signs, a face, or a name in a program.
pub(super) fn are_words(between: &str, begin: &Between, end: &Between) -> bool {
    let is_program_s = begin.sign == '_'
        && begin.length == 2
        && between.len() > 1
        && between.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_program_s || crosses_brackets(between, begin, end) {
        return false;
    }
    has_words(between)
}

/// Whether there are words in it, and not only signs or a face.
pub(super) fn has_words(text: &str) -> bool {
    text.split(is_white)
        .any(|word| is_word(word.trim_matches(|c: char| c != '^' && c != ';' && c.is_ascii_punctuation())))
}

/// Whether a round bracket that one of the two stands in ends before the other.
fn crosses_brackets(between: &str, begin: &Between, end: &Between) -> bool {
    let mut depth = 0_i32;
    for c in between.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' if depth > 0 => depth -= 1,
            ')' | '）' if matches!(begin.before, Some('(' | '（')) => return true,
            _ => {}
        }
    }
    depth > 0 && matches!(end.after, Some(')' | '）'))
}

/// Whether it is a word and no face: a picture, a digit, a syllable, two letters of one script, or one letter alone.
fn is_word(text: &str) -> bool {
    let (mut letters, mut signs, mut is_plain) = (0, 0, false);
    let mut previous: Option<(u32, char)> = None;
    for c in text.chars() {
        if is_part(c) || c >= '\u{1f000}' || c.is_numeric() || is_syllable(c) {
            return true;
        }
        let Some(script) = script(c) else {
            signs += 1;
            previous = None;
            continue;
        };
        if previous.is_some_and(|(before, p)| before == script && !(is_of_face(p) && is_of_face(c))) {
            return true;
        }
        letters += 1;
        is_plain |= c.is_ascii() && !"oOTQuUvVwWxXnN".contains(c);
        previous = Some((script, c));
    }
    let is_alone =
        letters == 1 && signs == 0 && previous.is_some_and(|(_, c)| !is_of_face(c) && !"oO".contains(c));
    is_plain || is_alone
}

/// Hangul and Chinese characters: one is a word.
const fn is_syllable(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// A number for the script of a letter, give or take; none for what only counts as a letter by its class.
fn script(c: char) -> Option<u32> {
    match c {
        '\u{2b0}'..='\u{36f}'
        | '\u{1400}'..='\u{167f}'
        | '\u{1d00}'..='\u{1dbf}'
        | '\u{ff9e}'
        | '\u{ff9f}' => None,
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' => Some(0),
        '\u{3040}'..='\u{30ff}' => Some(1),
        _ if c.is_alphabetic() => Some(2 + (u32::from(c) >> 7)),
        _ => None,
    }
}

/// Letters that eyes, mouths and arms are made of.
pub(super) fn is_of_face(c: char) -> bool {
    "ㅠㅜㅡㅗㅛㅇㅅㅁㅂㅍㅓㅏㅣωΩεдДσθρノヽヾゝゞツシっーゞ".contains(c)
}

fn begins_words(c: char) -> bool {
    c.is_alphanumeric() || c >= '\u{1f000}' || is_part(c)
}

/// Code, a link, what has no marks.
const fn is_part(c: char) -> bool {
    matches!(c, CODE | LINK | LINK_END | VERBATIM)
}

pub(super) const fn is_mark(c: char) -> bool {
    matches!(c, '*' | '_' | '~')
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

fn is_white_or_nothing(c: Option<char>) -> bool {
    c.is_none_or(is_white)
}

fn is_white(c: char) -> bool {
    c == BREAK || c.is_whitespace()
}
