//! Hangul syllables from conjoining jamo.

use std::borrow::Cow;

const SYLLABLE_FIRST: u32 = 0xac00;
const LEADING_FIRST: u32 = 0x1100;
const LEADING_COUNT: u32 = 19;
const VOWEL_FIRST: u32 = 0x1161;
const VOWEL_COUNT: u32 = 21;
/// One before the first trailing jamo: a syllable without one counts as the zeroth.
const TRAILING_BASE: u32 = 0x11a7;
const TRAILING_COUNT: u32 = 28;
const SYLLABLE_COUNT: u32 = LEADING_COUNT * VOWEL_COUNT * TRAILING_COUNT;

/// The text with its syllables composed, as NFC has them (The Unicode Standard, section 3.12): `각` for `ᄀ`, `ᅡ`, `ᆨ`,
/// which is how macOS names files. This part of NFC is arithmetic; the rest needs tables, which are too large for a
/// page, and stays as it is.
pub(crate) fn compose(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_conjoining) {
        return Cow::Borrowed(text);
    }
    let mut composed = String::with_capacity(text.len());
    let mut last = None;
    for c in text.chars() {
        if let Some(syllable) = last.and_then(|last| pair(last, c)) {
            last = Some(syllable);
        } else {
            composed.extend(last.replace(c));
        }
    }
    composed.extend(last);
    Cow::Owned(composed)
}

const fn is_conjoining(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}')
}

/// What two characters compose to, if they do.
fn pair(first: char, second: char) -> Option<char> {
    if let (Some(leading), Some(vowel)) = (
        offset(first, LEADING_FIRST, LEADING_COUNT),
        offset(second, VOWEL_FIRST, VOWEL_COUNT),
    ) {
        return char::from_u32(SYLLABLE_FIRST + (leading * VOWEL_COUNT + vowel) * TRAILING_COUNT);
    }
    let syllable = offset(first, SYLLABLE_FIRST, SYLLABLE_COUNT)?;
    let trailing = offset(second, TRAILING_BASE, TRAILING_COUNT)?;
    if syllable % TRAILING_COUNT != 0 || trailing == 0 {
        return None;
    }
    char::from_u32(u32::from(first) + trailing)
}

/// How far `c` lies behind `first`, if that is less than `count`.
fn offset(c: char, first: u32, count: u32) -> Option<u32> {
    u32::from(c).checked_sub(first).filter(|offset| *offset < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jamo_become_the_syllables_they_spell() {
        for (jamo, syllables) in [
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"),
            ("\u{1100}\u{1161}", "가"),
            ("가\u{11a8}", "각"),
            ("\u{1112}\u{1175}\u{11c2}", "힣"),
            ("a\u{1106}\u{1161}b", "a마b"),
        ] {
            assert_eq!(compose(jamo), syllables, "{jamo:?}");
        }
    }

    #[test]
    fn what_does_not_compose_stays_as_it_is() {
        for text in [
            "",
            "마당",
            "ㅎㅏㄴ",
            "e\u{301}",
            "\u{1161}\u{11a8}",
            "각\u{11a8}",
            "가\u{11a7}",
            "\u{1100}\u{1100}",
            "a\u{11a8}",
        ] {
            assert_eq!(compose(text), text, "{text:?}");
        }
    }
}
