//! What one is called, the language and the theme. The server draws them beside the chat, so that they cost the browser nothing; they open without
//! a script (a popover), and are ordinary forms.

use maud::{Markup, html};
use protocol::limits::NAME_CHARS_MAX;

use super::look::Look;
use super::theme::Theme;
use crate::page_words as words;
use crate::words::Lang;

/// The settings, hidden until something points at them with `popovertarget="settings"`.
pub(super) fn settings(look: Look, name: Option<&str>) -> Markup {
    let words = words::of(look.lang);
    let languages = [(Lang::Ko, "한국어"), (Lang::En, "English")];
    let themes = [
        (Theme::System, words.theme_system()),
        (Theme::Light, words.theme_light()),
        (Theme::Dark, words.theme_dark()),
    ];
    html! {
        section
            #settings .sheet
            popover="auto"
            aria-labelledby="settings-title"
            data-name-missing=(words.name_missing())
            data-message-missing=(look.lang.words().empty())
        {
            h2 #settings-title { (words.settings()) }
            form method="post" action="/me/name" data-act="name" {
                label .choice-title for="settings-name" { (words.your_name()) }
                div .choice {
                    input
                        id="settings-name"
                        class="settings-name"
                        name="name"
                        required
                        pattern=r".*\S.*"
                        maxlength=(NAME_CHARS_MAX)
                        autocomplete="nickname"
                        aria-describedby="settings-name-why"
                        value=(name.unwrap_or_default());
                    button type="submit" { (words.change_name()) }
                }
                p #settings-name-why .fragment-hint { (words.your_name_why()) }
            }
            form method="post" action="/me/language" {
                fieldset {
                    legend .choice-title { (words.language()) }
                    div .choice {
                        @for (lang, name) in languages {
                            button
                                name="language"
                                value=(lang.tag())
                                lang=(lang.tag())
                                aria-pressed=(lang == look.lang)
                            {
                                (name)
                            }
                        }
                    }
                }
            }
            form method="post" action="/me/theme" {
                fieldset {
                    legend .choice-title { (words.theme()) }
                    div .choice {
                        @for (theme, name) in themes {
                            button name="theme" value=(theme.as_str()) aria-pressed=(theme == look.theme) { (name) }
                        }
                    }
                }
            }
            button .sheet-help type="button" data-act="help" { (words.help()) }
            button
                class="sheet-close icon-close"
                type="button"
                title=(words.close())
                aria-label=(words.close())
                popovertarget="settings"
                popovertargetaction="hide" {}
        }
    }
}
