//! The dialogs of every page. One shows the fragments that the script fetches, the others ask before something is lost.

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
            // Where nothing in it asks for the focus it gets it itself, so that the space bar closes nothing.
            div #dialog-content tabindex="-1" autofocus aria-live="off" {}
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

/// Asks whether a message shall be deleted.
pub(super) fn deleting(lang: Lang) -> Markup {
    let words = words::of(lang);
    let asked = (words.delete_this(), words.delete_this_why());
    ask("deleting", asked, words.cancel(), ("delete-now", words.delete()))
}

/// Asks whether an edit shall be given up for another one, or for an answer.
pub(super) fn dropping(lang: Lang) -> Markup {
    let words = words::of(lang);
    let asked = (words.drop_edit(), words.drop_edit_why());
    ask("dropping", asked, words.edit_on(), ("drop-edit", words.drop_it()))
}

/// A question, and why it is asked; the answer that changes nothing, which has the focus; what the other answer does, and how it
/// reads.
fn ask(id: &str, asked: (&str, &str), no: &str, (act, yes): (&str, &str)) -> Markup {
    html! {
        dialog id=(id) .dialog aria-labelledby={ (id) "-title" } aria-describedby={ (id) "-why" } {
            h2 id={ (id) "-title" } { (asked.0) }
            p id={ (id) "-why" } { (asked.1) }
            form .dialog-buttons method="dialog" {
                button .dialog-button autofocus { (no) }
                button class="dialog-button dialog-danger" data-act=(act) { (yes) }
            }
        }
    }
}
