//! What messages look like, and that whatever is in them they are nothing but the HTML that [`html`] promises.

use std::thread;

use super::*;
use crate::limits::MARKUP_MARKERS_MAX;

const LINK: &str = "rel=\"noopener noreferrer nofollow\" target=\"_blank\"";

/// The HTML with the attributes that are the same for every link left out.
fn shown(text: &str) -> String {
    let html = html(text).unwrap_or_else(|| panic!("{text:?} is nothing but text"));
    check(&html, text).unwrap_or_else(|what| panic!("{text:?} became {html:?}: {what}"));
    html.replace(&format!(" {LINK}"), "")
}

fn assert_shown(cases: &[(&str, &str)]) {
    for (text, html) in cases {
        assert_eq!(shown(text), *html, "{text:?}");
    }
}

/// That these are shown as they were written.
fn assert_plain(texts: &[&str]) {
    for text in texts {
        assert_eq!(html(text), None, "{text:?}");
    }
}

#[test]
fn words_are_emphasised_struck_through_and_set_as_code() {
    assert_shown(&[
        ("*a* _b_", "<em>a</em> <em>b</em>"),
        ("**a** __b__", "<strong>a</strong> <strong>b</strong>"),
        ("***a***", "<em><strong>a</strong></em>"),
        ("~~a~~", "<del>a</del>"),
        ("`a` `` ` ``", "<code>a</code> <code>`</code>"),
        (
            "`**a** <b> @c https://d.e ~`",
            "<code>**a** &lt;b&gt; @c https://d.e ~</code>",
        ),
        (
            "**a *b* ~~c~~ `d`**",
            "<strong>a <em>b</em> <del>c</del> <code>d</code></strong>",
        ),
        ("*a\nb*", "<em>a<br>b</em>"),
        ("\\*a\\* \\\\", "*a* \\"),
    ]);
}

#[test]
fn emphasis_ends_before_a_korean_particle_also_after_a_sign() {
    assert_shown(&[
        ("**마당**은", "<strong>마당</strong>은"),
        ("*마당*은 ~~바다~~는", "<em>마당</em>은 <del>바다</del>는"),
        ("**\"마당\"**은", "<strong>&quot;마당&quot;</strong>은"),
        ("**마당(Madang)**을", "<strong>마당(Madang)</strong>을"),
        ("**좋아요!**라고", "<strong>좋아요!</strong>라고"),
        ("~~\"마당\"~~은", "<del>&quot;마당&quot;</del>은"),
        (
            "그는**\"마당\"**이라고",
            "그는<strong>&quot;마당&quot;</strong>이라고",
        ),
        ("**`마당`**은", "<strong><code>마당</code></strong>은"),
        (
            "**「庭」**と**‘院’**",
            "<strong>「庭」</strong>と<strong>‘院’</strong>",
        ),
        ("**마당**, *바다*.", "<strong>마당</strong>, <em>바다</em>."),
        (
            "**[마당](https://a.b)**은",
            "<strong><a href=\"https://a.b\">마당</a></strong>은",
        ),
        (
            "***굵게***가 **굵*게*굵**이",
            "<em><strong>굵게</strong></em>가 <strong>굵<em>게</em>굵</strong>이",
        ),
    ]);
}

#[test]
fn stars_tildes_and_underscores_that_mean_nothing_are_kept() {
    assert_plain(&[
        "3~5시, 7~9시",
        "안녕~ 반가워~",
        "~하하~",
        "네~~ 좋아요~~",
        "네~~좋아요~~",
        "2*3*4=24, 2**3**4",
        "a * b * c",
        "**",
        "** a **",
        "snake_case_name의 _마당_은 __바다__는",
        ">_<",
        ">ㅁ< 안녕",
        "* ",
        "~~~~",
        "~~~ 라라라 ~~~\n라",
        "ㅠ_ㅠ ^_^ >_< -_-;; =_= ._.",
    ]);
    assert_shown(&[("네~~ ~~좋아요~~", "네~~ <del>좋아요</del>")]);
}

