//! What a message says.

use leptos::prelude::*;

use crate::words::Words;

/// The text of a message: the HTML that the server made of it, where it is not just its text. This is the one place where
/// HTML that came over the wire is set; `chat::markup` says what it can consist of.
#[component]
pub(crate) fn MessageText(text: String, html: Option<Box<str>>, words: &'static Words) -> impl IntoView {
    let html = match html {
        Some(html) => with_copy_buttons(&html, words),
        None => escaped(&text),
    };
    view! { <div class="message-text" inner_html=html></div> }
}

/// Above each block of code a button that copies it.
fn with_copy_buttons(html: &str, words: &Words) -> String {
    if !html.contains("<pre>") {
        return html.to_owned();
    }
    let button = [
        r#"<div class="code"><button type="button" class="code-copy icon-copy" data-act="copy-code" aria-label=""#,
        words.copy_code(),
        r#""></button><pre>"#,
    ]
    .concat();
    html.replace("<pre>", &button).replace("</pre>", "</pre></div>")
}

/// A text as HTML that is nothing but that text.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    #[test]
    fn a_text_without_html_is_nothing_but_text() {
        assert_eq!(escaped("<b>&amp;</b>"), "&lt;b>&amp;amp;&lt;/b>");
    }

    #[test]
    fn every_block_of_code_has_a_button_that_says_what_it_does() {
        let html = with_copy_buttons("<pre>a</pre><em>x</em><pre>b</pre>", Lang::Ko.words());
        assert_eq!(
            html.matches("data-act=\"copy-code\" aria-label=\"코드 복사\"")
                .count(),
            2
        );
        assert_eq!(html.matches("</pre></div>").count(), 2);
        assert_eq!(with_copy_buttons("<em>x</em>", Lang::Ko.words()), "<em>x</em>");
    }
}
