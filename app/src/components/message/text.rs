//! What a message says.

use maud::{Markup, PreEscaped, html};

use crate::words::Words;

/// The text of a message: the HTML that the markup made of it, on the server or here, where it is not just its text. This is the one
/// place where such HTML is used; `chat/markup` says what it can consist of.
pub(super) fn draw(text: &str, html: Option<&str>, words: &Words) -> Markup {
    html! {
        div .message-text {
            @match html {
                Some(html) => (PreEscaped(with_copy_buttons(html, words))),
                None => (text),
            }
        }
    }
}

/// Lines of code that are shown at once; the style sheet makes room for fewer.
const LINES_MAX: usize = 20;

/// The HTML, with a button above each block of code that copies it, and a box below a long one that shows all of it. A block may
/// have to be scrolled, so it can have the focus.
fn with_copy_buttons(html: &str, words: &Words) -> String {
    let copy = html! {
        button type="button" class="code-copy icon-copy" data-act="copy-code" title=(words.copy_code()) aria-label=(words.copy_code()) {}
    };
    let whole = html! {
        input type="checkbox" class="code-whole icon-down" title=(words.whole_code()) aria-label=(words.whole_code());
    };
    let mut pieces = html.split('<');
    let mut text = String::from(pieces.next().unwrap_or_default());
    let mut lines = 0;
    for piece in pieces {
        lines += piece.bytes().filter(|byte| *byte == b'\n').count();
        if let Some(code) = piece.strip_prefix("pre>") {
            text += "<div class=\"code\">";
            text += &copy.0;
            text += "<pre tabindex=\"0\" role=\"group\" aria-label=\"";
            text += words.code();
            text += "\">";
            text += code;
            lines = 0;
        } else {
            text.push('<');
            text += piece;
            if piece.starts_with("/pre>") {
                if lines > LINES_MAX {
                    text += &whole.0;
                }
                text += "</div>";
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn written(text: &str, html: Option<&str>) -> String {
        draw(text, html, Lang::Ko.words()).into_string()
    }

    #[test]
    fn a_text_without_html_is_nothing_but_text() {
        let expected = "<div class=\"message-text\">&lt;b&gt;&amp;amp;&lt;/b&gt;</div>";
        assert_eq!(written("<b>&amp;</b>", None), expected);
    }

    #[test]
    fn a_block_of_more_lines_than_fit_can_be_seen_whole() {
        let block = |lines: usize| ["<pre><code>", &"x\n".repeat(lines), "</code></pre>"].concat();
        let html = block(LINES_MAX) + &block(LINES_MAX + 1);
        let html = written("", Some(&html));
        assert_eq!(html.matches("code-whole").count(), 1, "{html}");
        assert!(
            html.ends_with("aria-label=\"코드 모두 보기\"></div></div>"),
            "{html}"
        );
    }

    #[test]
    fn every_block_of_code_has_a_button_that_says_what_it_does() {
        let html = written("", Some("<pre>a</pre><em>x</em><pre>b</pre>"));
        assert_eq!(
            html.matches("data-act=\"copy-code\" title=\"코드 복사\" aria-label=\"코드 복사\"")
                .count(),
            2
        );
        let code = "<pre tabindex=\"0\" role=\"group\" aria-label=\"코드\">";
        assert_eq!(html.matches(code).count(), 2);
        assert!(html.contains(">a</pre></div><em>x</em><div") && html.ends_with(">b</pre></div></div>"));
        let expected = "<div class=\"message-text\"><em>x</em></div>";
        assert_eq!(written("x", Some("<em>x</em>")), expected);
    }
}
