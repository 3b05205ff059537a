//! The input and its button. Without JavaScript they are an ordinary form.

use leptos::ev::{InputEvent, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use crate::browser;
use crate::chat_app::Chat;

/// The input. It is never disabled: what is written while the line is down waits for it.
#[component]
pub(crate) fn Composer(chat: Chat, action: String, form_client_id: String) -> impl IntoView {
    // Read from the element, not from the signal: at the end of a composition the element is ahead.
    let send = move || {
        if let Some(text) = browser::typed() {
            browser::post(text);
        }
    };
    let words = chat.words;
    let enter = Enter::new();
    let start_text = as_html(&chat.input_message.get_untracked());

    view! {
        <form
            class="composer"
            method="post"
            action=action
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                send();
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
                    autocomplete="off"
                    enterkeyhint="send"
                    prop:value=chat.input_message
                    inner_html=start_text
                    on:input=move |event| {
                        chat.input_message.set(event_target_value(&event));
                        browser::writing();
                    }
                    on:keydown=move |event| {
                        if enter.keydown(&event) {
                            event.prevent_default();
                            send();
                        }
                    }
                    on:beforeinput=move |event| {
                        if enter.beforeinput(&event) {
                            event.prevent_default();
                            send();
                        }
                    }
                ></textarea>
                <button class="composer-send" type="submit">
                    {words.send()}
                </button>
            </div>
        </form>
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

    /// Whether this key sends.
    fn keydown(self, event: &KeyboardEvent) -> bool {
        let enter = event.key_code() == 13 || event.key() == "Enter";
        let composing = event.is_composing() || event.key_code() == 229;
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
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            c => html.push(c),
        }
    }
    html
}
