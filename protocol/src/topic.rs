//! What a room is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::invisible::is_invisible;
use crate::limits::TOPIC_CHARS_MAX;

/// What a room is about, as somebody in it put it.
///
/// 0 to [`TOPIC_CHARS_MAX`] characters (Unicode scalar values) on one line, without white space around it and without
/// control characters; one that nobody could see is empty. The empty one is that of a room nobody has given any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Topic(Box<str>);

impl Topic {
    /// Takes a topic from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadTopic`] when the text is not a topic.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = text.trim();
        let is_forbidden = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if text.chars().any(is_forbidden) || text.chars().count() > TOPIC_CHARS_MAX {
            return Err(ErrorCode::BadTopic);
        }
        let is_seen = text.chars().any(|c| !is_invisible(c));
        Ok(Self(Box::from(if is_seen { text } else { "" })))
    }

    /// The topic.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|code| serde::de::Error::custom(code.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_one_line_of_any_script_without_white_space_around_it() {
        let longest = "가".repeat(TOPIC_CHARS_MAX);
        for (written, topic) in [
            ("", ""),
            (" \n", ""),
            ("\u{3164}\u{200b}", ""),
            (" 오늘의  할 일 \n", "오늘의  할 일"),
            ("שלום 👋", "שלום 👋"),
            (&longest, &longest),
        ] {
            assert_eq!(Topic::parse(written).unwrap().as_str(), topic, "{written:?}");
        }
        assert!(Topic::default().is_empty());
    }

    #[test]
    fn what_is_not_a_topic_is_refused() {
        let too_long = "가".repeat(TOPIC_CHARS_MAX + 1);
        for topic in ["a\nb", "a\tb", "a\0b", "a\u{2029}b", &too_long] {
            assert_eq!(Topic::parse(topic), Err(ErrorCode::BadTopic), "{topic:?}");
        }
    }

    #[test]
    fn json_brings_only_topics() {
        let topic: Topic = serde_json::from_str("\" 공지 \"").unwrap();
        assert_eq!(serde_json::to_string(&topic).unwrap(), "\"공지\"");
        assert!(serde_json::from_str::<Topic>(r#""a\nb""#).is_err());
    }
}
