//! What messages look like, and that whatever is in them they are nothing but the HTML that [`html`] promises.

mod addresses;
mod bounds;
mod checker;
mod dialect;
mod fences;
mod signs;

use checker::check;

use super::*;

const LINK: &str = "rel=\"noopener noreferrer nofollow\" target=\"_blank\"";

/// The HTML of a text in which no name is known.
fn html(text: &str) -> Option<String> {
    super::html(text, [])
}

/// The HTML with the attributes that are the same for every link left out.
fn shown(text: &str) -> String {
    let html = html(text).unwrap_or_else(|| panic!("{text:?} is nothing but text"));
    check(&html, text).unwrap_or_else(|what| panic!("{text:?} became {html:?}: {what}"));
    html.replace(&format!(" {LINK}"), "").replace(" dir=\"auto\"", "")
}

fn assert_shown(cases: &[(&str, &str)]) {
    for (text, html) in cases {
        assert_eq!(shown(text), *html, "{text:?}");
    }
}

/// That these are shown as they were written.
fn assert_plain(texts: &[&str]) {
    for text in texts {
        assert_eq!(html(text), None, "{text:?}");
    }
}
