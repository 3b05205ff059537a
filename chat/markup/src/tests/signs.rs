//! Which signs are marks: not those of faces, paths, products and names.

use super::{assert_plain, assert_shown, html, shown};

const FACES: &[&str] = &[
    "*^^*",
    "*^_^*",
    "^_^",
    "ㅠ_ㅠ",
    "ㅜ_ㅜ",
    ">_<",
    "-_-;;",
    "T_T",
    "(*´▽｀*)",
    "(´･ω･)",
    "*_*",
    "~_~",
    "o_O",
    "\\(^o^)/",
    "¯\\_(ツ)_/¯",
    "orz",
    "ㅡㅡ;",
    "^*^",
    "~*~",
    "*^o^*",
    "*>ㅅ<*",
    "(*'-'*)",
    "(*ㅇㅅㅇ*)",
    "*ㅠㅠ*",
    "(*^^)",
    "(^^*)",
    "(*´ω｀*)",
    "(*ノωノ)",
    "(*ノωノ*)",
    "(*ﾟ∀ﾟ*)",
    "(*ᵕᴗᵕ*)",
    "(*ˊᗜˋ*)",
    "(*≧▽≦)",
    "(*☆▽☆*)",
    "o(*^▽^*)o",
    "ヽ(*。>Д<)o゜",
    "(;_;)",
    "._.",
    "=_=",
    "^_~",
    "@_@",
    "*o*",
    "*T_T*",
    "*o_O*",
    "(_ _)",
    "m(_ _)m",
    "(-_-)zzz",
    "ㅇ_ㅇ",
    "*^~^*",
    "ლ(╹◡╹ლ)",
    "<_<",
    ">_>",
    "♡^▽^♡",
    "*.*",
    "*-*",
    "\\o/",
    "/(^_^)\\",
    "┐(´ー｀)┌",
    "(*^-^*)",
    "(*^.^*)",
    "*^0^*",
    "(╯°□°)╯︵ ┻━┻",
    "(=^･ω･^=)",
    "ʕ•ᴥ•ʔ",
    "~(˘▾˘~)",
    "^^*",
    "*^^",
    "ㅎ_ㅎ",
    "(>_<*)",
    "(*>_<*)",
    "*.~",
];

#[test]
fn faces_are_shown_as_they_were_written() {
    assert_plain(FACES);
}

/// Two of them make no pair either, nor do they with words between them.
#[test]
fn any_two_faces_with_words_between_them_are_shown_as_they_were_written() {
    for first in FACES {
        for second in FACES {
            for text in [
                format!("{first} {second}"),
                format!("{first} 안녕하세요 {second}"),
                format!("안녕 {first} hello, 반가워요 {second}!"),
                format!("{first}\n{second}"),
            ] {
                assert_eq!(html(&text), None, "{text:?}");
            }
        }
    }
}

/// And they take nothing from what is emphasised beside them.
#[test]
fn words_are_emphasised_beside_a_face() {
    for face in FACES {
        let escaped = face.replace('<', "&lt;").replace('>', "&gt;");
        for (marked, becomes) in [
            ("**굵게**", "<strong>굵게</strong>"),
            ("*기울임*", "<em>기울임</em>"),
            ("~~지움~~", "<del>지움</del>"),
        ] {
            assert_eq!(shown(&format!("{marked} {face}")), format!("{becomes} {escaped}"));
            assert_eq!(shown(&format!("{face} {marked}")), format!("{escaped} {becomes}"));
        }
    }
}

#[test]
fn paths_products_globs_and_names_of_programs_are_shown_as_they_were_written() {
    assert_plain(&[
        "C:\\_new\\*",
        "C:\\_new_\\*",
        "C:\\Users\\하나\\*.txt D:\\*.md",
        "\\\\server\\share\\*",
        "^\\d+\\*?(a|b)\\.\\w*$",
        "\\[a-z\\]\\{2\\}",
        "snake_case_names 와 _private, _other",
        "__init__.py",
        "__init__.py와 __main__.py",
        "__init__()",
        "__name__ == \"__main__\"",
        "foo.__class__.__name__",
        "2*3*4",
        "5 * 3 * 2",
        "가로*세로*높이",
        "a*b*c, x**2 + y**2",
        "int *a, *b; char **argv",
        "f(*args, **kwargs) g(*a)*2",
        "count(*) 와 count(*)",
        "src/**/*.rs test/*/*.rs",
        "*.txt,*.md",
        "/* 주석 */ 와 /** 문서 */",
        "SELECT * FROM t WHERE a*b > 2*c",
        "3*5cm, 4*6cm",
        "별점 *** 과 **",
        "비밀번호는 ****",
        "*주의: 하나",
        "10*20 크기*수량*단가",
        "~/.config 와 ~/bin",
        "a_b_c=d_e_f",
        "_id, _rev, _score",
        "5~6시~~ 좋아~~",
    ]);
}

