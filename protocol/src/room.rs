//! Room names.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::error::ErrorCode;
use crate::invisible::is_invisible;
use crate::limits::ROOM_CHARS_MAX;

/// The name of a room, as it stands in the address `/rooms/{room}`.
///
/// 1 to [`ROOM_CHARS_MAX`] characters, each a letter with its marks or a digit of any script, `-` or `_`, and none that
/// cannot be seen. Latin letters are lower case, so that two names never differ only by case, and all is composed (NFC, no
/// conjoining jamo), so that two names never look alike and differ. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomName(Arc<str>);

impl RoomName {
    /// The room that `/` shows and that plain clients are in.
    pub const LOBBY: &'static str = "lobby";

    /// The lobby's name.
    #[must_use]
    pub fn lobby() -> Self {
        Self(Arc::from(Self::LOBBY))
    }

    /// Takes a name from outside, in its composed form.
    ///
    /// # Errors
    /// [`ErrorCode::BadRoom`] when the text is not a room name.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        Self::of(text.nfc())
    }

    /// Takes a name that is in its composed form: the tables for that are large, and a browser has its own.
    ///
    /// # Errors
    /// [`ErrorCode::BadRoom`] when the text is not a room name.
    pub fn parse_composed(text: &str) -> Result<Self, ErrorCode> {
        Self::of(text.chars())
    }

    fn of(chars: impl Iterator<Item = char>) -> Result<Self, ErrorCode> {
        let mut name = String::new();
        // As it was typed it may be longer: what is none must not be read for long.
        for (count, c) in chars.enumerate() {
            let is_fit = is_room_char(c) || is_room_mark(c, &name);
            if count >= ROOM_CHARS_MAX || !is_fit {
                return Err(ErrorCode::BadRoom);
            }
            name.push(c);
        }
        if name.is_empty() {
            Err(ErrorCode::BadRoom)
        } else {
            Ok(Self(Arc::from(name)))
        }
    }

    /// Takes a name that the server gave out, which is one. In the browser: what tells letters in all scripts takes more
    /// bytes than anybody gains from asking a second time.
    #[must_use]
    pub fn given_out(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the lobby.
    #[must_use]
    pub fn is_lobby(&self) -> bool {
        &*self.0 == Self::LOBBY
    }
}

fn is_room_char(c: char) -> bool {
    match c {
        '-' | '_' | 'a'..='z' | '0'..='9' => true,
        '\0'..='\u{7f}' => false,
        // Conjoining jamo: the decomposed spelling of a syllable that also has a composed one.
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' => false,
        other => {
            other.is_alphanumeric()
                && !other.is_uppercase()
                && !is_combining_mark(other)
                && !is_invisible(other)
        }
    }
}

/// Whether the character is a mark on the letter that the name ends with: vowels and tones of Thai and Devanagari are such.
/// [`MARKS_MAX`] of them at most, so that nothing is painted over its neighbours.
fn is_room_mark(c: char, before: &str) -> bool {
    let marks = before.chars().rev().take_while(|c| is_combining_mark(*c)).count();
    let has_letter = before.chars().nth_back(marks).is_some_and(char::is_alphabetic);
    is_combining_mark(c)
        && has_letter
        && marks < MARKS_MAX
        && !is_invisible(c)
        && !matches!(c, '\u{20d0}'..='\u{20ff}')
}

/// Marks on one letter.
const MARKS_MAX: usize = 4;

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RoomName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RoomName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|code| serde::de::Error::custom(code.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_script_digits_and_two_signs_make_a_name() {
        for name in [
            "lobby",
            "개발",
            "team-7_b",
            "ひろば",
            "0",
            "ทั่วไป",
            "हिन्दी",
            "தமிழ்",
            "ພາສາລາວ",
            "မြန်မာ",
            "العَرَبِيَّة",
            "tiếng_việt",
            &"가".repeat(ROOM_CHARS_MAX),
        ] {
            assert_eq!(
                RoomName::parse(name).map(|room| room.to_string()),
                Ok(name.to_owned())
            );
        }
    }

    #[test]
    fn a_name_is_the_same_however_its_letters_were_typed() {
        for (typed, name) in [
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("cafe\u{301}", "café"),
            ("\u{958}", "\u{915}\u{93c}"),
        ] {
            let room = RoomName::parse(typed).unwrap();
            assert_eq!(room.as_str(), name, "{typed:?}");
            assert_eq!(RoomName::parse(room.as_str()), Ok(room));
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let too_long = "a".repeat(ROOM_CHARS_MAX + 1);
        for name in [
            "",
            "Lobby",
            "a b",
            "a/b",
            "..",
            "a\n",
            "😀",
            "É",
            "\u{3164}",
            "a\u{200b}",
            "\u{115f}\u{1160}",
            "\u{ffa0}\u{ffa0}",
            "\u{2800}",
            "a\u{ad}",
            "\u{301}",
            "-\u{301}",
            "a\u{fe0f}",
            "a\u{20dd}",
            "x\u{316}\u{317}\u{318}\u{319}\u{31c}",
            &too_long,
        ] {
            assert_eq!(RoomName::parse(name), Err(ErrorCode::BadRoom), "{name:?}");
        }
    }
}