#[test]
fn what_is_not_known_is_shown_as_it_was_written() {
    assert_plain(&[
        "# 제목",
        "제목\n===",
        "제목\n---\n***\n___\n- - -",
        "<b>a</b> <!-- c --> <?php ?> <![CDATA[x]]> </p>",
        "<script>alert(1)</script>",
        "<div>\n<img src=x onerror=alert(1)>\n</div>",
        "&lt; &#60; &copy; &nbsp;",
        "|a|b|\n|-|-|\n|1|2|",
        "[^1]\n[^1]: 주석",
        "- \n1.\n+",
        "[x] [y][z]",
        "C:\\\nD:\\",
        "$x$ ==y== ^z^",
    ]);
    assert_shown(&[
        ("# *제목*", "# <em>제목</em>"),
        ("*제목*\n---", "<em>제목</em><br>---"),
        ("<b>*a*</b>", "&lt;b&gt;<em>a</em>&lt;/b&gt;"),
        (
            "![*a*](https://a.b/c.png)",
            "![*a*](<a href=\"https://a.b/c.png\">https://a.b/c.png</a>)",
        ),
        (
            "[a]: https://a.b\n[a]",
            "[a]: <a href=\"https://a.b\">https://a.b</a><br>[a]",
        ),
    ]);
    let deep = format!("{}# *a*", "> ".repeat(MARKUP_MARKERS_MAX + 2));
    assert!(shown(&deep).contains("<blockquote>&gt; &gt; # <em>a</em></blockquote>"));
}

#[test]
fn every_line_feed_breaks_the_line_and_indentation_is_kept() {
    assert_plain(&["a\nb\n\nc", "    a\n      b\n\tc", "a  \nb\\\nc"]);
    assert_shown(&[
        ("*a*\nb\n\n\nc", "<em>a</em><br>b<br><br><br>c"),
        ("*a*  \n  b", "<em>a</em><br>  b"),
        (
            "*a*\n\n    b\n\n    *c*",
            "<em>a</em><br><br>    b<br><br>    *c*",
        ),
        ("  *a*", "  <em>a</em>"),
    ]);
}

#[test]
fn code_blocks_keep_every_character_and_name_their_language() {
    assert_shown(&[
        ("```\na\n```", "<pre><code>a</code></pre>"),
        (
            "```\n\n  a\n\n\n~ & < ** _\n```",
            "<pre><code>\n  a\n\n\n~ &amp; &lt; ** _</code></pre>",
        ),
        ("전\n```\na\n```\n후", "전<pre><code>a</code></pre>후"),
        ("~~~\n```\n~~~", "~~~<pre><code>~~~</code></pre>"),
        (
            "```\n> a\nb\n- c\nd\n# e\nf:\\\n1. g\n<h>&amp;\n```",
            "<pre><code>&gt; a\nb\n- c\nd\n# e\nf:\\\n1. g\n&lt;h&gt;&amp;amp;</code></pre>",
        ),
        ("```\n", "<pre><code></code></pre>"),
        ("```안녕```", "<code>안녕</code>"),
        (
            "```rust\na\n```",
            "<pre><code class=\"language-rust\">a</code></pre>",
        ),
        ("``` C++\na", "<pre><code class=\"language-c++\">a</code></pre>"),
        ("```c#\na", "<pre><code class=\"language-c#\">a</code></pre>"),
        ("```안녕 &amp;\na", "<pre><code>안녕 &amp;amp;\na</code></pre>"),
        ("```\"onclick=x\na", "<pre><code>&quot;onclick=x\na</code></pre>"),
        ("```<b>\n", "<pre><code>&lt;b&gt;</code></pre>"),
        (
            "```abcdefghijklmnopqrstu\na",
            "<pre><code>abcdefghijklmnopqrstu\na</code></pre>",
        ),
    ]);
}

