//! The form in which names are compared by eye, on the server: see [`fold`].

use protocol::is_invisible;
use unicode_normalization::UnicodeNormalization as _;

/// A name without what tells it from others in bytes but not to the eye: letters are in one form and lower case (NFKC, Unicode
/// Standard Annex #15), and there is nothing in it that nobody sees.
pub(crate) fn fold(name: &str) -> String {
    let letters: String = name.nfkc().collect();
    let mut folded = letters.to_lowercase();
    folded.retain(|c| c == ' ' || !is_invisible(c));
    folded
}
