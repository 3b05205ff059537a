//! Whatever is written, the HTML stays within its bounds and is what was promised.

use std::thread;

use super::checker::{check, unescape};
use super::*;

/// On a stack on which nothing could call itself for every sign of a message.
#[test]
fn hostile_messages_of_16_kib_stay_within_their_bounds() {
    let size = protocol::limits::MESSAGE_BYTES_MAX;
    let units = [
        "*",
        "_",
        "~",
        "~~",
        "`",
        "[",
        "]",
        "(",
        ")",
        "![",
        ">",
        "> ",
        "- ",
        "+ - ",
        "1. ",
        "#",
        "<",
        "&",
        "\\",
        "@",
        "|",
        "*a",
        "**a ",
        "*a_",
        "a*",
        "a **a",
        "*_",
        "[a](",
        "[a](https://b ",
        "[](",
        "]()",
        "[[a]](",
        "[a]: ",
        "![a](",
        "<a ",
        "<!--",
        "<?",
        "<![CDATA[",
        "```\n",
        "~~~\n",
        "`a``",
        "> a\n",
        "- a\n",
        "> a\nb\n",
        "- a\n\n",
        "*a*",
        "`a`",
        "@a ",
        "https://a ",
        "https://a(",
        "(https://",
        "a\n",
        "\n",
        "-\n",
        "1.\n",
        ">\n",
        " ",
        "\t",
        "  - a\n",
        "**\"가\"**",
        "가~~",
        "\\\n",
        "&a;",
        "a_b_",
        "\"*",
        "가",
    ];
    let render = move || {
        for unit in units {
            let text = unit.repeat(size / unit.len());
            assert_bounded(&text);
            assert_bounded(&format!("{text}a"));
            assert_bounded(&(unit.repeat(size / unit.len() / 2) + &"\na".repeat(size / 4)));
        }
        let mut staircase = String::new();
        let mut indent = String::new();
        while staircase.len() < size {
            staircase += &format!("{indent}- a\n");
            indent += "  ";
        }
        assert_bounded(&staircase);
        let backticks: String = (1..180).map(|count| "`".repeat(count) + " ").collect();
        assert_bounded(&backticks);
        // As many words as the address has letters, and an address that ends in stars.
        for address in ["a".repeat(1_900), "각".repeat(1_900)] {
            assert_bounded(&format!("[{}](http://a/{address})", "a ".repeat(1_000)));
        }
        assert_bounded(&format!("http://a{}", "*".repeat(3_980)));
    };
    thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(render)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn html_is_at_most_twice_as_long_as_the_text_and_a_constant() {
    for unit in ["@𝐚 ", "@a ", "http://a ", "a@b.cd ", "#가 ", "www.a.b\n"] {
        let text = unit.repeat(4_000 / unit.chars().count());
        assert_bounded(&text);
        let html = html(&text).expect("the first of them are marked");
        assert!(html.matches("</").count() >= 20, "{unit:?}: {html:?}");
        assert!(
            without_tags(&html).trim_end() == text.replace('\n', "").trim_end(),
            "{unit:?}"
        );
    }
    // What cannot be left out without changing what is meant makes all of it text.
    assert_eq!(html(&"*a* ".repeat(1_000)), None);
}

/// Random messages of nasty pieces become the promised HTML or none, and show no letter that was not written.
#[test]
fn whatever_is_written_becomes_nothing_but_the_promised_html() {
    const PIECES: &[&str] = &[
        "*",
        "**",
        "***",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "```",
        "\n",
        "\n\n",
        " ",
        "  ",
        "    ",
        "\t",
        ">",
        "> ",
        "- ",
        "1. ",
        "3. ",
        "+ ",
        "#",
        "# ",
        "---",
        "===",
        "<",
        ">",
        "&",
        "\"",
        "'",
        "=",
        "[",
        "]",
        "(",
        ")",
        "](",
        "![",
        "]:",
        "<b>",
        "</b>",
        "<script>",
        "</script>",
        "<img src=x onerror=",
        "<!--",
        "-->",
        "<?",
        "<![CDATA[",
        "&lt;",
        "&#60;",
        "&quot;",
        "javascript:",
        "https://a.b",
        "http://",
        "HTTPS://",
        "mailto:a@b",
        "<https://a>",
        "onclick=",
        "\" onclick=\"x",
        "@",
        "@a",
        "@가",
        "\\",
        "\\*",
        "\\_",
        "*^^*",
        "www.a.b",
        "a@b.cd",
        "#방",
        "[b.cd](https://e)",
        "|",
        "|-|",
        "$",
        "^",
        ":",
        "::",
        "!",
        "a",
        "b1",
        "가",
        "나다",
        "은",
        "👍",
        "👩‍👩‍👧",
        "❤\u{fe0f}",
        "שלום",
        "\u{202e}",
        "\u{200b}",
        "\u{301}",
        "\u{a0}",
        "\u{3000}",
        "\u{2028}",
        "\u{fffd}",
        "「",
        "」",
        "…",
        "```rust\n",
        "\n```\n",
        "\n> ",
        "\n- ",
        "\n  ",
        "[a](https://b)",
        "[a](javascript:b)",
        "[a][b]",
        "[^1]",
        "[^1]: ",
        "{#id}",
        "{.c}",
        "2025. ",
        "1) ",
    ];
    for seed in 0..3_000 {
        let mut random = Random(seed);
        let count = 1 + random.below(40);
        let text: String = (0..count).map(|_| PIECES[random.below(PIECES.len())]).collect();
        println!("seed {seed}: {text:?}");
        assert_bounded(&text);
    }
}

/// Random messages without what is not shown by design: the addresses of links, the numbers of lists.
#[test]
fn no_letter_that_was_written_is_lost() {
    const PIECES: &[&str] = &[
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "\n",
        "\n",
        "\n\n",
        " ",
        " ",
        "    ",
        "\t",
        ">",
        "> ",
        "- ",
        "+ ",
        "* ",
        "# ",
        "---",
        "===",
        "<",
        ">",
        "&",
        "[",
        "]",
        "]:",
        "![",
        "<b>",
        "</b>",
        "<script>",
        "<!--",
        "-->",
        "<?",
        "&lt;",
        "https://a.b",
        "@a",
        "\\",
        "|",
        "|-|",
        "$",
        "!",
        "a",
        "b1",
        "가",
        "나다",
        "은",
        "\"",
        "\n```\n",
        "\n> ",
        "\n- ",
        "\n  ",
        "[a][b]",
        "[^1]: ",
        "2025. ",
        "\n1) ",
    ];
    for seed in 0..3_000 {
        let mut random = Random(seed);
        let count = 1 + random.below(40);
        let text: String = (0..count).map(|_| PIECES[random.below(PIECES.len())]).collect();
        println!("seed {seed}: {text:?}");
        let Some(html) = html(&text) else { continue };
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        assert_eq!(letters(&without_tags(&html)), letters(&text), "{html:?}");
    }
}

/// What the HTML shows, and the languages of its code, which were written too.
fn without_tags(html: &str) -> String {
    let mut shown = String::new();
    for part in html.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let language = tag
            .split_once("language-")
            .and_then(|(_, rest)| rest.strip_suffix('"'));
        shown.extend(language);
        shown += &unescape(text).unwrap();
    }
    shown
}

fn assert_bounded(text: &str) {
    let Some(html) = html(text) else { return };
    let bytes_max = text.len() * MARKUP_BYTES_PER_BYTE_MAX + MARKUP_BYTES_EXTRA;
    assert!(html.len() <= bytes_max, "{} bytes of {}", html.len(), text.len());
    if let Err(what) = check(&html, text) {
        panic!("{text:?} became {html:?}: {what}");
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