#[test]
fn quotes_end_with_their_lines() {
    assert_shown(&[
        ("> 인용\n답", "<blockquote>인용</blockquote>답"),
        (
            "> 인용\n2. 답",
            "<blockquote>인용</blockquote><ol start=\"2\"><li>답</li></ol>",
        ),
        (
            "> 하나\n> 둘\n>\n> *셋*\n\n답\n끝",
            "<blockquote>하나<br>둘<br><br><em>셋</em></blockquote>답<br>끝",
        ),
        (
            ">> 안\n> 밖",
            "<blockquote><blockquote>안<br>밖</blockquote></blockquote>",
        ),
        (
            "> - 하나\n>   둘",
            "<blockquote><ul><li>하나<br>둘</li></ul></blockquote>",
        ),
        (
            "> ```\n> a\n답",
            "<blockquote><pre><code>a</code></pre></blockquote>답",
        ),
        ("a > b\n> c", "a &gt; b<blockquote>c</blockquote>"),
        (">", "<blockquote></blockquote>"),
    ]);
}

#[test]
fn lists_nest_keep_their_first_number_and_end_with_their_lines() {
    assert_shown(&[
        ("- a\n- b\n끝", "<ul><li>a</li><li>b</li></ul>끝"),
        ("* a\n\n* b", "<ul><li>a</li><li>b</li></ul>"),
        (
            "- a\n  b\n  - c\n- d",
            "<ul><li>a<br>b<ul><li>c</li></ul></li><li>d</li></ul>",
        ),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("3. *a*", "<ol start=\"3\"><li><em>a</em></li></ol>"),
        ("- [ ] a", "<ul><li>[ ] a</li></ul>"),
        ("1. a\n   > b", "<ol><li>a<blockquote>b</blockquote></li></ol>"),
        (
            "- ```\n  a\n  ```\n- b",
            "<ul><li><pre><code>a</code></pre></li><li>b</li></ul>",
        ),
    ]);
    assert_plain(&[
        "2025. 11. 25. 화요일",
        "11. 25. 화",
        "2025. 가",
        "1) 가\n2) 나",
        "-5도",
        "1.5배",
        "5.",
    ]);
}

#[test]
fn links_lead_to_the_web_or_to_mail_and_nowhere_else() {
    assert_shown(&[
        ("[*a*](https://b.c)", "<a href=\"https://b.c\"><em>a</em></a>"),
        ("[](https://b.c)", "<a href=\"https://b.c\">https://b.c</a>"),
        ("[a](HTTP://b.c \"title\")", "<a href=\"HTTP://b.c\">a</a>"),
        ("[a](mailto:b@c.d)", "<a href=\"mailto:b@c.d\">a</a>"),
        (
            "<https://a.b> <mailto:a@b.c>",
            "<a href=\"https://a.b\">https://a.b</a> <a href=\"mailto:a@b.c\">mailto:a@b.c</a>",
        ),
        (
            "[a_b_c](https://b.c/_d_e*f*)",
            "<a href=\"https://b.c/_d_e*f*\">a_b_c</a>",
        ),
        (
            "[a](https://b.c/?\"onclick=x&amp;<y>)",
            "<a href=\"https://b.c/?&quot;onclick=x&amp;amp;&lt;y&gt;\">a</a>",
        ),
        (
            "[a](<https://b.c/ onclick=x>)",
            "<a href=\"https://b.c/ onclick=x\">a</a>",
        ),
        (
            "[https://a.b @c](https://d.e)",
            "<a href=\"https://d.e\">https://a.b @c</a>",
        ),
        (
            "*a* [b](javascript:alert(1))",
            "<em>a</em> [b](javascript:alert(1))",
        ),
    ]);
    assert_plain(&[
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](java&Tab;script:alert(1))",
        "[a](\u{2003}javascript:x)",
        "[a](data:text/html,x)",
        "[a](vbscript:x)",
        "[a](//b.c)",
        "[a](/b)",
        "[a](#b)",
        "[a](https:b)",
        "[a](mailto:)",
        "<javascript:alert(1)>",
        "<a@b.c>",
    ]);
}

