//! The form in which names are compared by eye, by the browser's tables: ours would be a tenth of all that is loaded.

use js_sys::JsString;
use protocol::is_invisible;

/// A name without what tells it from others in bytes but not to the eye: as on the server.
pub(crate) fn fold(name: &str) -> String {
    let mut folded = String::from(JsString::from(name).normalize("NFKC").to_lower_case());
    folded.retain(|c| c == ' ' || !is_invisible(c));
    folded
}