#[test]
fn words_are_emphasised_where_both_sides_say_so() {
    assert_shown(&[
        ("**굵게**", "<strong>굵게</strong>"),
        ("**굵게**는", "<strong>굵게</strong>는"),
        ("*기울임*", "<em>기울임</em>"),
        ("*기울임*은", "<em>기울임</em>은"),
        ("*별표* 하나", "<em>별표</em> 하나"),
        (
            "_기울임_, __굵은 글씨__",
            "<em>기울임</em>, <strong>굵은 글씨</strong>",
        ),
        ("(*중요*) [**공지**]", "(<em>중요</em>) [<strong>공지</strong>]"),
        (
            "**감사합니다^^** **ㅎㅎ;;**",
            "<strong>감사합니다^^</strong> <strong>ㅎㅎ;;</strong>",
        ),
        (
            "**1) 제목** **Q.** **-5도**",
            "<strong>1) 제목</strong> <strong>Q.</strong> <strong>-5도</strong>",
        ),
        ("**★ 중요 ★**", "<strong>★ 중요 ★</strong>"),
        (
            "**안녕하세요**~ **네**!",
            "<strong>안녕하세요</strong>~ <strong>네</strong>!",
        ),
        (
            "**[공지]** **<주의>**",
            "<strong>[공지]</strong> <strong>&lt;주의&gt;</strong>",
        ),
        ("*x* *π* **C**", "<em>x</em> <em>π</em> <strong>C</strong>"),
        ("*별 ~~둘~~ 셋*", "<em>별 <del>둘</del> 셋</em>"),
        ("***a* b**", "<strong><em>a</em> b</strong>"),
        ("**a *b***", "<strong>a <em>b</em></strong>"),
        ("*ノート* *コード*", "<em>ノート</em> <em>コード</em>"),
        (
            "**\"하나\"**와 **(둘)**을",
            "<strong>&quot;하나&quot;</strong>와 <strong>(둘)</strong>을",
        ),
        ("**🎉**!", "<strong>🎉</strong>!"),
    ]);
}

#[test]
fn a_backslash_goes_only_where_the_sign_after_it_would_have_been_a_mark() {
    assert_shown(&[
        ("\\*별표\\*", "*별표*"),
        ("\\*\\*별표\\*\\*", "**별표**"),
        ("\\_a b\\_ \\~~c\\~~", "_a b_ ~~c~~"),
        ("\\*별표*", "*별표*"),
        ("*별표\\*", "*별표*"),
        ("*a \\*b\\* c*", "<em>a *b* c</em>"),
        ("\\`a`", "`a`"),
        (
            "\\[a](https://b.c)",
            "[a](<a href=\"https://b.c\">https://b.c</a>)",
        ),
        ("\\> a\n\\- b", "&gt; a<br>- b"),
        ("1\\. a", "1. a"),
    ]);
    assert_plain(&[
        "a\\b",
        "\\",
        "\\\\",
        "\\*",
        "\\n\\t",
        "\\# a",
        "\\(a\\)",
        "C:\\[new]",
        "5 \\* 3",
        "\\*\\w+\\*",
        "^\\_[a-z]\\d\\_$",
    ]);
}

#[test]
fn backticks_that_are_cheeks_of_faces_make_no_code() {
    for face in [
        "(´・ω・`)",
        "(`・ω・´)",
        "(`・ω・`)",
        "(`ω´)",
        "(*`ω´*)",
        "(；´Д`)",
        "(ノ`Д´)ノ",
        "(`皿´)",
        "(`へ´)",
        "(`_´)ゞ",
        "（´；ω；`）",
        "´・ω・`",
        "(´-`)",
        "(-`-)",
    ] {
        for text in [
            format!("{face} 안녕 {face}"),
            format!("안녕{face}\n잘 가{face}"),
            format!("{face} {face} {face}"),
            format!("{face}{face}"),
        ] {
            assert_eq!(html(&text), None, "{text:?}");
        }
    }
    assert_shown(&[
        (
            "(´・ω・`) `코드` (´・ω・`)",
            "(´・ω・`) <code>코드</code> (´・ω・`)",
        ),
        ("**얍 (`ω´)** `x`", "<strong>얍 (`ω´)</strong> <code>x</code>"),
    ]);
}

#[test]
fn code_within_brackets_is_code() {
    assert_shown(&[
        ("(`x`)", "(<code>x</code>)"),
        (
            "(`코드`)와 (`ls -l`)",
            "(<code>코드</code>)와 (<code>ls -l</code>)",
        ),
        ("(`→`) (`-`)", "(<code>→</code>) (<code>-</code>)"),
        ("`f(가`나)`", "<code>f(가</code>나)`"),
        ("`a(b)` `c(d)`", "<code>a(b)</code> <code>c(d)</code>"),
        ("``a`b``", "<code>a`b</code>"),
    ]);
}
