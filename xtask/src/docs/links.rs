//! Every relative link of a document leads somewhere, and every file it names exists.

use super::Complaint;
use super::markdown::{anchor, headings, prose, spans, targets};
use super::repository::Repository;

/// Endings by which a word in code type is known for a file of this repository.
const ENDINGS: &[&str] = &[
    ".rs",
    ".md",
    ".toml",
    ".ts",
    ".css",
    ".json",
    ".js",
    ".html",
    ".svg",
    ".png",
    ".lock",
    ".webmanifest",
];
/// Folders that are made by building or running.
const MADE: &[&str] = &["target", "dist", "node_modules", "madang-data"];

/// Checks all documents.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (document, text) in repository.documents() {
        for (number, line) in prose(text) {
            let place = format!("{document}:{number}");
            for target in targets(line) {
                complaints
                    .extend(dead_link(repository, document, target).map(|what| Complaint::new(&place, what)));
            }
            for word in spans(line).filter(|word| is_path(repository, word)) {
                if !exists(repository, document, word) {
                    complaints.push(Complaint::new(&place, format!("there is no `{word}`")));
                }
            }
        }
    }
    complaints
}

fn dead_link(repository: &Repository, document: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, fragment) = match target.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (target, None),
    };
    let path = if path.is_empty() {
        document.to_owned()
    } else {
        beside(document, path)
    };
    if !repository.has(&path) {
        return Some(format!("the link to `{target}` leads nowhere"));
    }
    let fragment = fragment.filter(|_| path.ends_with(".md"))?;
    let text = repository.text(&path)?;
    let found = headings(text).any(|heading| anchor(heading.text) == fragment);
    (!found).then(|| format!("there is no heading `#{fragment}` in {path}"))
}

/// Whether a word in code type means a file or folder of this repository.
pub(crate) fn is_path(repository: &Repository, word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if word.is_empty() || !word.chars().all(plain) || word.starts_with(['/', '.', '-']) {
        return false;
    }
    let first = word.split('/').next().unwrap_or(word);
    if MADE.contains(&first) {
        return false;
    }
    let named_as_file = ENDINGS
        .iter()
        .any(|ending| word.ends_with(ending) && word != *ending);
    let below_a_folder = word.contains('/') && repository.top_folders().contains(&first);
    named_as_file || below_a_folder || (word.ends_with('/') && word.len() > 1)
}

/// Whether a named file exists: from the root, from beside the document, or under that name anywhere.
pub(crate) fn exists(repository: &Repository, document: &str, word: &str) -> bool {
    repository.has(word) || repository.has(&beside(document, word)) || repository.has_ending(word)
}

/// A path as seen from a document's folder, from the root.
fn beside(document: &str, path: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(document: &str) -> Vec<String> {
        let repository = Repository::of(&[
            ("docs/A.md", document),
            ("README.md", "# Top of it\n"),
            ("chat/src/limits.rs", ""),
        ]);
        check(&repository)
            .into_iter()
            .map(|Complaint(text)| text)
            .collect()
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        assert_eq!(
            complaints("\n[x](../REDME.md)"),
            ["docs/A.md:2: the link to `../REDME.md` leads nowhere"]
        );
        assert_eq!(complaints("[x](../README.md#bottom)").len(), 1);
        assert_eq!(complaints("[x](#bottom)").len(), 1);
        assert_eq!(complaints("<img src=\"shot.png\">").len(), 1);
    }

    #[test]
    fn a_link_to_something_is_not() {
        let fine =
            "# Here\n[a](../README.md) [b](../README.md#top-of-it) [c](#here) [d](https://example.org/x)";
        assert!(complaints(fine).is_empty(), "{:?}", complaints(fine));
    }

    #[test]
    fn a_file_that_is_named_must_exist() {
        assert!(complaints("`chat/src/limits.rs`, `limits.rs`, `chat/`, `README.md`").is_empty());
        assert_eq!(complaints("`chat/src/limit.rs`").len(), 1);
        assert_eq!(complaints("`limit.rs`").len(), 1);
        assert_eq!(complaints("`chats/`").len(), 1);
    }

    #[test]
    fn what_only_looks_like_a_path_is_let_be() {
        let fine = "`/rooms/{room}` `text/event-stream` `GET /api/v1/me` `target/release/madang` `ws://localhost:8080`";
        assert!(complaints(fine).is_empty(), "{:?}", complaints(fine));
    }
}
