//! What only the server says, one table for each language: the browser need not download it.

mod en;
mod ko;

use protocol::ErrorCode;

use crate::Lang;

table! {
    /// The words of one language.
    PageWords, WrittenPageWords {
        // The settings.
        settings close language theme theme_system theme_light theme_dark
        // Without the script.
        no_script reload
        // An address with nothing behind it.
        nothing_here nothing_here_why not_a_room not_a_room_why not_understood not_understood_why to_lobby
        // How a day is written, and the names in it, one space between each and the next.
        day months weekdays
    }
}

/// The words of that language.
pub(crate) const fn of(lang: Lang) -> &'static PageWords {
    match lang {
        Lang::Ko => &ko::WORDS,
        Lang::En => &en::WORDS,
    }
}

impl PageWords {
    /// Why there is no page to show: a heading, and a sentence that says what to do.
    pub(crate) const fn refused(&self, code: ErrorCode) -> (&'static str, &'static str) {
        match code {
            ErrorCode::BadRoom => (self.not_a_room(), self.not_a_room_why()),
            ErrorCode::NotFound => (self.nothing_here(), self.nothing_here_why()),
            _ => (self.not_understood(), self.not_understood_why()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_empty_in_any_language() {
        for &lang in Lang::ALL {
            for (name, word) in of(lang).entries() {
                assert!(!word.trim().is_empty(), "{lang:?} has no {name}");
            }
            assert_eq!(of(lang).months().split(' ').count(), 12, "{lang:?}");
            assert_eq!(of(lang).weekdays().split(' ').count(), 7, "{lang:?}");
        }
    }
}
