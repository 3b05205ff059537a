//! The rooms as a page of their own, for those without a script.

use maud::{DOCTYPE, html};

use super::fragments::{Found, finder, listed};
use super::{Assets, Look, head};
use crate::page_words as words;

/// The rooms one follows or has looked for, and a form to look for others.
pub fn rooms(look: Look, found: &Found, assets: &Assets) -> String {
    let names = &assets.names;
    let words = words::of(look.lang);
    let page = html! {
        (DOCTYPE)
        html lang=(look.lang.tag()) data-theme=(look.theme.as_str()) {
            head {
                (head(look, words.find_rooms()))
                link rel="stylesheet" href=(names.css);
            }
            body {
                main .directory {
                    h1 { (words.find_rooms()) }
                    (finder(look.lang, &found.wanted))
                    p .fragment-hint { (words.find_hint()) }
                    (listed(look.lang, found, true))
                    p { a .button href="/" { (words.to_lobby()) } }
                }
            }
        }
    };
    page.into_string()
}
