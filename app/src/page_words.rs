//! What only the server says, one table for each language: the browser need not download it.

mod en;
mod ko;
mod table;

use protocol::ErrorCode;

use crate::words::Lang;
pub(crate) use table::PageWords;

/// Why something was not done: a heading, and a sentence that says what to do.
pub(crate) const fn refused(lang: Lang, code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::NoIdentity
        | ErrorCode::BadName
        | ErrorCode::RateLimited
        | ErrorCode::Busy
        | ErrorCode::ReadOnly
        | ErrorCode::ClientIdReused
        | ErrorCode::Internal => (of(lang).not_done(), lang.words().refusal(code)),
        _ => of(lang).refused(code),
    }
}

/// The words of that language.
pub(crate) const fn of(lang: Lang) -> &'static PageWords {
    match lang {
        Lang::Ko => &ko::WORDS,
        Lang::En => &en::WORDS,
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
