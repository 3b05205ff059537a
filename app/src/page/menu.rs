//! What can be done with a message: one menu for all of them, which the script opens beside the one that is meant.

use leptos::prelude::*;

use super::fragments::emoji;
use crate::page_words::{self as words, PageWords};
use crate::words::Lang;

/// The emoji that are one press away.
const QUICK: [&str; 6] = ["👍", "❤️", "😂", "🎉", "🙏", "👀"];

/// What an entry does, in the script's words; the class of one that is not for every message; what it is called.
type Entry = (&'static str, &'static str, &'static str);

/// The menu. The style sheet shows `menu-own` and `menu-edited` for messages that are one's own, or have been edited.
pub(super) fn menu(lang: Lang) -> impl IntoView {
    let words = words::of(lang);
    let quick = QUICK.into_iter().map(|sign| {
        view! {
            <button
                type="button"
                role="menuitem"
                data-act="react"
                data-emoji=sign
                aria-label=emoji::name(lang, sign)
            >
                {sign}
            </button>
        }
    });
    let entries = entries(words).into_iter().map(|(act, class, name)| {
        view! {
            <button class=format!("menu-item {class}") type="button" role="menuitem" data-act=act>
                {name}
            </button>
        }
    });
    view! {
        <section aria-label=words.message_menu()>
        <div id="menu" class="menu" popover="auto" role="menu" aria-label=words.message_menu()>
            <div class="menu-quick" role="group" aria-label=words.quick_reactions()>
                {quick.collect_view()}
            </div>
            {entries.collect_view()}
        </div>
        </section>
    }
}

const fn entries(words: &PageWords) -> [Entry; 9] {
    [
        ("emoji", "", words.more_emoji()),
        ("reply", "", words.reply()),
        ("copy", "", words.copy_text()),
        ("link", "", words.copy_link()),
        ("seen", "", words.who_read()),
        ("unread", "", words.mark_unread()),
        ("edits", "menu-edited", words.former_texts()),
        ("edit", "menu-own", words.edit()),
        ("delete", "menu-own menu-danger", words.delete()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quick_reaction_has_a_name_in_every_language() {
        for &lang in Lang::ALL {
            for sign in QUICK {
                assert!(!emoji::name(lang, sign).is_empty(), "{lang:?} {sign}");
            }
        }
    }
}
