//! The two READMEs say the same: as many sections of the same depth, the same commands.

use super::Complaint;
use super::markdown::{blocks, headings};
use super::repository::Repository;

const ENGLISH: &str = "README.md";
const KOREAN: &str = "README.ko.md";
/// Languages of blocks that people copy and run.
const SHELLS: &[&str] = &["sh", "bash", "console", "shell"];

/// Compares them.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let missing = |path| Complaint::new(path, "is missing");
    match (repository.text(ENGLISH), repository.text(KOREAN)) {
        (Some(english), Some(korean)) => compare(english, korean),
        (None, Some(_)) => vec![missing(ENGLISH)],
        (Some(_), None) => vec![missing(KOREAN)],
        (None, None) => vec![missing(ENGLISH), missing(KOREAN)],
    }
}

fn compare(english: &str, korean: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let levels = |text| headings(text).map(|heading| heading.level).collect::<Vec<_>>();
    let (here, there) = (levels(english), levels(korean));
    if here != there {
        let what = format!("its headings are of the levels {there:?}, those of {ENGLISH} of {here:?}");
        complaints.push(Complaint::new(KOREAN, what));
    }
    let (here, there) = (commands(english), commands(korean));
    if here != there {
        let only = |a: &[String], b: &[String]| a.iter().find(|line| !b.contains(line)).cloned();
        let example = only(&here, &there).or_else(|| only(&there, &here));
        let example = example.unwrap_or_else(|| "their order".to_owned());
        complaints.push(Complaint::new(
            KOREAN,
            format!("its commands are not those of {ENGLISH}; for one: {example}"),
        ));
    }
    complaints
}

/// The lines of the blocks that people run, without comments, which are translated.
fn commands(text: &str) -> Vec<String> {
    let shells = blocks(text)
        .into_iter()
        .filter(|block| SHELLS.contains(&block.language));
    let lines = shells.flat_map(|block| block.lines);
    lines
        .map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH_TEXT: &str = "# Madang\n\n```sh\ncargo xtask run   # opens it\n```\n\n## Use\n";

    #[test]
    fn a_faithful_translation_passes() {
        let korean = "# 마당\n\n```sh\ncargo xtask run   # 엽니다\n```\n\n## 쓰기\n";
        assert_eq!(compare(ENGLISH_TEXT, korean), []);
    }

    #[test]
    fn a_missing_section_and_another_command_are_found() {
        let korean = "# 마당\n\n```sh\ncargo xtask ran\n```\n";
        assert_eq!(compare(ENGLISH_TEXT, korean).len(), 2);
        assert_eq!(check(&Repository::of(&[])).len(), 2);
    }
}
