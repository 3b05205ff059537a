//! What `data-act` says in the HTML, held against the table of what is done.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The table.
const TABLE: &str = "browser/events/actions.rs";
/// Where a name is filled in, and how the names stand in the file: before this.
const FILLED_IN: [(&str, &str); 3] = [
    ("components/timeline.rs", "\", \"?"),
    ("page/dialog.rs", "\", words."),
    ("page/menu.rs", "\", \""),
];

#[test]
fn every_name_that_is_drawn_is_in_the_table_and_every_name_in_the_table_is_drawn() {
    let mut drawn = BTreeSet::new();
    let mut filled_in = Vec::new();
    for path in files(&sources()) {
        let name = path.strip_prefix(sources()).unwrap().to_str().unwrap().to_owned();
        if name.starts_with("browser") {
            continue;
        }
        let text = read(&name);
        drawn.extend(quoted_after(&text, "data-act=\""));
        if text.contains("data-act=(") {
            filled_in.push(name);
        }
    }
    let expected: Vec<&str> = FILLED_IN.iter().map(|(file, _)| *file).collect();
    filled_in.sort();
    assert_eq!(
        filled_in, expected,
        "where a name is filled in, this test has to know the names"
    );
    for (file, end) in FILLED_IN {
        drawn.extend(entries(&read(file), end));
    }
    let known: BTreeSet<String> = entries(&read(TABLE), "\",").into_iter().collect();
    assert!(known.len() > 25, "the table is read: {known:?}");
    assert_eq!(drawn, known);
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(name: &str) -> String {
    fs::read_to_string(sources().join(name)).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect()
}

/// The names that stand in quotation marks after a mark.
fn quoted_after(text: &str, mark: &str) -> Vec<String> {
    let rest = text.split(mark).skip(1);
    rest.filter_map(|rest| rest.split('"').next())
        .map(|name| name.trim_end_matches('\\').to_owned())
        .collect()
}

/// The first texts of the tuples in a file, of those that go on like this.
fn entries(text: &str, end: &str) -> Vec<String> {
    let tuples = text
        .split('(')
        .filter_map(|tuple| tuple.trim_start().strip_prefix('"'));
    tuples
        .filter_map(|rest| {
            let name = rest.split('"').next()?;
            let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let goes_on = rest.get(name.len()..)?.starts_with(end);
            (is_name && goes_on && !name.is_empty()).then(|| name.to_owned())
        })
        .collect()
}
