//! The rooms as a page of their own, for those without a script.

use leptos::prelude::*;

use super::fragments::{Found, finder, listed};
use super::{Assets, Look, head};
use crate::page_words as words;

/// The rooms one follows or has looked for, and a form to look for others.
pub fn rooms(look: Look, found: &Found, assets: &Assets) -> String {
    let names = &assets.names;
    let words = words::of(look.lang);
    let page = view! {
        <!DOCTYPE html>
        <html lang=look.lang.tag() data-theme=look.theme.as_str()>
            <head>
                {head(look, words.find_rooms().to_owned())} <link rel="stylesheet" href=names.css.clone() />
            </head>
            <body>
                <main class="directory">
                    <h1>{words.find_rooms()}</h1>
                    {finder(look.lang, &found.wanted)}
                    {listed(look.lang, found, true)}
                    <p>
                        <a class="button" href="/">
                            {words.to_lobby()}
                        </a>
                    </p>
                </main>
            </body>
        </html>
    };
    page.to_html()
}
