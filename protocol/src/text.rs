//! The text of a message.

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::limits::{MESSAGE_BYTES_MAX, MESSAGE_CHARS_MAX};

/// The text of a message, within its bounds.
///
/// At most [`MESSAGE_CHARS_MAX`] characters (Unicode scalar values) and [`MESSAGE_BYTES_MAX`] bytes, not only
/// white space, and without control characters except line feed and tab. It is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageText(Box<str>);

impl MessageText {
    /// Takes a text from outside.
    ///
    /// # Errors
    /// [`ErrorCode::TooLong`], [`ErrorCode::Empty`] or [`ErrorCode::ControlCharacters`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        if text.len() > MESSAGE_BYTES_MAX || text.chars().count() > MESSAGE_CHARS_MAX {
            return Err(ErrorCode::TooLong);
        }
        if text.trim().is_empty() {
            return Err(ErrorCode::Empty);
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(ErrorCode::ControlCharacters);
        }
        Ok(Self(Box::from(text)))
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
    fn nothing_but_white_space_is_empty() {
        for text in ["", " ", "\n\t", "\u{3000}"] {
            assert_eq!(MessageText::parse(text), Err(ErrorCode::Empty));
        }
    }

    #[test]
    fn control_characters_other_than_line_feed_and_tab_are_refused() {
        for text in ["a\0", "\u{7}bell", "\u{1b}[31m", "a\r\nb", "\u{85}next"] {
            assert_eq!(
                MessageText::parse(text),
                Err(ErrorCode::ControlCharacters),
                "{text:?}"
            );
        }
    }
}