#[test]
fn bare_addresses_are_links_and_end_where_a_reader_would_end_them() {
    let link = |address: &str| format!("<a href=\"{address}\">{address}</a>");
    for (text, address, after) in [
        ("https://a.b", "https://a.b", ""),
        ("https://a.b에서", "https://a.b", "에서"),
        ("https://한국.kr에서", "https://한국.kr", "에서"),
        (
            "https://ko.wikipedia.org/wiki/마당에",
            "https://ko.wikipedia.org/wiki/마당에",
            "",
        ),
        ("https://a.b/c_(d)", "https://a.b/c_(d)", ""),
        ("https://a.b/c).", "https://a.b/c", ")."),
        ("https://a.b]", "https://a.b", "]"),
        ("https://a.b, c", "https://a.b", ", c"),
        ("https://a.b…", "https://a.b", "…"),
        ("https://a.b/_c_d/__e/~f", "https://a.b/_c_d/__e/~f", ""),
        ("https://a.b:8/?c=1#d!", "https://a.b:8/?c=1#d", "!"),
        ("http://[::1]/a", "http://[::1]/a", ""),
        ("HTTPS://A.B", "HTTPS://A.B", ""),
        ("https://a.b\"onclick=\"x", "https://a.b", "&quot;onclick=&quot;x"),
        ("https://a.b<script>", "https://a.b", "&lt;script&gt;"),
        ("https://a.b\u{202e}c", "https://a.b", "\u{202e}c"),
    ] {
        assert_eq!(shown(text), link(address) + after, "{text:?}");
    }
    assert_shown(&[
        (
            "주소는https://a.b",
            "주소는<a href=\"https://a.b\">https://a.b</a>",
        ),
        ("(https://a.b)", "(<a href=\"https://a.b\">https://a.b</a>)"),
        (
            "**https://a.b**은",
            "<strong><a href=\"https://a.b\">https://a.b</a></strong>은",
        ),
        (
            "https://a.b/?c&copy=1",
            "<a href=\"https://a.b/?c&amp;copy=1\">https://a.b/?c&amp;copy=1</a>",
        ),
    ]);
    assert_plain(&[
        "https://",
        "http:// a",
        "xhttps://a.b",
        "ftp://a.b",
        "https://.",
        "javascript://a.b",
    ]);
}

#[test]
fn a_name_after_white_space_is_a_mention() {
    let mention = |name: &str| format!("<span class=\"mention\">@{name}</span>");
    for (text, html) in [
        ("@철수 안녕", mention("철수") + " 안녕"),
        (
            "안녕 @foo_bar_baz-1, 응",
            format!("안녕 {}, 응", mention("foo_bar_baz-1")),
        ),
        ("a\n@b", "a<br>".to_owned() + &mention("b")),
        (
            "**@b**- @c-",
            format!("<strong>{}</strong>- {}-", mention("b"), mention("c")),
        ),
        ("- @b", format!("<ul><li>{}</li></ul>", mention("b"))),
        ("*a* @b", format!("<em>a</em> {}", mention("b"))),
        ("@b<i>", mention("b") + "&lt;i&gt;"),
    ] {
        assert_eq!(shown(text), html, "{text:?}");
    }
    assert_plain(&["a@b.c", "(@a)", "@", "@ a", "@-_", "@@a", "오전@철수"]);
    assert_eq!(shown("가**@b**"), "가<strong>@b</strong>");
}

#[test]
fn emoji_and_text_from_right_to_left_are_left_alone() {
    assert_plain(&["👩‍👩‍👧‍👦 ❤️ 🇰🇷", "שלום עולם", "e\u{301}", "\u{202e}abc\u{202c}"]);
    assert_shown(&[
        ("**👩‍👩‍👧‍👦**은", "<strong>👩‍👩‍👧‍👦</strong>은"),
        ("*שלום* עולם", "<em>שלום</em> עולם"),
    ]);
}

