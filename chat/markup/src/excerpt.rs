//! How a message begins, in plain words: what its answers quote.

use protocol::limits::QUOTE_CHARS_MAX;
use unicode_segmentation::UnicodeSegmentation;

use super::html;

/// The first [`QUOTE_CHARS_MAX`] characters of what the message shows, without its marks and on one line; a character that
/// is several of Unicode's is not cut, unless it alone is longer.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let html = html(text, []);
    let shown = html.as_deref().map(words);
    cut(shown.as_deref().unwrap_or(text))
}

/// The text of HTML of our own; elements that begin a line are white space.
fn words(html: &str) -> String {
    const LINES: [&str; 8] = [
        "br",
        "/pre",
        "/blockquote",
        "/li",
        "pre",
        "blockquote",
        "ul",
        "ol",
    ];
    let mut words = String::with_capacity(html.len());
    for part in html.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let name = tag.split(' ').next().unwrap_or_default();
        if LINES.contains(&name) && !words.is_empty() && !words.ends_with([' ', '\n']) {
            words.push('\n');
        }
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"");
        words.push_str(&text.replace("&amp;", "&"));
    }
    words.truncate(words.trim_end().len());
    words
}

fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(QUOTE_CHARS_MAX) else {
        return text.to_owned();
    };
    let whole = text
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .take_while(|at| *at <= end)
        .last()
        .filter(|at| *at > 0);
    text[..whole.unwrap_or(end)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_in_plain_words() {
        for (text, words) in [
            ("**공지** 👨‍👩‍👧", "공지 👨‍👩‍👧"),
            ("*^^* 안녕", "*^^* 안녕"),
            ("[여기](https://a.b) `<b>&amp;` @하나", "여기 <b>&amp; @하나"),
            ("> 인용\n답\n- 하나\n- 둘", "인용\n답\n하나\n둘"),
            ("```rust\nfn main() {}\n```", "fn main() {}"),
            ("a\nb", "a\nb"),
            ("<b>&lt;\"", "<b>&lt;\""),
        ] {
            assert_eq!(excerpt(text), words, "{text:?}");
        }
    }

    #[test]
    fn a_quotation_cuts_no_family_in_two() {
        const FAMILY: &str = "👨‍👩‍👧";
        for before in 90..=110 {
            let text = "가".repeat(before) + &FAMILY.repeat(3);
            let quoted = excerpt(&text);
            assert!(quoted.chars().count() <= QUOTE_CHARS_MAX);
            assert_eq!(
                quoted.trim_start_matches('가').chars().count() % FAMILY.chars().count(),
                0
            );
            assert!(quoted.chars().count() + FAMILY.chars().count() > QUOTE_CHARS_MAX);
        }
        let decomposed = "\u{1112}\u{1161}\u{11ab}".repeat(50);
        assert_eq!(excerpt(&decomposed).chars().count(), 99);
        let one = "a".to_owned() + &"\u{301}".repeat(200);
        assert_eq!(excerpt(&one).chars().count(), QUOTE_CHARS_MAX);
    }
}
