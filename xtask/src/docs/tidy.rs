//! The rules of the house that can be read off a line: `cfg` only on `mod` lines, to-dos that explain themselves,
//! nothing of anybody's own machine.

use super::Complaint;
use super::repository::Repository;

/// Put together here, so that this file does not complain of itself.
const TO_DO: &str = concat!("TO", "DO");
/// Home folders and the like, as far as they give themselves away.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users"),
];
/// What only tests use may stand beside what it helps to test.
const TEST_ONLY: &str = "#[cfg(test)]";
/// The only source of crates that a lock file may name.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every text file.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in repository.sources() {
        complaints.extend(misplaced_cfg(path, text));
    }
    for (path, text) in repository.texts(|path| !path.starts_with("LICENSE")) {
        complaints.extend(lines(path, text));
    }
    complaints
}

/// A line that begins with `#[cfg(` must have a `mod` below it; `cfg!` has no place at all.
fn misplaced_cfg(path: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (index, line) in lines.iter().enumerate() {
        let attribute = line.starts_with("#[cfg(") || line.starts_with("#[cfg_attr(");
        let at_fault = if attribute {
            let mut below = lines
                .iter()
                .skip(index + 1)
                .filter(|line| !line.starts_with(['#', '/']));
            !below.next().is_some_and(|item| is_mod_or_use(item)) && *line != TEST_ONLY
        } else {
            let code = line.split("//").next().unwrap_or(line);
            code.contains(concat!("cfg", "!("))
        };
        if at_fault {
            let place = format!("{path}:{}", index + 1);
            complaints.push(Complaint::new(
                place,
                "`cfg` belongs on a `mod` line: give each case a file of its own",
            ));
        }
    }
    complaints
}

/// A `use` line may stand with the `mod` whose names it takes.
fn is_mod_or_use(item: &str) -> bool {
    let item = item
        .strip_prefix("pub(crate) ")
        .or_else(|| item.strip_prefix("pub "))
        .unwrap_or(item);
    item.starts_with("mod ") || item.starts_with("use ")
}

fn lines(path: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(what) = bare_to_do(line).or_else(|| own_machine(path, line)) {
            complaints.push(Complaint::new(format!("{path}:{}", index + 1), what));
        }
    }
    complaints
}

/// A to-do says what is to be done and why not now: a colon and a sentence of some length.
fn bare_to_do(line: &str) -> Option<String> {
    const SENTENCE_CHARS_MIN: usize = 20;
    let (before, after) = line.split_once(TO_DO)?;
    let is_word = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
    let in_code_type = before.ends_with('`');
    let explained = after
        .strip_prefix(':')
        .is_some_and(|sentence| sentence.trim().chars().count() >= SENTENCE_CHARS_MIN);
    (is_word && !in_code_type && !explained)
        .then(|| format!("a bare {TO_DO}: say what is to be done and why not now"))
}

fn own_machine(path: &str, line: &str) -> Option<String> {
    if let Some(found) = MACHINE_PATHS.iter().find(|found| line.contains(**found)) {
        return Some(format!("`{found}` is a path of somebody's own machine"));
    }
    let foreign_registry = (path.ends_with("package-lock.json") && line.contains("\"resolved\""))
        || (path.ends_with("Cargo.lock") && line.starts_with("source = ") && !line.contains(CRATES));
    foreign_registry.then(|| "the lock file names a registry of somebody's own".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        check(&Repository::of(&[(path, text)])).len()
    }

    #[test]
    fn cfg_passes_on_a_mod_and_nowhere_else() {
        let source = "chat/src/lib.rs";
        assert_eq!(
            complaints(
                source,
                "#[cfg(unix)]\n#[path = \"x\"]\nmod files;\n#[cfg(unix)]\npub mod b;"
            ),
            0
        );
        assert_eq!(complaints(source, "#[cfg(test)]\nmod tests {"), 0);
        assert_eq!(complaints(source, "fn a() {\n    #[cfg(unix)]\n    b();\n}"), 1);
        assert_eq!(
            complaints(source, "#[cfg_attr(test, derive(Debug))]\nstruct A;"),
            1
        );
        assert_eq!(complaints(source, concat!("if cfg", "!(unix) {}")), 1);
    }

    #[test]
    fn a_bare_to_do_is_found() {
        let to_do = |rest: &str| format!("// {TO_DO}{rest}");
        assert_eq!(complaints("a.rs", &to_do("")), 1);
        assert_eq!(complaints("a.rs", &to_do(": later")), 1);
        assert_eq!(
            complaints(
                "a.rs",
                &to_do(": drop this when Rust 1.99 is the oldest we build on")
            ),
            0
        );
    }

    #[test]
    fn somebodys_own_folders_and_registries_are_found() {
        assert_eq!(complaints("a.md", &format!("see {}me", MACHINE_PATHS[0])), 1);
        assert_eq!(
            complaints(
                "x/package-lock.json",
                "\"resolved\": \"https://npm.example/x.tgz\""
            ),
            1
        );
        assert_eq!(
            complaints("Cargo.lock", "source = \"registry+https://crates.example/index\""),
            1
        );
        assert_eq!(complaints("Cargo.lock", &format!("source = \"{CRATES}\"")), 0);
    }
}
