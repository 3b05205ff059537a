//! The page where there is nothing to show, or where something was not done.

use maud::{DOCTYPE, html};
use protocol::ErrorCode;

use super::{Assets, Look, head};
use crate::page_words as words;

/// Why, what to do, and a way on: to the address `back`, else to the lobby.
pub fn refused(look: Look, code: ErrorCode, back: Option<String>, assets: &Assets) -> String {
    let names = &assets.names;
    let words = words::of(look.lang);
    let (title, sentence) = words::refused(look.lang, code);
    let (address, way) = match back {
        Some(back) => (back, words.go_back()),
        None => ("/".to_owned(), words.to_lobby()),
    };
    let page = html! {
        (DOCTYPE)
        html lang=(look.lang.tag()) data-theme=(look.theme.as_str()) {
            head {
                (head(look, title))
                link rel="stylesheet" href=(names.css);
            }
            body {
                main .refused data-code=(code.as_str()) {
                    h1 { (title) }
                    p { (sentence) }
                    p { a .button href=(address) { (way) } }
                }
            }
        }
    };
    page.into_string()
}
