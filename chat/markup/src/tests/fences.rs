//! Blocks of code, wherever the backticks stand.

use super::{assert_plain, assert_shown, html, shown};

#[test]
fn code_between_backticks_without_lines_of_their_own_is_code_all_of_it() {
    assert_shown(&[
        (
            "```SELECT\n FROM t;```",
            "<pre><code>SELECT\n FROM t;</code></pre>",
        ),
        (
            "```SELECT *\nFROM t;\n```",
            "<pre><code>SELECT *\nFROM t;</code></pre>",
        ),
        (
            "```SELECT\nFROM t;\n```",
            "<pre><code>SELECT\nFROM t;</code></pre>",
        ),
        ("```\na\nb```", "<pre><code>a\nb</code></pre>"),
        ("```a\nb\n```\n끝", "<pre><code>a\nb</code></pre>끝"),
        (
            "이거 ```SELECT\nFROM t;``` 맞아?",
            "이거<pre><code>SELECT\nFROM t;</code></pre> 맞아?",
        ),
        (
            "```sql\nSELECT 1;```",
            "<pre><code class=\"language-sql\">SELECT 1;</code></pre>",
        ),
        ("```let a = `b`;\nc```", "<pre><code>let a = `b`;\nc</code></pre>"),
        (
            "```md\n`x` 와 ```y``` 다\n```",
            "<pre><code class=\"language-md\">`x` 와 ```y``` 다</code></pre>",
        ),
        ("```a\nb``` *c*", "<pre><code>a\nb</code></pre> <em>c</em>"),
        ("```안녕``` 하고 ```b```", "<code>안녕</code> 하고 <code>b</code>"),
        ("```\n*a*\\_b~c~\n```", "<pre><code>*a*\\_b~c~</code></pre>"),
        ("````\n```\na\n```\n````", "<pre><code>```\na\n```</code></pre>"),
    ]);
    assert_plain(&["앞 ``` 뒤\n끝"]);
}

/// Whatever stands between them is shown.
#[test]
fn no_line_of_code_is_lost_wherever_its_backticks_stand() {
    for first in ["SELECT", "sql", "fn main() {", "안녕", "x", "rust", "a b"] {
        for before in ["", "앞 ", "앞\n"] {
            for (open, close) in [("", ""), ("\n", ""), ("", "\n"), ("\n", "\n")] {
                for after in ["", " 뒤", "\n뒤"] {
                    let text = format!("{before}```{open}{first}\n둘째 줄{close}```{after}");
                    let html = shown(&text);
                    let is_language = open.is_empty() && ["sql", "rust"].contains(&first);
                    let code = if is_language {
                        format!(" class=\"language-{first}\">")
                    } else {
                        format!(">{first}\n")
                    };
                    assert!(
                        html.contains(&format!("<pre><code{code}둘째 줄</code></pre>")),
                        "{text:?}: {html:?}"
                    );
                    assert_eq!(html.contains("앞"), !before.is_empty(), "{text:?}");
                    assert_eq!(html.contains("뒤"), !after.is_empty(), "{text:?}");
                }
            }
        }
    }
    assert_eq!(html("```\n\n```").as_deref(), Some("<pre><code></code></pre>"));
}
