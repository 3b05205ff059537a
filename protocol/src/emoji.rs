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
/// table of those that are drawn would be large, and old within a year. It is kept as it was written, so `❤` and `❤️`
/// are two.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Emoji(Box<str>);

impl Emoji {
    /// Takes an emoji from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadEmoji`] when the text is not one.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        if text.len() > EMOJI_BYTES_MAX || text.chars().count() > EMOJI_CHARS_MAX || !is_one_emoji(text) {
            return Err(ErrorCode::BadEmoji);
        }
        Ok(Self(Box::from(text)))
    }

    /// The emoji.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
            "❤",
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
