//! What can be done with a message: one menu for all of them, which the script opens beside the one that is meant.

use maud::{Markup, html};

use super::fragments::emoji;
use crate::page_words::{self as words, PageWords};
use crate::words::Lang;

/// The emoji that are one press away.
const QUICK: [&str; 6] = ["👍", "❤️", "😂", "🎉", "🙏", "👀"];

/// How many of them stand beside a message that is pointed at.
const BAR_EMOJI: usize = 3;

/// What an entry does, in the script's words; its classes; what it is called.
type Entry = (&'static str, &'static str, &'static str);

/// The menu. The style sheet shows `menu-own`, `menu-reacted` and `menu-edited` for messages that are one's own, have reactions, or
/// have been edited.
pub(super) fn menu(lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        section aria-label=(words.message_menu()) {
            div #menu .menu popover="auto" role="menu" aria-label=(words.message_menu()) {
                div .menu-quick role="group" aria-label=(words.quick_reactions()) {
                    @for sign in QUICK {
                        (reaction(lang, sign, true))
                    }
                }
                @for (act, class, name) in entries(words) {
                    button class=(class) type="button" role="menuitem" data-act=(act) { (name) }
                }
            }
            (bar(lang))
        }
    }
}

/// What the script puts beside the message that the mouse points at; where little fits, that is what comes first. The menu has
/// all of it for those who have no mouse.
fn bar(lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        div #bar .bar {
            button
                class="icon-reply"
                type="button"
                tabindex="-1"
                data-act="reply"
                title=(words.reply())
                aria-label=(words.reply()) {}
            button
                class="icon-emoji"
                type="button"
                tabindex="-1"
                data-act="emoji"
                title=(words.more_emoji())
                aria-label=(words.more_emoji()) {}
            @for sign in QUICK.iter().take(BAR_EMOJI) {
                (reaction(lang, sign, false))
            }
        }
    }
}

/// The button that reacts with an emoji. In the menu the arrows lead to it; beside a message the mouse alone does.
fn reaction(lang: Lang, sign: &str, is_of_menu: bool) -> Markup {
    let name = emoji::name(lang, sign);
    html! {
        button
            type="button"
            role=[is_of_menu.then_some("menuitem")]
            tabindex=[(!is_of_menu).then_some("-1")]
            data-act="react"
            data-emoji=(sign)
            title=(name)
            aria-label=(name)
        {
            (sign)
        }
    }
}

const fn entries(words: &PageWords) -> [Entry; 10] {
    [
        ("emoji", "menu-item", words.more_emoji()),
        ("reply", "menu-item", words.reply()),
        ("copy", "menu-item", words.copy_text()),
        ("link", "menu-item", words.copy_link()),
        ("reactions", "menu-item menu-reacted", words.who_reacted()),
        ("seen", "menu-item", words.who_read()),
        ("unread", "menu-item", words.mark_unread()),
        ("edits", "menu-item menu-edited", words.former_texts()),
        ("edit", "menu-item menu-own", words.edit()),
        ("delete", "menu-item menu-own menu-danger", words.delete()),
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
