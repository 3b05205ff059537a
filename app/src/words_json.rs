//! The words as the browser tests have them: `end2end/words.json`, which this test holds against the tables.

use std::env;
use std::fs;
use std::path::Path;

use crate::page_words as words;
use crate::words::Lang;

/// The variable that has the file written anew.
const RENEW: &str = "RENEW_WORDS";

#[test]
fn the_browser_tests_have_the_words_of_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/words.json");
    let tables = as_json();
    if env::var_os(RENEW).is_some() {
        fs::write(&path, &tables).expect("the file can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == tables,
        "end2end/words.json differs from the tables; renew it with \
         `{RENEW}=1 cargo test --package=app --features=ssr words_json`"
    );
}

/// Each language by its tag: the words of both sides, and under `page` those that only the server says.
fn as_json() -> String {
    let languages = Lang::ALL.iter().map(|&lang| {
        let mut members = members(lang.words().entries(), "    ");
        let page = self::members(words::of(lang).entries(), "      ").join(",\n");
        members.push(format!("    \"page\": {{\n{page}\n    }}"));
        format!("  {}: {{\n{}\n  }}", quoted(lang.tag()), members.join(",\n"))
    });
    format!("{{\n{}\n}}\n", languages.collect::<Vec<_>>().join(",\n"))
}

fn members(entries: impl Iterator<Item = (&'static str, &'static str)>, indent: &str) -> Vec<String> {
    entries
        .map(|(name, word)| format!("{indent}{}: {}", quoted(name), quoted(word)))
        .collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
