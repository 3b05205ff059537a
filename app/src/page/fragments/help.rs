//! The help: what the keys and fingers do, and how to write.

use maud::{Markup, html};

use super::title::titled;
use crate::page_words::{self as words, PageWords};
use crate::words::Lang;

/// Keys that are pressed together, any of several of them; what they do.
type Key = (&'static [&'static [&'static str]], &'static str);

/// The sheet.
#[must_use]
pub fn help(lang: Lang) -> String {
    let words = words::of(lang);
    let send = lang.words().send();
    let everywhere: [Key; 2] = [
        (&[&["Ctrl", "K"], &["⌘", "K"]], words.find_rooms()),
        (&[&["?"]], words.help_help()),
    ];
    let input: [Key; 2] = [
        (&[&["↑"]], words.help_edit_last()),
        (&[&["Esc"]], words.help_leave()),
    ];
    let timeline: [Key; 10] = [
        (&[&["↑"], &["↓"]], words.help_move()),
        (&[&["Enter"]], words.help_menu()),
        (&[&["R"]], words.reply()),
        (&[&["E"]], words.edit()),
        (&[&["+"], &[":"]], words.help_emoji()),
        (&[&["C"]], words.copy_text()),
        (&[&["L"]], words.copy_link()),
        (&[&["U"]], words.mark_unread()),
        (&[&["P"]], words.help_person()),
        (&[&["Delete"]], words.delete()),
    ];
    let fragment = html! {
        (titled(words.help()))
        div .help-gestures {
            h3 .fragment-subtitle { (words.help_touch()) }
            dl .help {
                (row(&html! { (words.help_hold()) }, &html! { (words.help_menu()) }))
                (row(&html! { (words.help_hold_reaction()) }, &html! { (words.help_who_reacted()) }))
            }
        }
        div .help-shortcuts { (keys(words.help_anywhere(), &everywhere)) }
        h3 .fragment-subtitle { (words.help_input()) }
        dl .help {
            (row(&sending(&pressed(&[&["Enter"]]), &html! { (words.help_button_sends()) }), &html! { (send) }))
            (row(&sending(&pressed(&[&["Shift", "Enter"]]), &pressed(&[&["Enter"]])), &html! { (words.help_line()) }))
        }
        div .help-shortcuts {
            dl .help { (rows(&input)) }
            (keys(words.help_timeline(), &timeline))
        }
        h3 .fragment-subtitle { (words.help_markdown()) }
        dl .help { (samples(words)) }
    };
    fragment.into_string()
}

fn keys(title: &str, keys: &[Key]) -> Markup {
    html! {
        h3 .fragment-subtitle { (title) }
        dl .help { (rows(keys)) }
    }
}

fn rows(keys: &[Key]) -> Markup {
    html! {
        @for (ways, what) in keys {
            (row(&pressed(ways), &html! { (what) }))
        }
    }
}

/// What is pressed where there are keys, and where one touches the screen.
fn sending(keys: &Markup, touched: &Markup) -> Markup {
    html! {
        span .help-keys { (keys) }
        span .help-touch { (touched) }
    }
}

/// Any of several ways, each of them keys that are pressed together.
fn pressed(ways: &[&[&str]]) -> Markup {
    html! {
        @for (number, together) in ways.iter().enumerate() {
            @if number > 0 { " / " }
            @for (number, key) in together.iter().enumerate() {
                @if number > 0 { "+" }
                kbd { (key) }
            }
        }
    }
}

/// What is written, and how it looks.
fn samples(words: &PageWords) -> Markup {
    let (strong, em, del, code) = (
        words.sample_strong(),
        words.sample_em(),
        words.sample_del(),
        words.sample_code(),
    );
    let (quote, item, link, name) = (
        words.sample_quote(),
        words.sample_item(),
        words.sample_link(),
        words.sample_name(),
    );
    let samples = [
        (format!("**{strong}**"), html! { strong { (strong) } }),
        (format!("*{em}*"), html! { em { (em) } }),
        (format!("~~{del}~~"), html! { del { (del) } }),
        (format!("`{code}`"), html! { code { (code) } }),
        (
            format!("```\n{code}\n```"),
            html! { div .code { pre { code { (code) } } } },
        ),
        (format!("> {quote}"), html! { blockquote { (quote) } }),
        (format!("- {item}"), html! { ul { li { (item) } } }),
        (
            format!("1. {item}\n2. {item}"),
            html! { ol { li { (item) } li { (item) } } },
        ),
        (
            format!("[{link}](https://…)"),
            html! { span .help-link { (link) } },
        ),
        (format!("@{name}"), html! { span .mention { "@" (name) } }),
    ];
    html! {
        @for (written, shown) in &samples {
            (row(&html! { code { (written) } }, &html! { div .message-text { (shown) } }))
        }
    }
}

fn row(term: &Markup, description: &Markup) -> Markup {
    html! {
        div .help-row {
            dt { (term) }
            dd { (description) }
        }
    }
}
