//! Marks what the server drew, so that the browser can tell it from what others put among it.

/// Marks every element but those within messages with `data-drawn`.
///
/// The HTML is our own: in texts and attributes `<` is written as `&lt;`.
pub(super) fn mark(html: &str) -> String {
    const MESSAGE: &str = "<li class=\"message";
    let mut marked = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    // How many list items deep in a message, the message itself included.
    let mut depth = 0_usize;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        marked.push_str(before);
        let is_item = tag.starts_with("<li>") || tag.starts_with("<li ");
        let is_within = depth > 0;
        if is_item && (is_within || tag.starts_with(MESSAGE)) {
            depth += 1;
        } else if is_within && tag.starts_with("</li>") {
            depth -= 1;
        }
        let name = tag[1..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (start, more) = tag.split_at(1 + name);
        marked.push_str(start);
        if name > 0 && !is_within {
            marked.push_str(" data-drawn");
        }
        rest = more;
    }
    marked.push_str(rest);
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_marked_but_what_is_within_messages() {
        for (html, marked) in [
            ("", ""),
            ("a &lt; b", "a &lt; b"),
            (
                "<p class=\"a\">1<br>2</p>",
                "<p data-drawn class=\"a\">1<br data-drawn>2</p>",
            ),
            ("<!----><h1>a</h1>", "<!----><h1 data-drawn>a</h1>"),
            (
                "<ol><li class=\"message message-own\"><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul></li><!></ol><p>",
                "<ol data-drawn><li data-drawn class=\"message message-own\"><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul></li><!></ol><p data-drawn>",
            ),
            (
                "<ul><li><a>a</a></li></ul>",
                "<ul data-drawn><li data-drawn><a data-drawn>a</a></li></ul>",
            ),
        ] {
            assert_eq!(mark(html), marked);
        }
    }
}
