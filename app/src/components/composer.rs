//! The input and its button. Without JavaScript they are an ordinary form.

use leptos::ev::{InputEvent, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::mentions::{MENTIONS_ID, MentionList, option_id};
use crate::browser;
use crate::chat_app::{Chat, Intent};
use crate::html::escape;

/// The input. It is never disabled: what is written while the line is down waits for it.
#[component]
pub(crate) fn Composer(chat: Chat, form_client_id: String) -> impl IntoView {
    let words = chat.words;
    let enter = Enter::new();
    let start_text = as_html(&chat.input_message.get_untracked());
    let action = move || chat.room.with(|room| client::address::page(room.as_str()));
    let is_completing = move || chat.mentions.with(|mentions| !mentions.names.is_empty());
    let selected = move || {
        let selected = chat.mentions.with(|mentions| mentions.selected);
        is_completing().then(|| option_id(selected))
    };

    view! {
        <div class="writing">
            <Naming chat />
            <IntentLine chat />
            <MentionList chat />
            <form
                class="composer"
                method="post"
                action=action
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    browser::send();
                }
            >
                <input type="hidden" name="clientId" value=form_client_id />
                <div class="composer-frame">
                    <textarea
                        class="composer-input"
                        name="message"
                        rows="1"
                        required
                        placeholder=words.placeholder()
                        aria-label=words.placeholder()
                        aria-autocomplete="list"
                        aria-controls=MENTIONS_ID
                        aria-activedescendant=selected
                        autocomplete="off"
                        enterkeyhint="send"
                        prop:value=chat.input_message
                        inner_html=start_text
                        on:input=move |event| {
                            chat.input_message.set(event_target_value(&event));
                            browser::writing();
                        }
                        on:keydown=move |event| {
                            let sends = enter.keydown(&event);
                            if !enter.is_composing(&event) && browser::composer_key(&event.key(), event.shift_key()) {
                                event.prevent_default();
                            } else if sends {
                                event.prevent_default();
                                browser::send();
                            }
                        }
                        on:beforeinput=move |event| {
                            if enter.beforeinput(&event) {
                                event.prevent_default();
                                browser::send();
                            }
                        }
                        on:blur=|_| browser::offer_nothing()
                    ></textarea>
                    <button class="composer-send" type="submit">
                        {move || match chat.intent.get() {
                            Intent::Edit(_) => words.save(),
                            _ => words.send(),
                        }}
                    </button>
                </div>
            </form>
        </div>
    }
}

/// Where one says what one is called, as long as nothing is known: it stands in nobody's way.
#[component]
fn Naming(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let has_name = move || chat.people.with(|here| here.name.is_some());
    view! {
        <form class="naming" method="post" action="/me/name" data-act="name" hidden=has_name>
            <label>
                <span>{words.what_name()}</span>
                <input name="name" required maxlength="32" autocomplete="nickname" placeholder=words.your_name() />
            </label>
            <button type="submit">{words.set_name()}</button>
        </form>
    }
}

/// What becomes of what is written, where it is not simply said.
#[component]
fn IntentLine(chat: Chat) -> impl IntoView {
    let words = chat.words;
    let text = move || match chat.intent.get() {
        Intent::Say => String::new(),
        Intent::Reply(_, name) => words.replying(&name),
        Intent::Edit(_) => words.editing().to_owned(),
    };
    view! {
        <p class="intent" hidden=move || chat.intent.with(|intent| *intent == Intent::Say)>
            <span>{text}</span>
            <button
                class="intent-cancel icon-close"
                type="button"
                aria-label=words.cancel()
                on:click=|_| browser::cancel()
            ></button>
        </p>
    }
}

/// Tells the Enter that sends from the one that breaks the line and the one that only ends a composition.
///
/// While a syllable is being composed, the Enter's `keydown` is the input method's (`isComposing`, or `keyCode` 229 in
/// Safari, which ends the composition *before* it): it sends nothing. What comes next differs. Chrome repeats the
/// `keydown`, now a plain Enter, after the syllable is finished. Safari goes straight to inserting the line break: that
/// is where such an Enter is caught. A Japanese or Chinese input method does neither, as its Enter only chooses a
/// word.
#[derive(Clone, Copy)]
struct Enter {
    /// Whether the last key was an Enter that the input method took.
    taken: StoredValue<bool>,
}

impl Enter {
    fn new() -> Self {
        Self {
            taken: StoredValue::new(false),
        }
    }

    /// Whether this key is the input method's.
    fn is_composing(self, event: &KeyboardEvent) -> bool {
        event.is_composing() || event.key_code() == 229
    }

    /// Whether this key sends.
    fn keydown(self, event: &KeyboardEvent) -> bool {
        let enter = event.key_code() == 13 || event.key() == "Enter";
        let composing = self.is_composing(event);
        let sends = enter && !event.shift_key();
        self.taken.set_value(sends && composing);
        sends && !composing
    }

    /// Whether this insertion is the line break of an Enter that sends.
    fn beforeinput(self, event: &InputEvent) -> bool {
        let breaks = matches!(&*event.input_type(), "insertLineBreak" | "insertParagraph");
        let sends = breaks && self.taken.get_value() && !event.is_composing();
        if sends {
            self.taken.set_value(false);
        }
        sends
    }
}

/// Text as the content of a `<textarea>`: Leptos does not escape that by itself, and the parser drops a first line
/// break.
fn as_html(text: &str) -> String {
    let mut html = String::new();
    if text.starts_with('\n') {
        html.push('\n');
    }
    escape(&mut html, text);
    html
}
