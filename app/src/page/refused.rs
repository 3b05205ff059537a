//! The page at an address where there is none.

use leptos::prelude::*;
use protocol::ErrorCode;

use super::{Assets, Look, head, words};

/// Why there is no page, what to do, and a way back.
pub fn refused(look: Look, code: ErrorCode, assets: &Assets) -> String {
    let names = assets.names().unwrap_or_default();
    let words = words::of(look.lang);
    let (title, sentence) = words.refused(code);
    let page = view! {
        <!DOCTYPE html>
        <html lang=look.lang.tag() data-theme=look.theme.as_str()>
            <head>
                {head(look, title.to_owned())}
                <link rel="stylesheet" href=names.css />
            </head>
            <body>
                <main class="refused">
                    <h1>{title}</h1>
                    <p>{sentence}</p>
                    <p>
                        <a class="button" href="/">
                            {words.to_lobby()}
                        </a>
                    </p>
                    <p class="refused-code">{code.as_str()}</p>
                </main>
            </body>
        </html>
    };
    page.to_html()
}
