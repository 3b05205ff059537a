//! The help: what the keys do, and how to write.

use leptos::prelude::*;

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
    let input: [Key; 4] = [
        (&[&["Enter"]], send),
        (&[&["Shift", "Enter"]], words.help_line()),
        (&[&["↑"]], words.help_edit_last()),
        (&[&["Esc"]], words.help_leave()),
    ];
    let timeline: [Key; 9] = [
        (&[&["↑"], &["↓"]], words.help_move()),
        (&[&["Enter"]], words.help_menu()),
        (&[&["R"]], words.reply()),
        (&[&["E"]], words.edit()),
        (&[&["+"], &[":"]], words.help_emoji()),
        (&[&["C"]], words.copy_text()),
        (&[&["L"]], words.copy_link()),
        (&[&["U"]], words.mark_unread()),
        (&[&["Delete"]], words.delete()),
    ];
    let part = view! {
        {titled(words.help())}
        {keys(words.help_anywhere(), &everywhere)}
        {keys(words.help_input(), &input)}
        {keys(words.help_timeline(), &timeline)}
        <h3 class="part-subtitle">{words.help_markdown()}</h3>
        <dl class="help">{samples(words)}</dl>
    };
    part.to_html()
}

fn keys(title: &'static str, keys: &[Key]) -> impl IntoView + use<> {
    let each = keys.iter().map(|(ways, what)| {
        let ways = ways.iter().enumerate().map(|(number, together)| {
            let pressed = together.iter().enumerate().map(|(number, key)| {
                let plus = (number > 0).then_some("+");
                view! {
                    {plus}
                    <kbd>{*key}</kbd>
                }
            });
            view! {
                {(number > 0).then_some(" / ")}
                {pressed.collect_view()}
            }
        });
        view! {
            <div class="help-row">
                <dt>{ways.collect_view()}</dt>
                <dd>{*what}</dd>
            </div>
        }
    });
    view! {
        <h3 class="part-subtitle">{title}</h3>
        <dl class="help">{each.collect_view()}</dl>
    }
}

/// What is written, and how it looks.
fn samples(words: &'static PageWords) -> impl IntoView {
    let row = |written: String, shown: AnyView| {
        view! {
            <div class="help-row">
                <dt>
                    <code>{written}</code>
                </dt>
                <dd>{shown}</dd>
            </div>
        }
    };
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
    vec![
        row(
            format!("**{strong}**"),
            view! { <strong>{strong}</strong> }.into_any(),
        ),
        row(format!("*{em}*"), view! { <em>{em}</em> }.into_any()),
        row(format!("~~{del}~~"), view! { <del>{del}</del> }.into_any()),
        row(format!("`{code}`"), view! { <code>{code}</code> }.into_any()),
        row(
            format!("```\n{code}\n```"),
            view! { <pre>{code}</pre> }.into_any(),
        ),
        row(
            format!("> {quote}"),
            view! { <blockquote>{quote}</blockquote> }.into_any(),
        ),
        row(
            format!("- {item}"),
            view! {
                <ul>
                    <li>{item}</li>
                </ul>
            }
            .into_any(),
        ),
        row(
            format!("1. {item}\n2. {item}"),
            view! {
                <ol>
                    <li>{item}</li>
                    <li>{item}</li>
                </ol>
            }
            .into_any(),
        ),
        row(
            format!("[{link}](https://…)"),
            view! { <span class="help-link">{link}</span> }.into_any(),
        ),
        row(
            format!("@{name}"),
            view! { <span class="mention">{format!("@{name}")}</span> }.into_any(),
        ),
    ]
}
