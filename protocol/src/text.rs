//! The text of a message.

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::invisible::is_invisible;
use crate::limits::{MESSAGE_BYTES_MAX, MESSAGE_CHARS_MAX};

/// The text of a message, within its bounds.
///
/// At most [`MESSAGE_CHARS_MAX`] characters (Unicode scalar values) and [`MESSAGE_BYTES_MAX`] bytes, one of them visible, and
/// without control characters except line feed and tab. But for those it is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageText(Box<str>);

impl MessageText {
    /// Takes a text from outside. Its line ends, whichever they are (CR LF, CR, NEL, U+2028, U+2029), become line feeds; other
    /// control characters and byte order marks, which come with what is pasted, are left out.
    ///
    /// # Errors
    /// [`ErrorCode::TooLong`] or [`ErrorCode::Empty`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let mut kept = String::with_capacity(text.len().min(MESSAGE_BYTES_MAX + 1));
        let mut chars = 0;
        let mut is_seen = false;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let c = match c {
                '\r' => {
                    rest.next_if_eq(&'\n');
                    '\n'
                }
                '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
                '\u{feff}' => continue,
                _ if c.is_control() && c != '\n' && c != '\t' => continue,
                _ => c,
            };
            chars += 1;
            is_seen |= !is_invisible(c);
            kept.push(c);
            if chars > MESSAGE_CHARS_MAX || kept.len() > MESSAGE_BYTES_MAX {
                return Err(ErrorCode::TooLong);
            }
        }
        if !is_seen {
            return Err(ErrorCode::Empty);
        }
        Ok(Self(kept.into_boxed_str()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_every_script_is_kept_as_it_was_written() {
        for text in ["안녕하세요", "שלום", "👩‍👩‍👧‍👦", "e\u{301}", " two\nlines\tand a tab "]
        {
            assert_eq!(MessageText::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_bounds_are_in_characters_and_in_bytes() {
        assert!(MessageText::parse(&"가".repeat(MESSAGE_CHARS_MAX)).is_ok());
        assert_eq!(
            MessageText::parse(&"가".repeat(MESSAGE_CHARS_MAX + 1)),
            Err(ErrorCode::TooLong)
        );
        assert!(MessageText::parse(&"😀".repeat(MESSAGE_CHARS_MAX)).is_ok());
        assert_eq!(
            MessageText::parse(&"a".repeat(MESSAGE_BYTES_MAX + 1)),
            Err(ErrorCode::TooLong)
        );
    }

    #[test]
    fn what_nobody_can_see_is_empty() {
        for text in [
            "",
            " ",
            "\n\t",
            "\u{3000}",
            "\u{3164}",
            "\u{200b}",
            "\u{2800}\n\u{2800}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{ad}",
            "\u{2060}\u{206f}",
            "\u{feff}",
            "\u{e0041}\u{e007f}",
            "\0\u{1b}\r\n",
            "\u{200e}\u{200f}",
            "\u{fe0f}",
        ] {
            assert_eq!(MessageText::parse(text), Err(ErrorCode::Empty), "{text:?}");
        }
        for text in ["\u{3164}.", "👍", "ㅋ", "\u{200b}a"] {
            assert!(MessageText::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn line_ends_become_line_feeds_and_other_control_characters_go() {
        for (written, kept) in [
            ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
            ("a\u{85}b\u{2028}c\u{2029}d", "a\nb\nc\nd"),
            ("a\u{c}b\u{b}c\0\u{7}", "abc"),
            ("\u{1b}[31m빨강\u{1b}[0m", "[31m빨강[0m"),
            ("\u{feff}머리\u{feff}", "머리"),
            ("\u{7f}\u{9f}a\tb", "a\tb"),
        ] {
            assert_eq!(MessageText::parse(written).unwrap().as_str(), kept, "{written:?}");
        }
        let lines = "\r\n".repeat(MESSAGE_CHARS_MAX - 1) + "a";
        assert!(
            MessageText::parse(&lines).is_ok(),
            "the bounds are those of what is kept"
        );
    }

    #[test]
    fn a_text_that_is_parsed_again_is_the_same() {
        for written in ["a\r\nb", "\u{feff}\u{1b}a\u{85}", "\r\r\n\na"] {
            let text = MessageText::parse(written).unwrap();
            assert_eq!(MessageText::parse(text.as_str()), Ok(text));
        }
    }
}
