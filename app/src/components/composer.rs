//! The input and its button. Without JavaScript they are an ordinary form.

use client::model::Operation;
use leptos::prelude::*;
use maud::{Markup, html};

use super::mentions::{MENTIONS_ID, MentionList, option_id};
use crate::shared::{content, html as drawn, maybe, text};
use crate::state::{Chat, Intent};
use crate::words::fill;

/// The input. It is never disabled: what is written while the line is down waits for it. What its keys do is in
/// `browser::composer`.
#[component]
pub(crate) fn Composer(chat: Chat, form_client_id: String) -> impl IntoView {
    let words = chat.words;
    let start_text = as_html(&chat.input_message.get_untracked());
    let action = move || {
        chat.room
            .with(|room| client::wire::endpoints::page(room.as_str()))
    };
    let selected = move || {
        let mentions = chat.mentions.get();
        (!mentions.people.is_empty()).then(|| option_id(mentions.selected))
    };
    let label = move || chat.room.with(|room| fill(words.write_in(), words.room(room)));
    let button = move || match chat.intent.get() {
        Intent::Edit(_) => words.save(),
        _ => words.send(),
    };
    view! {
        <div class="composing">
            <div inner_html=drawn(move || naming(chat))></div>
            <div inner_html=drawn(move || intent(chat))></div>
            <MentionList chat />
            <form class="composer" method="post" action=text(action) data-act="send">
                <input type="hidden" name="clientId" value=form_client_id />
                <div class="composer-frame">
                    <textarea
                        class="composer-input"
                        name="message"
                        rows="1"
                        dir="auto"
                        required
                        placeholder=words.placeholder()
                        aria-label=text(label)
                        aria-autocomplete="list"
                        aria-controls=MENTIONS_ID
                        aria-activedescendant=maybe(selected)
                        autocomplete="off"
                        enterkeyhint="enter"
                        prop:value=chat.input_message
                        inner_html=start_text
                    ></textarea>
                    <button class="composer-send" type="submit" inner_html=content(button)></button>
                </div>
            </form>
        </div>
    }
}

/// A form for a name, shown while the person has none.
fn naming(chat: Chat) -> Markup {
    let words = chat.words;
    // One that was refused is there to be changed.
    let refused = chat.pending.with(|rows| {
        let mut rows = rows.iter().rev();
        let name = rows.find(|row| row.operation == Operation::Rename);
        name.map(|row| row.text.clone()).unwrap_or_default()
    });
    html! {
        @if chat.people.with(|here| here.name.is_none()) {
            form .naming method="post" action="/me/name" data-act="name" {
                label {
                    span { (words.what_name()) }
                    input
                        name="name"
                        required
                        pattern=r".*\S.*"
                        maxlength="32"
                        autocomplete="nickname"
                        placeholder=(words.your_name())
                        value=(refused);
                }
                button type="submit" { (words.set_name()) }
            }
        }
    }
}

/// What becomes of what is written, where it is not simply said.
fn intent(chat: Chat) -> Markup {
    let words = chat.words;
    let intent = chat.intent.get();
    let label = match &intent {
        Intent::Say => None,
        Intent::Reply(_, name) => Some(words.replying(name)),
        Intent::Edit(_) => Some(words.editing().to_owned()),
    };
    html! {
        @if let Some(label) = label {
            p .intent {
                span {
                    b { (label) }
                    @if let Intent::Reply(seq, _) = intent { " " (chat.text_of(seq)) }
                }
                button
                    class="intent-cancel icon-close"
                    type="button"
                    data-act="cancel"
                    title=(words.cancel())
                    aria-label=(words.cancel()) {}
            }
        }
    }
}

/// Text as the content of a `<textarea>`: Leptos does not escape that by itself, and the parser drops a first line
/// break.
fn as_html(text: &str) -> String {
    let html = html! { @if text.starts_with('\n') { "\n" } (text) };
    html.into_string()
}
