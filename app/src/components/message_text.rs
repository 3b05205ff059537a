//! What a message says.

use crate::html::{escape, put};
use crate::words::Words;

/// Writes the text of a message: the HTML that the server made of it, where it is not just its text. This is the one place
/// where HTML that came over the wire is used; `chat::markup` says what it can consist of.
pub(super) fn write(page: &mut String, text: &str, html: Option<&str>, words: &Words) {
    page.push_str("<div class=\"message-text\">");
    match html {
        Some(html) => write_html(page, html, words),
        None => escape(page, text),
    }
    page.push_str("</div>");
}

/// The HTML, with a button above each block of code that copies it.
fn write_html(page: &mut String, html: &str, words: &Words) {
    let mut pieces = html.split('<');
    page.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        if let Some(code) = piece.strip_prefix("pre>") {
            put(
                page,
                &[
                    r#"<div class="code"><button type="button" class="code-copy icon-copy" data-act="copy-code" aria-label=""#,
                    words.copy_code(),
                    r#""></button><pre>"#,
                ],
            );
            page.push_str(code);
        } else {
            page.push('<');
            page.push_str(piece);
            if piece.starts_with("/pre>") {
                page.push_str("</div>");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    fn written(text: &str, html: Option<&str>) -> String {
        let mut page = String::new();
        write(&mut page, text, html, Lang::Ko.words());
        page
    }

    #[test]
    fn a_text_without_html_is_nothing_but_text() {
        let expected = "<div class=\"message-text\">&lt;b>&amp;amp;&lt;/b></div>";
        assert_eq!(written("<b>&amp;</b>", None), expected);
    }

    #[test]
    fn every_block_of_code_has_a_button_that_says_what_it_does() {
        let html = written("", Some("<pre>a</pre><em>x</em><pre>b</pre>"));
        assert_eq!(
            html.matches("data-act=\"copy-code\" aria-label=\"코드 복사\"")
                .count(),
            2
        );
        assert!(
            html.contains("<pre>a</pre></div><em>x</em><div") && html.ends_with("<pre>b</pre></div></div>")
        );
        let expected = "<div class=\"message-text\"><em>x</em></div>";
        assert_eq!(written("x", Some("<em>x</em>")), expected);
    }
}
