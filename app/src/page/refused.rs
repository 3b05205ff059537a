//! The page where there is nothing to show, or where something was not done.

use leptos::prelude::*;
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
    let page = view! {
        <!DOCTYPE html>
        <html lang=look.lang.tag() data-theme=look.theme.as_str()>
            <head>
                {head(look, title.to_owned())}
                <link rel="stylesheet" href=names.css.clone() />
            </head>
            <body>
                <main class="refused">
                    <h1>{title}</h1>
                    <p>{sentence}</p>
                    <p>
                        <a class="button" href=address>
                            {way}
                        </a>
                    </p>
                    <p class="refused-code">{code.as_str()}</p>
                </main>
            </body>
        </html>
    };
    page.to_html()
}