#[test]
fn a_text_with_the_characters_that_are_put_in_is_not_rendered() {
    assert_plain(&["*a*\u{85}", "*a*\u{86}", "*a*\r", "*a*\0"]);
}

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
    };
    thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(render)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn html_that_would_be_much_larger_than_the_text_is_none() {
    assert!(html(&"http://a ".repeat(20)).is_some());
    assert_eq!(html(&"http://a ".repeat(1_000)), None);
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

/// Reads HTML as strictly as the promise is: each element is one that is allowed, has the attributes it must have and
/// no others, is closed, and stands where it may; all else is text, whose letters are those of `written`.
fn check(html: &str, written: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut letters = written.chars().filter(|c| c.is_alphanumeric());
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, after) = tag.split_once('>').ok_or("a tag without an end")?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> closes something else"));
                }
            } else {
                element(tag, &mut open)?;
            }
            continue;
        }
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        rest = after;
        if matches!(open.last(), Some(&("ul" | "ol" | "pre"))) {
            return Err(format!("{text:?} stands in {open:?}"));
        }
        if text.contains('\n') && !open.contains(&"pre") {
            return Err("a line feed outside a code block".to_owned());
        }
        if let Some(stranger) = unescape(text)?
            .chars()
            .filter(|c| c.is_alphanumeric())
            .find(|c| !letters.any(|letter| letter == *c))
        {
            return Err(format!("{stranger:?} was not written there"));
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} stay open"))
    }
}

fn element<'a>(tag: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    const BLOCKS: [&str; 5] = ["pre", "blockquote", "ul", "ol", "li"];
    const INLINE: [&str; 6] = ["em", "strong", "del", "code", "a", "span"];
    let (name, attributes) = tag.split_once(' ').map_or((tag, ""), |(name, rest)| (name, rest));
    let parent = open.last().copied().unwrap_or_default();
    let is_fit = match name {
        "br" | "em" | "strong" | "del" | "pre" | "blockquote" | "ul" | "li" => attributes.is_empty(),
        "ol" => attributes.is_empty() || is_start(attributes),
        "code" => attributes.is_empty() || parent == "pre" && is_language(attributes),
        "span" => attributes == "class=\"mention\"",
        "a" => is_link(attributes)? && !open.contains(&"a"),
        _ => false,
    };
    let is_placed = match name {
        "li" => matches!(parent, "ul" | "ol"),
        _ if matches!(parent, "ul" | "ol") => false,
        _ if parent == "pre" => name == "code",
        "br" => !open.contains(&"code"),
        _ if BLOCKS.contains(&name) => !INLINE.contains(&parent),
        _ => true,
    };
    if !is_fit || !is_placed || open.len() > MARKUP_NESTING_MAX + 2 {
        return Err(format!("<{tag}> in {open:?}"));
    }
    if name != "br" {
        open.push(name);
    }
    Ok(())
}

fn value<'a>(attribute: &'a str, name: &str) -> Option<&'a str> {
    attribute
        .strip_prefix(name)?
        .strip_prefix("=\"")?
        .strip_suffix('"')
}

fn is_start(attribute: &str) -> bool {
    value(attribute, "start").is_some_and(|number| number.parse::<u16>().is_ok())
}

fn is_language(attribute: &str) -> bool {
    let language = value(attribute, "class").and_then(|class| class.strip_prefix("language-"));
    language.is_some_and(|language| {
        let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+#-".contains(c);
        (1..=20).contains(&language.len()) && language.chars().all(is_fit)
    })
}

fn is_link(attributes: &str) -> Result<bool, String> {
    let Some(href) = attributes
        .strip_suffix(LINK)
        .and_then(|rest| value(rest.trim_end(), "href"))
    else {
        return Ok(false);
    };
    let address = unescape(href)?.to_ascii_lowercase();
    let leads = ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    Ok(leads && !address.contains(char::is_control))
}

fn unescape(text: &str) -> Result<String, String> {
    if text.contains(['>', '"', '\r', '\u{85}', '\u{86}', '\0']) {
        return Err(format!("{text:?} is not escaped"));
    }
    let mut plain = String::new();
    let mut parts = text.split('&');
    plain.extend(parts.next());
    for part in parts {
        let (entity, after) = part.split_once(';').ok_or("a bare &")?;
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => return Err(format!("&{entity};")),
        });
        plain.push_str(after);
    }
    Ok(plain)
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
