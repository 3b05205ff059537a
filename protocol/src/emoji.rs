//! The emoji of a reaction.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::limits::{EMOJI_BYTES_MAX, EMOJI_CHARS_MAX};

/// What is plausibly one emoji.
///
/// At most [`EMOJI_CHARS_MAX`] characters (Unicode scalar values) and [`EMOJI_BYTES_MAX`] bytes, of the shape of one
/// `possible emoji` in the Unicode Technical Standard #51, section 1.4.9: a flag, a keycap, or pictures with
/// their skin tones and variation selectors, joined by zero-width joiners. What counts as a picture is told by range: a
/// table of those that are drawn would be large, and old within a year. It is kept in its [`canonical`] form, so `❤` and `❤️`
/// are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Emoji(Box<str>);

impl Emoji {
    /// Takes an emoji from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadEmoji`] when the text is not one.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let is_short = |text: &str| text.len() <= EMOJI_BYTES_MAX && text.chars().count() <= EMOJI_CHARS_MAX;
        if !is_short(text) || !is_one_emoji(text) {
            return Err(ErrorCode::BadEmoji);
        }
        let emoji = canonical(text);
        if !is_short(&emoji) {
            return Err(ErrorCode::BadEmoji);
        }
        Ok(Self(emoji.into_boxed_str()))
    }

    /// The emoji.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An emoji as Unicode calls it fully qualified (Technical Standard #51, section 1.4.9): what is a letter or sign by itself is
/// followed by the selector that makes it a picture, and nothing else is.
#[must_use]
pub fn canonical(text: &str) -> String {
    let mut emoji = String::with_capacity(text.len() + EMOJI_STYLE.len_utf8());
    let mut chars = text.chars().filter(|c| *c != EMOJI_STYLE).peekable();
    while let Some(c) = chars.next() {
        emoji.push(c);
        let next = chars.peek().copied();
        let is_key = is_key(c) && next == Some(KEYCAP);
        if is_key || is_text_by_itself(c) && !next.is_some_and(is_skin_tone) {
            emoji.push(EMOJI_STYLE);
        }
    }
    emoji
}

const JOINER: char = '\u{200d}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const TAGS_END: char = '\u{e007f}';

fn is_one_emoji(text: &str) -> bool {
    let mut rest = text;
    loop {
        let Some(after) = element(rest) else { return false };
        if after.is_empty() {
            return true;
        }
        let Some(joined) = after.strip_prefix(JOINER) else {
            return false;
        };
        rest = joined;
    }
}

/// What follows the element that `text` begins with; none if it begins with something else.
fn element(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let base = chars.next()?;
    let after = chars.as_str();
    if is_key(base) {
        return after.strip_prefix(EMOJI_STYLE)?.strip_prefix(KEYCAP);
    }
    if is_regional(base) {
        return after.strip_prefix(is_regional);
    }
    if !is_picture(base) {
        return None;
    }
    if let Some(after) = after.strip_prefix(is_skin_tone) {
        return Some(after);
    }
    if let Some(after) = after.strip_prefix(EMOJI_STYLE) {
        return Some(after);
    }
    let after_tags = after.trim_start_matches(is_tag);
    if after_tags.len() < after.len() {
        return after_tags.strip_prefix(TAGS_END);
    }
    Some(after)
}

const fn is_key(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

/// Two of these are a flag.
const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

const fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The letters and digits of a region's flag, as `🏴󠁧󠁢󠁷󠁬󠁳󠁿` has them.
const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}')
}

const fn is_picture(c: char) -> bool {
    matches!(
        c,
        '\u{a9}'
            | '\u{ae}'
            | '\u{203c}'
            | '\u{2049}'
            | '\u{2122}'
            | '\u{2139}'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2300}'..='\u{23ff}'
            | '\u{24c2}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{3030}'
            | '\u{303d}'
            | '\u{3297}'
            | '\u{3299}'
            | '\u{1f000}'..='\u{1f0ff}'
            | '\u{1f170}'..='\u{1f1e5}'
            | '\u{1f200}'..='\u{1faff}'
    )
}

