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

/// The worst that [`fit`] says of a name that fits.
pub const FIT_WORST: u8 = 3;

/// How well a name fits what is being written, both in lower case: 0 is best, `None` not at all. It may begin so, a word in
/// it may, or its consonants.
#[must_use]
pub fn fit(name: &str, written: &str) -> Option<u8> {
    if name.starts_with(written) {
        return Some(0);
    }
    let (name_keys, keys) = (keys(name), keys(written));
    if name_keys.starts_with(&keys) {
        Some(1)
    } else if name_keys
        .split([' ', '-', '_'])
        .any(|word| word.starts_with(&keys))
    {
        Some(2)
    } else {
        initials(name).starts_with(&keys).then_some(FIT_WORST)
    }
}

/// How a text is typed: its syllables as the letters of their keys, `ㄱㅐㅂㅏㄹ` for `개발`. What is being composed is then a
/// beginning of what it becomes: `ㄱ`, `개`, `갭`, `개바`.
#[must_use]
pub fn keys(text: &str) -> String {
    spelled(text, |keys, syllable| {
        *keys += letters(LEADING, syllable / TRAILING_COUNT / VOWEL_COUNT);
        *keys += letters(VOWELS, syllable / TRAILING_COUNT % VOWEL_COUNT);
        *keys += letters(TRAILING, syllable % TRAILING_COUNT);
    })
}

/// The consonants its syllables begin with, `ㅁㄷ` for `마당`: how Koreans abbreviate what they look for.
#[must_use]
pub fn initials(text: &str) -> String {
    spelled(text, |initials, syllable| {
        *initials += letters(LEADING, syllable / TRAILING_COUNT / VOWEL_COUNT);
    })
}

const LEADING: &str = "ㄱ,ㄲ,ㄴ,ㄷ,ㄸ,ㄹ,ㅁ,ㅂ,ㅃ,ㅅ,ㅆ,ㅇ,ㅈ,ㅉ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ";
const VOWELS: &str = "ㅏ,ㅐ,ㅑ,ㅒ,ㅓ,ㅔ,ㅕ,ㅖ,ㅗ,ㅗㅏ,ㅗㅐ,ㅗㅣ,ㅛ,ㅜ,ㅜㅓ,ㅜㅔ,ㅜㅣ,ㅠ,ㅡ,ㅡㅣ,ㅣ";
const TRAILING: &str =
    ",ㄱ,ㄲ,ㄱㅅ,ㄴ,ㄴㅈ,ㄴㅎ,ㄷ,ㄹ,ㄹㄱ,ㄹㅁ,ㄹㅂ,ㄹㅅ,ㄹㅌ,ㄹㅍ,ㄹㅎ,ㅁ,ㅂ,ㅂㅅ,ㅅ,ㅆ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ";
/// What two consonants in a row become while they are typed alone, before what they are.
const PAIRS: &str = "ㄳㄱㅅ,ㄵㄴㅈ,ㄶㄴㅎ,ㄺㄹㄱ,ㄻㄹㅁ,ㄼㄹㅂ,ㄽㄹㅅ,ㄾㄹㅌ,ㄿㄹㅍ,ㅀㄹㅎ,ㅄㅂㅅ";

fn letters(all: &'static str, number: u32) -> &'static str {
    all.split(',').nth(number as usize).unwrap_or_default()
}

fn spelled(text: &str, spell: impl Fn(&mut String, u32)) -> String {
    let mut spelled = String::new();
    for c in text.chars() {
        if let Some(syllable) = offset(c, SYLLABLE_FIRST, SYLLABLE_COUNT) {
            spell(&mut spelled, syllable);
        } else if let Some(pair) = PAIRS.split(',').find_map(|pair| pair.strip_prefix(c)) {
            spelled += pair;
        } else {
            spelled.push(c);
        }
    }
    spelled
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

    #[test]
    fn what_is_being_composed_is_a_beginning_of_what_it_becomes() {
        for (name, states) in [
            ("개발", &["ㄱ", "개", "갭", "개바", "개발"][..]),
            ("과자", &["ㄱ", "고", "과", "괒", "과자"]),
            ("값어치", &["가", "갑", "값", "값ㅇ", "값어"]),
            ("박 하나", &["ㅂ", "바", "박", "박 ㅎ", "박 하", "박 한"]),
        ] {
            for written in states {
                assert!(fit(name, written).is_some_and(|fit| fit < 2), "{name} {written}");
            }
        }
        assert_eq!(keys("뷁 a"), "ㅂㅜㅔㄹㄱ a");
    }

    #[test]
    fn a_name_fits_by_its_beginning_its_words_and_its_consonants_in_this_order() {
        for (name, written, expected) in [
            ("박하나", "박", Some(0)),
            ("박하나", "바", Some(1)),
            ("김 하나", "하", Some(2)),
            ("team-7", "7", Some(2)),
            ("마당", "ㅁㄷ", Some(3)),
            ("감사", "ㄳ", Some(3)),
            ("마당", "ㅁㅇ", None),
            ("ada", "da", None),
            ("하나", "", Some(0)),
        ] {
            assert_eq!(fit(name, written), expected, "{name} {written}");
        }
    }
}
