//! Why a fragment is not there, and what to do.

use maud::html;
use protocol::ErrorCode;

use super::title::titled;
use crate::page_words as words;
use crate::words::Lang;

/// The refusal, with its code.
#[must_use]
pub fn refused(lang: Lang, code: ErrorCode) -> String {
    let (title, sentence) = words::refused(lang, code);
    let fragment = html! {
        (titled(title))
        p .fragment-refused data-code=(code.as_str()) { (sentence) }
    };
    fragment.into_string()
}
