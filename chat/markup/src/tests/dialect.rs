//! What each mark becomes, and what is left as it was written.

use super::{assert_plain, assert_shown, html, shown};
use crate::limits::MARKUP_MARKERS_MAX;

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
        ("\\*a\\* \\\\", "*a* \\\\"),
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
            "***굵게***가 **굵 *게* 굵**이",
            "<em><strong>굵게</strong></em>가 <strong>굵 <em>게</em> 굵</strong>이",
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
            "<em>a</em><br><br>    b<br><br>    <em>c</em>",
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
        ("[a @c](https://d.e)", "<a href=\"https://d.e\">a @c</a>"),
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
fn a_name_is_marked_where_it_begins_no_mailbox() {
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
        ("(@a)", format!("({})", mention("a"))),
        ("\"@하나\"", format!("&quot;{}&quot;", mention("하나"))),
        ("안녕,@하나!", format!("안녕,{}!", mention("하나"))),
    ] {
        assert_eq!(shown(text), html, "{text:?}");
    }
    assert_plain(&["a@b.c", "@", "@ a", "@-_", "@@a", "오전@철수"]);
    assert_eq!(shown("가**@b**"), "가<strong>@b</strong>");
}

#[test]
fn a_known_name_is_marked_whole_and_without_what_is_appended_to_it() {
    let mention = |name: &str| format!("<span class=\"mention\">@{name}</span>");
    for (text, called, expected) in [
        ("@김 철수님 안녕", "김 철수", mention("김 철수") + "님 안녕"),
        ("@하나야", "하나", mention("하나") + "야"),
        ("@하나둘", "하나", mention("하나둘")),
        ("`@하나`", "하나", "<code>@하나</code>".to_owned()),
        ("@<b>", "<b>", mention("&lt;b&gt;")),
        ("@하나", "", mention("하나")),
    ] {
        assert_eq!(
            super::super::html(text, [called]).as_deref(),
            Some(&*expected),
            "{text:?}"
        );
    }
}

#[test]
fn emoji_and_text_from_right_to_left_are_left_alone() {
    assert_plain(&["👩‍👩‍👧‍👦 ❤️ 🇰🇷 가족", "שלום עולם", "e\u{301}", "\u{202e}abc\u{202c}"]);
    assert_shown(&[
        ("**👩‍👩‍👧‍👦**은", "<strong>👩‍👩‍👧‍👦</strong>은"),
        ("*שלום* עולם", "<em>שלום</em> עולם"),
    ]);
}

#[test]
fn a_text_with_the_characters_that_are_put_in_is_not_rendered() {
    assert_plain(&["*a*\u{85}", "*a*\u{86}", "*a*\r", "*a*\0"]);
}

#[test]
fn a_message_of_a_few_pictures_is_shown_larger() {
    for text in ["👍", "👩‍👩‍👧‍👦 ❤️ 🇰🇷", "❤", "1\u{fe0f}\u{20e3}", "👍👍👍👍👍", " ⭐\n"]
    {
        assert_eq!(
            shown(text),
            format!("<span class=\"pictures\">{}</span>", text.trim())
        );
    }
    assert_plain(&[
        "👍👍👍👍👍👍",
        "👍!",
        "👍 네",
        "★",
        "→",
        "ㅋ",
        "👍\n👍",
        "1",
        "©2025",
    ]);
}

#[test]
fn quotes_and_lists_have_the_direction_of_their_text() {
    for (text, tag) in [
        ("> שלום", "<blockquote dir=\"auto\">"),
        ("- שלום", "<ul dir=\"auto\">"),
        ("1. שלום", "<ol dir=\"auto\">"),
        ("2. שלום", "<ol start=\"2\" dir=\"auto\">"),
    ] {
        assert!(html(text).unwrap().starts_with(tag), "{text:?}");
    }
}
