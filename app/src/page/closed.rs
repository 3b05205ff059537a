//! The page of a server that cannot serve yet. It needs nothing else from it, for nothing else is to be had, and asks again by itself.

use maud::{DOCTYPE, html};

use super::{Look, head_without_icon};
use crate::page_words as words;

/// After how many seconds a browser asks again.
const AGAIN_SECONDS: u32 = 5;

/// What the style sheet would say, in little; the colours are `--color-page`.
const STYLE: &str = "body{margin:auto;max-width:30rem;padding:20vh 1rem;font:1rem/1.5 system-ui,sans-serif;text-align:center;\
                     word-break:keep-all;text-wrap:balance;background:light-dark(#faf9f6,#181715)}";

/// Why a server serves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It will: the page opens by itself.
    Waiting,
    /// It has stopped, and somebody has to look at it. A proxy may lead to another one when the page asks again.
    Stopped,
}

/// That it opens by itself, or does not.
#[must_use]
pub fn closed(look: Look, closed: Closed) -> String {
    let words = words::of(look.lang);
    let (title, why) = match closed {
        Closed::Waiting => (words.closed(), words.closed_why()),
        Closed::Stopped => (words.closed_stopped(), words.closed_stopped_why()),
    };
    let page = html! {
        (DOCTYPE)
        html lang=(look.lang.tag()) {
            head {
                (head_without_icon(look, title))
                // Browsers would ask for one.
                link rel="icon" href="data:,";
                meta http-equiv="refresh" content=(AGAIN_SECONDS);
                style { (STYLE) }
            }
            body {
                main {
                    h1 { (title) }
                    p { (why) }
                }
            }
        }
    };
    page.into_string()
}
