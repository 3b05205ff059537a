//! The page of a server that cannot serve yet. It needs nothing else from it, for nothing else is to be had, and asks again by itself.

use maud::{DOCTYPE, html};

use super::{Look, head_without_icon};
use crate::page_words as words;

/// After how many seconds a browser asks again.
const AGAIN_SECONDS: u32 = 5;

/// What the style sheet would say, in little.
const STYLE: &str = "body{margin:auto;max-width:30rem;padding:20vh 1rem;font:1rem/1.5 system-ui,sans-serif;text-align:center;\
                     word-break:keep-all}";

/// That it opens by itself.
#[must_use]
pub fn closed(look: Look) -> String {
    let words = words::of(look.lang);
    let page = html! {
        (DOCTYPE)
        html lang=(look.lang.tag()) {
            head {
                (head_without_icon(look, words.closed()))
                // Browsers would ask for one.
                link rel="icon" href="data:,";
                meta http-equiv="refresh" content=(AGAIN_SECONDS);
                style { (STYLE) }
            }
            body {
                main {
                    h1 { (words.closed()) }
                    p { (words.closed_why()) }
                }
            }
        }
    };
    page.into_string()
}
