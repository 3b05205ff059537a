//! Unicode's composed form, in which texts that look the same are the same (NFC, Unicode Standard Annex #15).
//!
//! It needs tables that are too large for a page, so `protocol`, which is part of one, composes Hangul only, and the
//! rest is done here, where names come in.

use std::borrow::Cow;

use protocol::PersonName;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in its composed form.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The name in its composed form; as it was where that would be no name, for a few characters are longer in it.
#[must_use]
pub fn name(name: PersonName) -> PersonName {
    match text(name.as_str()) {
        Cow::Borrowed(_) => name,
        Cow::Owned(composed) => PersonName::parse(&composed).unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use protocol::limits::NAME_CHARS_MAX;

    use super::*;

    fn composed(text: &str) -> String {
        name(PersonName::parse(text).unwrap()).to_string()
    }

    #[test]
    fn a_name_is_the_same_however_its_letters_were_typed() {
        for (typed, name) in [
            ("Jose\u{301}", "José"),
            ("José", "José"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("か\u{3099}", "が"),
            ("\u{212b}", "Å"),
            ("철수", "철수"),
        ] {
            assert_eq!(composed(typed), name, "{typed:?}");
        }
    }

    #[test]
    fn a_name_that_would_become_too_long_stays_as_it_is() {
        let typed = "\u{958}".repeat(NAME_CHARS_MAX);
        assert_eq!(composed(&typed), typed);
        assert_eq!(text("\u{958}"), "\u{915}\u{93c}");
    }
}
