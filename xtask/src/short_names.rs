//! Short names for what WASM and its JavaScript call one another by. wasm-bindgen's carry a hash of 16 letters each, which
//! no compression makes smaller: 3.4 kB of the first load in two files.

use std::collections::HashMap;

use anyhow::{Result, bail};

/// The pass of `wasm-opt` that shortens the names in the WASM, and prints which became which.
pub(crate) const PASS: &str = "--minify-imports-and-exports-and-modules";
/// What that pass calls the one module of all imports.
const MODULE: &str = "a";
/// How wasm-bindgen's JavaScript calls the WASM.
const INSTANCE: &str = "wasm.";

/// wasm-bindgen's JavaScript, with the names that the pass has given. `printed` is what the pass has printed: JSON, with a
/// name on each line.
///
/// # Errors
///
/// When a name that was shortened does not stand in the JavaScript as wasm-bindgen writes it.
pub(crate) fn give(printed: &str, js: &str) -> Result<String> {
    let names = Names::read(printed)?;
    let module = format!("\"{}\":", names.module);
    if js.matches(&module).count() != 1 {
        bail!("the JavaScript does not give its imports as {module}");
    }
    let js = js.replace(&module, &format!("\"{MODULE}\":"));
    let mut short = String::with_capacity(js.len());
    let mut given = 0;
    for word in words(&js) {
        let of_instance = || names.exports.get(word).filter(|_| short.ends_with(INSTANCE));
        match names.imports.get(word) {
            Some(name) => {
                given += 1;
                short.push_str(name);
            }
            None => short.push_str(of_instance().copied().unwrap_or(word)),
        }
    }
    if given != names.imports.len() {
        bail!(
            "{given} of {} imports stand in the JavaScript",
            names.imports.len()
        );
    }
    Ok(short)
}

/// What became what.
struct Names<'a> {
    module: &'a str,
    imports: HashMap<&'a str, &'a str>,
    exports: HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn read(printed: &'a str) -> Result<Self> {
        let mut names = Self {
            module: "",
            imports: HashMap::new(),
            exports: HashMap::new(),
        };
        for line in printed.lines() {
            let texts: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            match texts.as_slice() {
                [module, name, short] => {
                    names.module = module;
                    names.imports.insert(name, short);
                }
                [name, short] => {
                    names.exports.insert(name, short);
                }
                _ => {}
            }
        }
        if names.imports.is_empty() || names.exports.is_empty() {
            bail!("`wasm-opt {PASS}` did not print which name became which");
        }
        Ok(names)
    }
}

/// The text in pieces: names, and what lies between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_name = is_of_name(first);
        let end = rest
            .find(|letter| is_of_name(letter) != is_name)
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{
 "imports": [
  ["./madang_bg.js", "__wbg_call_01", "b"],
  ["./madang_bg.js", "__wbg_call_012", "c"]
 ],
"exports": [
  ["hydrate", "d"],
  ["memory", "e"]
 ]
}"#;

    #[test]
    fn imports_and_exports_get_their_short_names_and_nothing_else_does() {
        let js = "export function hydrate() { wasm.hydrate(wasm.memory); const memory = 1; }\n\
                  const import0 = { __wbg_call_012: f, __wbg_call_01: f }; ({ \"./madang_bg.js\": import0 })";
        assert_eq!(
            give(PRINTED, js).unwrap(),
            "export function hydrate() { wasm.d(wasm.e); const memory = 1; }\n\
             const import0 = { c: f, b: f }; ({ \"a\": import0 })"
        );
    }

    #[test]
    fn javascript_that_does_not_fit_is_refused() {
        assert!(give(PRINTED, "({ \"./madang_bg.js\": { __wbg_call_01: f } })").is_err());
        assert!(give(PRINTED, "__wbg_call_01, __wbg_call_012").is_err());
        assert!(give("", "").is_err());
    }
}
