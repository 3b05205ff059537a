//! What one is called, the language and the theme. The server draws them beside the chat, so that they cost the browser nothing; they open without
//! a script (a popover), and are ordinary forms.

use leptos::prelude::*;
use protocol::limits::NAME_CHARS_MAX;

use super::look::Look;
use super::theme::Theme;
use crate::page_words as words;
use crate::words::Lang;

/// The settings, hidden until something points at them with `popovertarget="settings"`.
pub(super) fn settings(look: Look, name: Option<&str>) -> impl IntoView + use<> {
    let words = words::of(look.lang);
    let languages = [(Lang::Ko, "한국어"), (Lang::En, "English")].map(|(lang, name)| {
        view! {
            <button name="language" value=lang.tag() lang=lang.tag() aria-pressed=pressed(lang == look.lang)>
                {name}
            </button>
        }
    });
    let themes = [
        (Theme::System, words.theme_system()),
        (Theme::Light, words.theme_light()),
        (Theme::Dark, words.theme_dark()),
    ]
    .map(|(theme, name)| {
        view! {
            <button name="theme" value=theme.as_str() aria-pressed=pressed(theme == look.theme)>
                {name}
            </button>
        }
    });
    view! {
        <section id="settings" class="sheet" popover="auto" aria-labelledby="settings-title">
            <h2 id="settings-title">{words.settings()}</h2>
            <form method="post" action="/me/name" data-act="name">
                <label class="choice-title" for="settings-name">
                    {words.your_name()}
                </label>
                <div class="choice">
                    <input
                        id="settings-name"
                        class="settings-name"
                        name="name"
                        required
                        maxlength=NAME_CHARS_MAX.to_string()
                        autocomplete="nickname"
                        aria-describedby="settings-name-why"
                        value=name.unwrap_or_default().to_owned()
                    />
                    <button type="submit">{words.change_name()}</button>
                </div>
                <p class="part-hint" id="settings-name-why">
                    {words.your_name_why()}
                </p>
            </form>
            <form method="post" action="/me/language">
                <fieldset>
                    <legend class="choice-title">{words.language()}</legend>
                    <div class="choice">{languages}</div>
                </fieldset>
            </form>
            <form method="post" action="/me/theme">
                <fieldset>
                    <legend class="choice-title">{words.theme()}</legend>
                    <div class="choice">{themes}</div>
                </fieldset>
            </form>
            <button
                class="sheet-close icon-close"
                type="button"
                aria-label=words.close()
                popovertarget="settings"
                popovertargetaction="hide"
            ></button>
        </section>
    }
}

const fn pressed(is_pressed: bool) -> &'static str {
    if is_pressed { "true" } else { "false" }
}
