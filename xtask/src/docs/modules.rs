//! The drawings of docs/ARCHITECTURE.md show which module imports which, as the sources have it; no two modules import one
//! another, by whatever way.

mod graph;
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use graph::Graph;

use super::Complaint;
use super::repository::Repository;

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
/// What stands above a drawing: the crate's folder, and a module of it where the drawing is of what is in that.
const MARK: &str = "<!-- modules:";
/// The crates, each of which has a drawing.
const CRATES: &[&str] = &[
    "protocol", "chat", "server", "cluster", "simulate", "client", "app", "frontend", "bench", "torture",
    "xtask",
];
/// Those in which no file, and no folder, may import another that imports it, however long the way.
const WITHOUT_CIRCLES: &[&str] = &["protocol", "client", "app", "frontend"];

/// Checks circles and drawings.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for folder in WITHOUT_CIRCLES {
        let files = graph::of(repository, folder);
        let folders = graph::holders(&files)
            .into_iter()
            .map(|inside| graph::folders(&files, &inside));
        for circle in folders
            .chain([files.clone()])
            .flat_map(|graph| graph::circles(&graph))
        {
            let way = circle.join(" → ");
            complaints.push(Complaint::new(
                format!("{folder}/src"),
                format!("modules import one another: {way} → {}", circle[0]),
            ));
        }
    }
    let Some(document) = repository.text(DOCUMENT) else {
        return complaints;
    };
    for folder in CRATES {
        if !drawings(document).any(|(name, _)| name == *folder) {
            complaints.push(Complaint::new(
                DOCUMENT,
                format!("has no drawing of `{folder}`: put `{MARK} {folder} -->` where it belongs, then `cargo xtask docs --renew`"),
            ));
        }
    }
    if renewed(repository, document) != document {
        complaints.push(Complaint::new(
            DOCUMENT,
            "a drawing does not show what the sources import: `cargo xtask docs --renew` draws it anew",
        ));
    }
    complaints
}

/// The document with drawings of what the sources import.
pub(crate) fn renew(repository: &Repository) -> Option<(&'static str, String)> {
    let document = repository.text(DOCUMENT)?;
    Some((DOCUMENT, renewed(repository, document)))
}

/// The names of the drawings, and where the text after their mark begins.
fn drawings(document: &str) -> impl Iterator<Item = (&str, usize)> {
    document.match_indices(MARK).filter_map(|(at, _)| {
        let rest = document.get(at + MARK.len()..)?;
        let (name, _) = rest.split_once("-->")?;
        Some((name.trim(), at + MARK.len() + name.len() + "-->".len()))
    })
}

fn renewed(repository: &Repository, document: &str) -> String {
    let mut text = String::new();
    let mut done = 0;
    for (name, after) in drawings(document) {
        text += document.get(done..after).unwrap_or_default();
        let rest = document.get(after..).unwrap_or_default();
        let (crate_folder, inside) = name.split_once(' ').unwrap_or((name, ""));
        text += "\n";
        text += &draw(&graph::reduced(&graph::folders(
            &graph::of(repository, crate_folder),
            inside,
        )));
        done = after + end_of_block(rest);
    }
    text + document.get(done..).unwrap_or_default()
}

/// Where the block of code that follows at once ends, if there is one.
fn end_of_block(rest: &str) -> usize {
    let is_block = rest.trim_start().starts_with("```");
    let end = rest.match_indices("```").nth(1).filter(|_| is_block);
    end.map_or(0, |(at, fence)| at + fence.len())
}

/// One line for all modules with the same imports.
fn draw(graph: &Graph) -> String {
    let mut text = String::from("```mermaid\nflowchart LR\n");
    let mut drawn: BTreeMap<&BTreeSet<String>, Vec<&str>> = BTreeMap::new();
    for (module, imports) in graph {
        let is_imported = graph.values().any(|imports| imports.contains(module));
        if !imports.is_empty() || !is_imported {
            drawn.entry(imports).or_default().push(module);
        }
    }
    for (imports, modules) in drawn {
        let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
        let sides = [modules, imports].into_iter().filter(|side| !side.is_empty());
        let sides: Vec<String> = sides.map(|side| side.join(" & ")).collect();
        let _ = writeln!(text, "  {}", sides.join(" --> "));
    }
    text + "```"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(document: &str) -> Repository {
        Repository::of(&[
            (DOCUMENT, document),
            ("client/src/a.rs", "use crate::b::B;"),
            ("client/src/b.rs", ""),
            ("client/src/c.rs", ""),
        ])
    }

    #[test]
    fn a_drawing_is_made_where_its_mark_stands_and_made_anew_the_same() {
        let before = "# A\n<!-- modules: client -->\nafter\n";
        let (_, drawn) = renew(&repository(before)).unwrap();
        let expected =
            "# A\n<!-- modules: client -->\n```mermaid\nflowchart LR\n  c\n  a --> b\n```\nafter\n";
        assert_eq!(drawn, expected);
        assert_eq!(renew(&repository(&drawn)).unwrap().1, drawn);
    }

    #[test]
    fn an_arrow_that_the_sources_do_not_have_is_found() {
        let drawn = "<!-- modules: client -->\n```mermaid\nflowchart LR\n  a --> c\n```\n";
        assert_ne!(renew(&repository(drawn)).unwrap().1, drawn);
        let complaints = check(&repository(drawn));
        // And of ten crates there is no drawing at all.
        assert_eq!(complaints.len(), 11);
    }

    #[test]
    fn modules_that_import_one_another_are_named_with_the_way() {
        let files = [
            ("client/src/a.rs", "use crate::b::B;"),
            ("client/src/b.rs", "use crate::c::C;"),
            ("client/src/c.rs", "use super::a::A;"),
        ];
        let Complaint(text) = &check(&Repository::of(&files))[0];
        assert!(text.ends_with("a → b → c → a"), "{text}");
    }

    #[test]
    fn folders_that_import_one_another_are_named_though_no_two_files_do() {
        let files = [
            ("client/src/a/one.rs", "use crate::b::one::B;"),
            ("client/src/a/two.rs", ""),
            ("client/src/b/one.rs", ""),
            ("client/src/b/two.rs", "use crate::a::two::A;"),
        ];
        let Complaint(text) = &check(&Repository::of(&files))[0];
        assert!(text.ends_with("a → b → a"), "{text}");
    }
}
