//! What a message said before.

use maud::{PreEscaped, html};

use super::title::titled;
use crate::page_words as words;
use crate::{Lang, time};

/// A text that a message had.
#[derive(Clone, Debug)]
pub struct Former {
    /// The text, as it was written.
    pub text: String,
    /// How it looks, where that differs: HTML that the markup (`chat/markup`) made, and nothing else.
    pub html: Option<String>,
    /// When it was written, in Unix milliseconds.
    pub at: u64,
}

/// The texts a message had, the newest last.
#[must_use]
pub fn edits(lang: Lang, former: &[Former]) -> String {
    let words = words::of(lang);
    let fragment = html! {
        (titled(words.former_texts()))
        @if former.is_empty() {
            p .fragment-empty { (words.never_edited()) }
        }
        ol .edits {
            @for Former { text, html, at } in former {
                li .edit {
                    time datetime=(time::machine(*at)) data-at=(at) { (time::full(*at)) }
                    div .message-text {
                        @match html {
                            Some(html) => (PreEscaped(html)),
                            None => (text),
                        }
                    }
                }
            }
        }
    };
    fragment.into_string()
}
