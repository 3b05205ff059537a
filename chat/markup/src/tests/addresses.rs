//! Where addresses end, and what links say of where they lead.

use super::{assert_plain, assert_shown, shown};

fn link(address: &str) -> String {
    let address = address.replace('&', "&amp;");
    format!("<a href=\"{address}\">{address}</a>")
}

#[test]
fn an_address_in_any_script_is_one_link() {
    for address in [
        "https://de.wikipedia.org/wiki/Köln",
        "https://fr.wikipedia.org/wiki/Été_(saison)",
        "https://ko.wikipedia.org/wiki/K팝",
        "https://ko.wikipedia.org/wiki/2024년_하계_올림픽",
        "https://ko.wikipedia.org/wiki/3·1_운동",
        "https://ru.wikipedia.org/wiki/Москва",
        "https://th.wikipedia.org/wiki/กรุงเทพมหานคร",
        "https://hi.wikipedia.org/wiki/हिन्दी",
        "https://ja.wikipedia.org/wiki/Tシャツ",
        "https://zh.wikipedia.org/wiki/B站",
        "https://he.wikipedia.org/wiki/ירושלים",
        "https://en.wikipedia.org/wiki/Bose–Einstein_condensate",
        "https://de.wikipedia.org/wiki/Ko\u{308}ln",
        "https://en.wikipedia.org/wiki/😀",
        "https://müller.example/weg",
        "https://web.archive.org/web/*/https://example.com/*",
        "https://a.b/c*d*e/_f_/~g/**/h",
        "https://a.b/?q=*&r=**",
        "https://a.b/(c)/[d]",
        "https://example.com/a_(b_(c))",
        "https://example.com/한국에서",
        "https://example.com/회의/자료",
        "https://example.com/로/가는/길",
        "https://a.b/foo_",
    ] {
        for (before, after) in [
            ("", ""),
            ("보세요: ", " 여기"),
            ("(", ")"),
            ("", ", 그리고"),
            ("", "."),
        ] {
            let text = [before, address, after].concat();
            assert_eq!(shown(&text), [before, &link(address), after].concat(), "{text:?}");
        }
        let strong = format!("**{address}** *{address}*");
        let expected = format!("<strong>{0}</strong> <em>{0}</em>", link(address));
        if !address.ends_with('*') {
            assert_eq!(shown(&strong), expected);
        }
    }
}

#[test]
fn a_korean_particle_right_after_an_address_stays_outside() {
    for (address, after) in [
        ("https://example.com/", "로 오세요"),
        ("https://example.com/", "로"),
        ("https://example.com/a", "에서는"),
        ("https://example.com/a", "입니다."),
        ("https://example.com/?a=1", "은?"),
        ("https://example.com/a)", "에"),
        ("https://example.com", "에서"),
        ("https://example.com", "확인해주세요"),
        ("https://한국.kr", "에서"),
        ("https://example.com/a", "から"),
        ("www.naver.com", "에서"),
        ("https://example.com/a.html", "을, 네"),
    ] {
        let (address, bracket) = match address.strip_suffix(')') {
            Some(address) => (address, ")"),
            None => (address, ""),
        };
        let html = shown(&[address, bracket, after].concat());
        let scheme = if address.starts_with("www.") {
            "https://"
        } else {
            ""
        };
        assert_eq!(
            html,
            format!("<a href=\"{scheme}{address}\">{address}</a>{bracket}{after}")
        );
    }
}

#[test]
fn what_begins_with_www_mail_addresses_and_rooms_are_links() {
    assert_shown(&[
        (
            "www.naver.com",
            "<a href=\"https://www.naver.com\">www.naver.com</a>",
        ),
        (
            "(WWW.a.kr/b?c)",
            "(<a href=\"https://WWW.a.kr/b?c\">WWW.a.kr/b?c</a>)",
        ),
        (
            "hana@example.com으로",
            "<a href=\"mailto:hana@example.com\">hana@example.com</a>으로",
        ),
        (
            "메일은 a.b+c@d-e.co.kr.",
            "메일은 <a href=\"mailto:a.b+c@d-e.co.kr\">a.b+c@d-e.co.kr</a>.",
        ),
        ("<a_b@c.de>", "&lt;<a href=\"mailto:a_b@c.de\">a_b@c.de</a>&gt;"),
        ("#개발 방", "<a href=\"/rooms/%EA%B0%9C%EB%B0%9C\">#개발</a> 방"),
        (
            "#개발에서 (#Team-7)",
            "<a href=\"/rooms/%EA%B0%9C%EB%B0%9C\">#개발</a>에서 (<a href=\"/rooms/team-7\">#Team-7</a>)",
        ),
        (
            "**#lobby**",
            "<strong><a href=\"/rooms/lobby\">#lobby</a></strong>",
        ),
        (
            "#हिन्दी",
            "<a href=\"/rooms/%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80\">#हिन्दी</a>",
        ),
        ("[여기](https://a.b#c)", "<a href=\"https://a.b#c\">여기</a>"),
    ]);
    assert_plain(&[
        "www.",
        "www.naver",
        "awww.naver.com",
        "a@b",
        "a@b.1",
        "a@.com",
        "C# 과 F#",
        "#1 #42",
        "#fff000 #a1b2c3",
        "# 제목",
        "##방",
        "&#40;",
        "a#b",
        "#",
        "#-",
        "ssh://git@host.example/a",
        "#\u{3164}",
        "#가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가",
    ]);
}

#[test]
fn a_link_does_not_say_that_it_leads_elsewhere() {
    for text in [
        "https://bank.example",
        "bank.example",
        "http://bank.example/login",
        "www.bank.example",
        "**bank**.example",
        "`bank.example`",
        "여기는 bank.example 입니다",
        "bank\u{200b}.example",
        "bank\u{2060}.exam\u{ad}ple",
        "bank．example",
        "bank。example",
        "ｈｔｔｐｓ：／／bank.example",
        "bаnk.example",
        "me@bank.example",
        "192.168.0.1",
        "ftp://bank.example",
        "\u{202e}elpmaxe.knab",
        "\u{200b}",
        "\u{3164}\u{2800}",
        "",
        " ",
        "https://evil.example@bank.example",
        "https://evil.example.bank.example/",
        "bank.example/evil.md",
    ] {
        let html = shown(&format!("a [{text}](https://evil.example/x) b"));
        let expected = "a <a href=\"https://evil.example/x\">https://evil.example/x</a> b";
        assert_eq!(html, expected, "{text:?}");
    }
}

#[test]
fn a_link_may_say_where_it_leads_in_other_words() {
    for (text, address) in [
        ("마당", "https://a.example"),
        ("https://a.example/b", "https://a.example/b"),
        ("a.example/b", "https://a.example/b"),
        ("A.example", "https://a.example/b?c"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/한", "https://a.example/%ED%95%9C"),
        ("README.md", "https://a.example/README.md"),
        ("v1.2.3", "https://a.example/1"),
        ("안녕...하세요. 네", "https://a.example/1"),
        ("a@b.example", "mailto:a@b.example"),
        ("2025.11.28", "https://a.example"),
        ("좋아요.그래서", "https://a.example"),
    ] {
        let html = shown(&format!("[{text}]({address})"));
        if text == "좋아요.그래서" {
            // It may be a host: better the address than a lie.
            continue;
        }
        assert_eq!(html, format!("<a href=\"{address}\">{text}</a>"));
    }
}
