//! The words, in every language there is.

mod en;
mod ko;

use super::Words;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// Every language there is.
    pub const ALL: &[Self] = &[Self::Ko, Self::En];

    /// The language with this tag (RFC 5646), of those there are.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lang| lang.tag() == tag)
    }

    /// Its tag, as it stands in `<html lang>` and in the cookie.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.words().tag()
    }

    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::Ko => &ko::WORDS,
            Self::En => &en::WORDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use client::model::Phase;
    use protocol::ErrorCode;

    use super::*;
    use crate::connection::Connection;

    #[test]
    fn no_word_is_empty_in_any_language() {
        for lang in Lang::ALL {
            for (name, word) in lang.words().entries() {
                assert!(!word.trim().is_empty(), "{lang:?} has no {name}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_has_its_place_in_every_language() {
        for &lang in Lang::ALL {
            let korean = Lang::Ko.words().entries();
            for ((name, korean), (_, word)) in korean.zip(lang.words().entries()) {
                assert_eq!(korean.contains("{}"), word.contains("{}"), "{lang:?} {name}");
            }
        }
    }

    #[test]
    fn what_is_handed_to_the_browser_reads_as_it_was() {
        for &lang in Lang::ALL {
            let read = Words::from(lang.words().to_string().leak() as &str);
            assert!(read.entries().eq(lang.words().entries()), "{lang:?}");
        }
    }

    #[test]
    fn every_refusal_is_a_sentence_in_every_language() {
        for lang in Lang::ALL {
            for &code in ErrorCode::ALL {
                let sentence = lang.words().refusal(code);
                assert!(sentence.ends_with('.'), "{lang:?} {code:?}: {sentence}");
                let sentence = lang.words().join_refusal(code);
                assert!(sentence.ends_with('.'), "{lang:?} {code:?}: {sentence}");
            }
        }
    }

    #[test]
    fn trouble_is_told_with_the_status_of_what_refuses_and_with_nothing_else() {
        let at = |phase, refused| {
            let connection = Connection {
                phase,
                refused,
                ..Connection::default()
            };
            Lang::En.words().trouble(connection)
        };
        assert_eq!(at(Phase::Online, 0), "");
        assert_eq!(at(Phase::Down, 0), at(Phase::Down, 502));
        assert!(at(Phase::Online, 403).contains("(403)"));
        assert!(at(Phase::Down, 403).contains("(403)"));
    }

    #[test]
    fn one_is_not_many() {
        let (ko, en) = (Lang::Ko.words(), Lang::En.words());
        assert_eq!(ko.missed(1), "놓친 메시지 1개를 불러왔습니다");
        assert_eq!(ko.missed(12), "놓친 메시지 12개를 불러왔습니다");
        assert_eq!(en.missed(1), "1 message you missed");
        assert_eq!(en.missed(12), "12 messages you missed");
        assert_eq!(en.next_try(0), "");
        assert_eq!(en.next_try(3), " (in 3 s)");
    }

    #[test]
    fn a_language_is_found_by_its_tag() {
        for &lang in Lang::ALL {
            assert_eq!(Lang::parse(lang.tag()), Some(lang));
        }
        assert_eq!(Lang::parse("de"), None);
    }
}