/// Emoji that are no pictures by themselves: `Emoji` without `Emoji_Presentation` in the Unicode emoji data, version 16, but for
/// the keys. From which to which, in order.
const TEXT_BY_THEMSELVES: &[(char, char)] = &[
    ('\u{a9}', '\u{a9}'),
    ('\u{ae}', '\u{ae}'),
    ('\u{203c}', '\u{203c}'),
    ('\u{2049}', '\u{2049}'),
    ('\u{2122}', '\u{2122}'),
    ('\u{2139}', '\u{2139}'),
    ('\u{2194}', '\u{2199}'),
    ('\u{21a9}', '\u{21aa}'),
    ('\u{2328}', '\u{2328}'),
    ('\u{23cf}', '\u{23cf}'),
    ('\u{23ed}', '\u{23ef}'),
    ('\u{23f1}', '\u{23f2}'),
    ('\u{23f8}', '\u{23fa}'),
    ('\u{24c2}', '\u{24c2}'),
    ('\u{25aa}', '\u{25ab}'),
    ('\u{25b6}', '\u{25b6}'),
    ('\u{25c0}', '\u{25c0}'),
    ('\u{25fb}', '\u{25fc}'),
    ('\u{2600}', '\u{2604}'),
    ('\u{260e}', '\u{260e}'),
    ('\u{2611}', '\u{2611}'),
    ('\u{2618}', '\u{2618}'),
    ('\u{261d}', '\u{261d}'),
    ('\u{2620}', '\u{2620}'),
    ('\u{2622}', '\u{2623}'),
    ('\u{2626}', '\u{2626}'),
    ('\u{262a}', '\u{262a}'),
    ('\u{262e}', '\u{262f}'),
    ('\u{2638}', '\u{263a}'),
    ('\u{2640}', '\u{2640}'),
    ('\u{2642}', '\u{2642}'),
    ('\u{265f}', '\u{2660}'),
    ('\u{2663}', '\u{2663}'),
    ('\u{2665}', '\u{2666}'),
    ('\u{2668}', '\u{2668}'),
    ('\u{267b}', '\u{267b}'),
    ('\u{267e}', '\u{267e}'),
    ('\u{2692}', '\u{2692}'),
    ('\u{2694}', '\u{2697}'),
    ('\u{2699}', '\u{2699}'),
    ('\u{269b}', '\u{269c}'),
    ('\u{26a0}', '\u{26a0}'),
    ('\u{26a7}', '\u{26a7}'),
    ('\u{26b0}', '\u{26b1}'),
    ('\u{26c8}', '\u{26c8}'),
    ('\u{26cf}', '\u{26cf}'),
    ('\u{26d1}', '\u{26d1}'),
    ('\u{26d3}', '\u{26d3}'),
    ('\u{26e9}', '\u{26e9}'),
    ('\u{26f0}', '\u{26f1}'),
    ('\u{26f4}', '\u{26f4}'),
    ('\u{26f7}', '\u{26f9}'),
    ('\u{2702}', '\u{2702}'),
    ('\u{2708}', '\u{2709}'),
    ('\u{270c}', '\u{270d}'),
    ('\u{270f}', '\u{270f}'),
    ('\u{2712}', '\u{2712}'),
    ('\u{2714}', '\u{2714}'),
    ('\u{2716}', '\u{2716}'),
    ('\u{271d}', '\u{271d}'),
    ('\u{2721}', '\u{2721}'),
    ('\u{2733}', '\u{2734}'),
    ('\u{2744}', '\u{2744}'),
    ('\u{2747}', '\u{2747}'),
    ('\u{2763}', '\u{2764}'),
    ('\u{27a1}', '\u{27a1}'),
    ('\u{2934}', '\u{2935}'),
    ('\u{2b05}', '\u{2b07}'),
    ('\u{3030}', '\u{3030}'),
    ('\u{303d}', '\u{303d}'),
    ('\u{3297}', '\u{3297}'),
    ('\u{3299}', '\u{3299}'),
    ('\u{1f170}', '\u{1f171}'),
    ('\u{1f17e}', '\u{1f17f}'),
    ('\u{1f202}', '\u{1f202}'),
    ('\u{1f237}', '\u{1f237}'),
    ('\u{1f321}', '\u{1f321}'),
    ('\u{1f324}', '\u{1f32c}'),
    ('\u{1f336}', '\u{1f336}'),
    ('\u{1f37d}', '\u{1f37d}'),
    ('\u{1f396}', '\u{1f397}'),
    ('\u{1f399}', '\u{1f39b}'),
    ('\u{1f39e}', '\u{1f39f}'),
    ('\u{1f3cb}', '\u{1f3ce}'),
    ('\u{1f3d4}', '\u{1f3df}'),
    ('\u{1f3f3}', '\u{1f3f3}'),
    ('\u{1f3f5}', '\u{1f3f5}'),
    ('\u{1f3f7}', '\u{1f3f7}'),
    ('\u{1f43f}', '\u{1f43f}'),
    ('\u{1f441}', '\u{1f441}'),
    ('\u{1f4fd}', '\u{1f4fd}'),
    ('\u{1f549}', '\u{1f54a}'),
    ('\u{1f56f}', '\u{1f570}'),
    ('\u{1f573}', '\u{1f579}'),
    ('\u{1f587}', '\u{1f587}'),
    ('\u{1f58a}', '\u{1f58d}'),
    ('\u{1f590}', '\u{1f590}'),
    ('\u{1f5a5}', '\u{1f5a5}'),
    ('\u{1f5a8}', '\u{1f5a8}'),
    ('\u{1f5b1}', '\u{1f5b2}'),
    ('\u{1f5bc}', '\u{1f5bc}'),
    ('\u{1f5c2}', '\u{1f5c4}'),
    ('\u{1f5d1}', '\u{1f5d3}'),
    ('\u{1f5dc}', '\u{1f5de}'),
    ('\u{1f5e1}', '\u{1f5e1}'),
    ('\u{1f5e3}', '\u{1f5e3}'),
    ('\u{1f5e8}', '\u{1f5e8}'),
    ('\u{1f5ef}', '\u{1f5ef}'),
    ('\u{1f5f3}', '\u{1f5f3}'),
    ('\u{1f5fa}', '\u{1f5fa}'),
    ('\u{1f6cb}', '\u{1f6cb}'),
    ('\u{1f6cd}', '\u{1f6cf}'),
    ('\u{1f6e0}', '\u{1f6e5}'),
    ('\u{1f6e9}', '\u{1f6e9}'),
    ('\u{1f6f0}', '\u{1f6f0}'),
    ('\u{1f6f3}', '\u{1f6f3}'),
];

