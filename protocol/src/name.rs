//! What people are called.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::hangul;
use crate::invisible::is_invisible;
use crate::limits::NAME_CHARS_MAX;

/// The name a person gave themselves.
///
/// 1 to [`NAME_CHARS_MAX`] characters (Unicode scalar values) on one line, of which one at least can be seen. There is
/// no white space around it, and within it only single spaces. Hangul comes composed, so that a name typed on a Mac is
/// the name typed elsewhere; the server composes the other scripts too (NFC, Unicode Standard Annex #15). It holds no
/// control characters and nothing that turns the direction of what follows (Annex #9, section 2): in a line of
/// the page a name stands before other people's words. Two people may have the same name. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonName(Arc<str>);

impl PersonName {
    /// Takes a name from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadName`] when the text is not a name.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = text.trim();
        if text.chars().any(is_forbidden) {
            return Err(ErrorCode::BadName);
        }
        let mut name = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word);
        }
        let name = hangul::compose(&name);
        if name.chars().count() > NAME_CHARS_MAX || name.chars().all(is_invisible) {
            return Err(ErrorCode::BadName);
        }
        Ok(Self(Arc::from(name)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_forbidden(c: char) -> bool {
    let breaks_the_line = matches!(c, '\u{2028}' | '\u{2029}');
    let turns_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    breaks_the_line || turns_direction || c.is_control()
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PersonName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|code| serde::de::Error::custom(code.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_script_is_kept_as_it_was_written() {
        let longest = "가".repeat(NAME_CHARS_MAX);
        for name in [
            "마당",
            "김 철수",
            "Ada Lovelace",
            "שרה",
            "👩‍👩‍👧‍👦",
            "e\u{301}",
            "<b>",
            "7",
            "ㅋㅋ",
            &longest,
        ] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name, "{name:?}");
        }
    }

    #[test]
    fn white_space_is_trimmed_and_folded_and_hangul_composed() {
        for (written, name) in [
            ("  철수\n", "철수"),
            ("김   철수", "김 철수"),
            ("김\u{3000}철수", "김 철수"),
            ("a\u{a0}b", "a b"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(PersonName::parse(written).unwrap().as_str(), name, "{written:?}");
        }
        let spread = "가 ".repeat(NAME_CHARS_MAX / 2);
        assert!(PersonName::parse(&spread).is_ok());
        let decomposed = "\u{1112}\u{1161}\u{11ab}".repeat(NAME_CHARS_MAX);
        assert_eq!(
            PersonName::parse(&decomposed).unwrap().as_str(),
            "한".repeat(NAME_CHARS_MAX)
        );
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let too_long = "a".repeat(NAME_CHARS_MAX + 1);
        for name in [
            "",
            " \u{3000}\n",
            "a\nb",
            "a\tb",
            "a\0",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{200b}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{2800} \u{feff}",
            "\u{e0041}",
            &too_long,
        ] {
            assert_eq!(PersonName::parse(name), Err(ErrorCode::BadName), "{name:?}");
        }
    }

    #[test]
    fn a_name_that_is_parsed_again_is_the_same() {
        for written in [" a  b ", "\u{1112}\u{1161}\u{11ab}", "x \u{200b} y"] {
            let name = PersonName::parse(written).unwrap();
            assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn json_brings_only_names() {
        let name: PersonName = serde_json::from_str("\" 철수 \"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"철수\"");
        assert!(serde_json::from_str::<PersonName>("\"\"").is_err());
    }
}
