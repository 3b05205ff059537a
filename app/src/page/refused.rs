//! The page where there is nothing to show, or where something was not done.

use maud::{DOCTYPE, Markup, html};
use protocol::ErrorCode;

use super::{Assets, Look, head};
use crate::page_words as words;

/// Why, what to do, and a way on: to the address `back`, else to the lobby.
pub fn refused(look: Look, code: ErrorCode, back: Option<String>, assets: &Assets) -> String {
    let words = words::of(look.lang);
    let (address, way) = match back {
        Some(back) => (back, words.go_back()),
        None => ("/".to_owned(), words.to_lobby()),
    };
    let way = html! {
        p { a .button href=(address) { (way) } }
    };
    page(look, code, &way, assets)
}

/// What a form was to send.
#[derive(Clone, Copy, Debug)]
pub struct Unsent<'a> {
    /// Where to.
    pub action: &'a str,
    pub client_id: &'a str,
    /// The message that it answers; empty for none.
    pub reply_to: &'a str,
    pub message: &'a str,
}

/// Why it was not sent, with a form to send it again: for when the room's page cannot be had.
#[must_use]
pub fn refused_form(look: Look, code: ErrorCode, unsent: Unsent<'_>, assets: &Assets) -> String {
    let words = look.lang.words();
    let way = html! {
        form .refused-form method="post" action=(unsent.action) {
            input type="hidden" name="clientId" value=(unsent.client_id);
            input type="hidden" name="replyTo" value=(unsent.reply_to);
            // HTML takes the first line break of it for its own.
            textarea name="message" rows="6" dir="auto" required aria-label=(words.placeholder()) { "\n" (unsent.message) }
            button .button type="submit" { (words.send()) }
        }
    };
    page(look, code, &way, assets)
}

fn page(look: Look, code: ErrorCode, way: &Markup, assets: &Assets) -> String {
    let names = &assets.names;
    let (title, sentence) = words::refused(look.lang, code);
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
                    (way)
                }
            }
        }
    };
    page.into_string()
}