fn is_text_by_itself(c: char) -> bool {
    let after = TEXT_BY_THEMSELVES.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= TEXT_BY_THEMSELVES[after - 1].1
}

impl fmt::Display for Emoji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Emoji {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|code| serde::de::Error::custom(code.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest there is: a kiss of two people of two skin tones.
    const KISS: &str = "👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏿";

    #[test]
    fn pictures_flags_keycaps_and_families_are_each_one_emoji() {
        for emoji in [
            "👍",
            "👍🏽",
            "❤\u{fe0f}",
            "⭐",
            "©\u{fe0f}",
            "🇰🇷",
            "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
            "1\u{fe0f}\u{20e3}",
            "#\u{fe0f}\u{20e3}",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "🏳\u{fe0f}\u{200d}🌈",
            "🧑🏻\u{200d}💻",
            "㊗\u{fe0f}",
            "🫶",
            KISS,
        ] {
            assert_eq!(Emoji::parse(emoji).unwrap().as_str(), emoji, "{emoji:?}");
        }
        assert_eq!(KISS.chars().count(), EMOJI_CHARS_MAX);
        assert_eq!(KISS.len(), EMOJI_BYTES_MAX);
    }

    #[test]
    fn an_emoji_is_the_same_however_its_selectors_were_typed() {
        for (typed, emoji) in [
            ("❤", "❤\u{fe0f}"),
            ("☺", "☺\u{fe0f}"),
            ("⭐\u{fe0f}", "⭐"),
            ("👍\u{fe0f}", "👍"),
            ("✌", "✌\u{fe0f}"),
            ("✌🏽", "✌🏽"),
            ("🏳\u{200d}🌈", "🏳\u{fe0f}\u{200d}🌈"),
            ("👩\u{200d}❤\u{200d}👨", "👩\u{200d}❤\u{fe0f}\u{200d}👨"),
            ("🕵\u{200d}♀", "🕵\u{fe0f}\u{200d}♀\u{fe0f}"),
            ("㊗", "㊗\u{fe0f}"),
            ("★\u{fe0f}", "★"),
            (KISS, KISS),
        ] {
            let parsed = Emoji::parse(typed).unwrap();
            assert_eq!(parsed.as_str(), emoji, "{typed:?}");
            assert_eq!(Emoji::parse(emoji), Ok(parsed));
        }
        assert!(TEXT_BY_THEMSELVES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn what_is_not_one_emoji_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "1",
            "1\u{20e3}",
            "가",
            "ㅋ",
            "!",
            "👍👍",
            "👍 ",
            " 👍",
            "👍a",
            "🇰",
            "🇰🇷🇰",
            "🇰🇷🇰🇷",
            "\u{200d}",
            "👩\u{200d}",
            "\u{200d}👩",
            "👩\u{200d}\u{200d}👩",
            "\u{fe0f}",
            "❤\u{fe0f}\u{fe0f}",
            "❤\u{fe0e}",
            "👍🏽🏽",
            "🏴\u{e0067}",
            "🏴\u{e007f}",
            "👍\u{301}",
            "👍\n",
            "<b>",
        ] {
            assert_eq!(Emoji::parse(text), Err(ErrorCode::BadEmoji), "{text:?}");
        }
    }

    #[test]
    fn the_bounds_are_in_characters_and_in_bytes() {
        let many = ["❤"; 6].join("\u{200d}");
        assert!(many.chars().count() > EMOJI_CHARS_MAX && many.len() <= EMOJI_BYTES_MAX);
        assert_eq!(Emoji::parse(&many), Err(ErrorCode::BadEmoji));
        let heavy = format!("🏴{}\u{e007f}", "\u{e0061}".repeat(8));
        assert!(heavy.chars().count() <= EMOJI_CHARS_MAX && heavy.len() > EMOJI_BYTES_MAX);
        assert_eq!(Emoji::parse(&heavy), Err(ErrorCode::BadEmoji));
    }

    #[test]
    fn json_brings_only_emoji() {
        let emoji: Emoji = serde_json::from_str("\"🎉\"").unwrap();
        assert_eq!(serde_json::to_string(&emoji).unwrap(), "\"🎉\"");
        assert!(serde_json::from_str::<Emoji>("\"party\"").is_err());
    }
}
