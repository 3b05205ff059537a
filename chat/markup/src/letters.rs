//! Unicode's normal forms (Unicode Standard Annex #15).

use unicode_normalization::UnicodeNormalization as _;

/// The text with its letters composed, so that texts that look the same are the same (NFC).
pub(crate) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The text with letters that are another one in another shape as that one, composed (NFKC).
pub(crate) fn compatible(text: &str) -> String {
    text.nfkc().collect()
}
