//! The line above the page that says when its script does not run, or cannot do what it is for.

use maud::{Markup, html};

use super::Look;
use crate::page_words as words;

/// The line. The style sheet shows it, with what it says here, when the page has not come alive within ten seconds; the
/// script in the page (`taking_over.js`) shows it earlier, with one of the other sentences, where it knows better.
pub(super) fn trouble(look: Look) -> Markup {
    let words = words::of(look.lang);
    html! {
        p #trouble .no-script .trouble role="alert"
            data-unstarted=(words.unstarted())
            data-stopped=(words.stopped())
            data-cookies=(words.cookies_needed())
            data-away=(words.away())
            data-misplaced=(words.misplaced())
        {
            span { (words.unstarted()) }
            " "
            a href="" { (words.reload()) }
        }
    }
}
