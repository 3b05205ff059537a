//! The two dialogs of every page. One shows the fragments that the script fetches, the other asks before a message is deleted.

use maud::{Markup, html};

use crate::page_words as words;
use crate::words::Lang;

/// What the script opens; it puts a part into `#dialog-content`, which begins with the `#dialog-title`. What it shows until a part
/// is there, and when none came, stands beside it.
pub(super) fn dialog(lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        dialog #dialog .dialog aria-labelledby="dialog-title" {
            button
                class="sheet-close icon-close"
                type="button"
                data-act="close"
                title=(words.close())
                aria-label=(words.close()) {}
            div #dialog-content aria-live="off" {}
        }
        template #dialog-waiting {
            h2 #dialog-title .dialog-waiting role="status" { (words.loading()) }
        }
        template #dialog-failed {
            h2 #dialog-title { (words.not_loaded()) }
            p role="alert" { (words.not_loaded_why()) }
            div .dialog-buttons {
                button .dialog-button type="button" autofocus data-act="again" { (words.again()) }
            }
        }
    }
}

/// What is said to whoever drops or pastes a picture, by `hands/files.js`.
pub(super) fn no_files(lang: Lang) -> Markup {
    html! { p #no-files .no-files role="alert" hidden { (words::of(lang).no_files()) } }
}

/// Asks whether a message shall be deleted. The answer that changes nothing has the focus.
pub(super) fn deleting(lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        dialog #deleting .dialog aria-labelledby="deleting-title" aria-describedby="deleting-why" {
            h2 #deleting-title { (words.delete_this()) }
            p #deleting-why { (words.delete_this_why()) }
            form .dialog-buttons method="dialog" {
                button .dialog-button autofocus { (words.cancel()) }
                button class="dialog-button dialog-danger" data-act="delete-now" { (words.delete()) }
            }
        }
    }
}
