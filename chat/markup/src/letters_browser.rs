//! Unicode's normal forms (Unicode Standard Annex #15) by the browser's own tables: ours would be half of what is loaded.

use js_sys::JsString;

/// The text with its letters composed, so that texts that look the same are the same (NFC).
pub(crate) fn composed(text: &str) -> String {
    JsString::from(text).normalize("NFC").into()
}

/// The text with letters that are another one in another shape as that one, composed (NFKC).
pub(crate) fn compatible(text: &str) -> String {
    JsString::from(text).normalize("NFKC").into()
}
