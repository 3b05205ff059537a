//! Room names.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::limits::ROOM_CHARS_MAX;

/// The name of a room, as it stands in the address `/rooms/{room}`.
///
/// 1 to [`ROOM_CHARS_MAX`] characters, each a letter or digit of any script, `-` or `_`. Latin letters are lower
/// case, so that two names never differ only by case, and Hangul comes composed (no conjoining jamo), so that two
/// names never look alike and differ. Cheap to clone.
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

    /// Takes a name from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadRoom`] when the text is not a room name.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let mut chars = 0;
        for c in text.chars() {
            chars += 1;
            if chars > ROOM_CHARS_MAX || !is_room_char(c) {
                return Err(ErrorCode::BadRoom);
            }
        }
        if chars == 0 {
            Err(ErrorCode::BadRoom)
        } else {
            Ok(Self(Arc::from(text)))
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
        other => other.is_alphanumeric() && !other.is_uppercase(),
    }
}

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
            &"가".repeat(ROOM_CHARS_MAX),
        ] {
            assert_eq!(
                RoomName::parse(name).map(|room| room.to_string()),
                Ok(name.to_owned())
            );
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
            "\u{1112}\u{1161}\u{11ab}",
            "😀",
            "É",
            &too_long,
        ] {
            assert_eq!(RoomName::parse(name), Err(ErrorCode::BadRoom), "{name:?}");
        }
    }
}
