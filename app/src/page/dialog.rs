//! The two dialogs of every page. One shows the fragments that the script fetches, the other asks before a message is deleted.

use leptos::prelude::*;

use crate::page_words as words;
use crate::words::Lang;

/// What the script opens; it puts a part into `#dialog-content`, which begins with the `#dialog-title`.
pub(super) fn dialog(lang: Lang) -> impl IntoView {
    let words = words::of(lang);
    view! {
        <dialog id="dialog" class="dialog" aria-labelledby="dialog-title">
            <button
                class="sheet-close icon-close"
                type="button"
                data-act="close"
                aria-label=words.close()
            ></button>
            <div id="dialog-content" aria-live="off"></div>
        </dialog>
    }
}

/// Asks whether a message shall be deleted. The answer that changes nothing has the focus.
pub(super) fn deleting(lang: Lang) -> impl IntoView {
    let words = words::of(lang);
    view! {
        <dialog
            id="deleting"
            class="dialog"
            aria-labelledby="deleting-title"
            aria-describedby="deleting-why"
        >
            <h2 id="deleting-title">{words.delete_this()}</h2>
            <p id="deleting-why">{words.delete_this_why()}</p>
            <form class="dialog-buttons" method="dialog">
                <button class="dialog-button" autofocus>
                    {words.cancel()}
                </button>
                <button class="dialog-button dialog-danger" data-act="delete-now">
                    {words.delete()}
                </button>
            </form>
        </dialog>
    }
}
