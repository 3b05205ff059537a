//! What a message said before.

use leptos::prelude::*;

use super::title::titled;
use crate::page_words as words;
use crate::{Lang, time};

/// A text that a message had.
#[derive(Clone, Debug)]
pub struct Former {
    /// The text, as it was written.
    pub text: String,
    /// How it looks, where that differs: HTML that `chat::markup` made, and nothing else.
    pub html: Option<String>,
    /// When it was written, in Unix milliseconds.
    pub at: u64,
}

/// The texts a message had, the newest last.
#[must_use]
pub fn edits(lang: Lang, former: Vec<Former>) -> String {
    let words = words::of(lang);
    let none = former
        .is_empty()
        .then(|| view! { <p class="part-empty">{words.never_edited()}</p> });
    let each = former.into_iter().map(|former| {
        let text = match former.html {
            Some(html) => view! { <div class="message-text" inner_html=html></div> }.into_any(),
            None => view! { <div class="message-text">{former.text}</div> }.into_any(),
        };
        view! {
            <li class="edit">
                <time datetime=time::machine(former.at) data-at=former.at.to_string()>
                    {time::full(former.at, lang.tag())}
                </time>
                {text}
            </li>
        }
    });
    let part = view! {
        {titled(words.former_texts())}
        {none}
        <ol class="edits">{each.collect_view()}</ol>
    };
    part.to_html()
}
