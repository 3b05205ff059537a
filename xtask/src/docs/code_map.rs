//! The code map of docs/ARCHITECTURE.md names every folder at the root, which takes in every crate, and nothing that
//! does not exist.

use super::markdown::section;
use super::repository::Repository;
use super::{Complaint, links};

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
const TITLE: &str = "code map";

/// Checks the section.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let Some(map) = repository.text(DOCUMENT).and_then(|text| section(text, TITLE)) else {
        return vec![Complaint::new(DOCUMENT, format!("has no section \"{TITLE}\""))];
    };
    let named: Vec<&str> = words(map).collect();
    let mut complaints = Vec::new();
    for folder in repository.top_folders() {
        let is_named = named.iter().any(|word| {
            let inside = word.strip_prefix(folder);
            inside.is_some_and(|rest| rest.starts_with('/'))
        });
        if !is_named {
            complaints.push(Complaint::new(
                DOCUMENT,
                format!("the code map does not name `{folder}/`"),
            ));
        }
    }
    for word in named {
        if links::is_path(repository, word) && !links::exists(repository, DOCUMENT, word) {
            complaints.push(Complaint::new(
                DOCUMENT,
                format!("the code map names `{word}`, which is not there"),
            ));
        }
    }
    complaints
}

/// The words of the section, inside and outside code, without the signs around them.
fn words(map: &str) -> impl Iterator<Item = &str> {
    map.split(|c: char| c.is_whitespace() || "`|()[],;*".contains(c))
        .map(|word| word.trim_end_matches([':', '.']))
        .filter(|word| !word.is_empty() && !word.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(map: &str) -> usize {
        let document = format!("# A\n\n## Code map\n\n{map}\n\n## Later\n\n`nothing/`\n");
        check(&Repository::of(&[
            (DOCUMENT, &document),
            ("chat/src/order.rs", ""),
        ]))
        .len()
    }

    #[test]
    fn a_map_of_what_is_there_passes_in_any_layout() {
        assert_eq!(complaints("- `docs/`: these\n- `chat/src/order.rs`: order."), 0);
        assert_eq!(
            complaints("```\ndocs/   these\nchat/   the chat\n  order.rs  order\n```"),
            0
        );
    }

    #[test]
    fn a_folder_left_out_and_a_file_that_went_away_are_found() {
        assert_eq!(complaints("`chat/`"), 1);
        assert_eq!(complaints("`docs/` `chat/` `chat/src/older.rs`"), 1);
        assert_eq!(complaints("`docs/` `chat/` `chats/`"), 1);
    }

    #[test]
    fn a_document_without_a_map_is_found() {
        assert_eq!(check(&Repository::of(&[(DOCUMENT, "# A\n")])).len(), 1);
    }
}
