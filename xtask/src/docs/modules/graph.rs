//! Which file of a crate imports which.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{self, Path};
use crate::docs::repository::Repository;

/// The modules of a crate by their paths (`folder::view`; empty for the crate's root), each with those it imports.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The graph of the crate in this folder, by file. Tests are left out. What a module hands on (`pub use`) is no import of its own;
/// whoever names it there imports what stands behind it.
pub(super) fn of(repository: &Repository, folder: &str) -> Graph {
    let prefix = format!("{folder}/src/");
    let files = || repository.texts(|path| path.starts_with(&prefix) && path.ends_with(".rs"));
    let names: BTreeMap<String, String> = files()
        .flat_map(|(path, text)| named_elsewhere(path, path.strip_prefix(&prefix).unwrap_or(path), text))
        .collect();
    let mut sources: BTreeMap<String, Vec<Path>> = BTreeMap::new();
    for (path, text) in files() {
        let named = names.get(path).cloned();
        if let Some(module) = named.or_else(|| module(path.strip_prefix(&prefix)?)) {
            // Files of one name that exclude one another count as one.
            sources.entry(module).or_default().extend(imports::paths(text));
        }
    }
    let known = Known::new(&sources);
    let mut graph = Graph::new();
    for (module, paths) in &sources {
        let imports = graph.entry(module.clone()).or_default();
        for path in paths.iter().filter(|path| !path.is_reexport) {
            imports.extend(known.target(module, path).filter(|target| target != module));
        }
    }
    graph
}

/// The files that a file names with `#[path = "…"]`, each with its module.
fn named_elsewhere(path: &str, file: &str, text: &str) -> Vec<(String, String)> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let parent = module(file).unwrap_or_default();
    let mut named = Vec::new();
    let mut there = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            there = rest.split('"').next();
        } else if let Some(file) = there
            && let Some((_, rest)) = line.split_once("mod ")
        {
            let name = rest.trim_end_matches([';', ' ', '{']);
            let module = [split(&parent), vec![name.to_owned()]].concat().join("::");
            named.push((format!("{folder}/{file}"), module));
            there = None;
        }
    }
    named
}

/// The module of a file; `None` for tests and what only they use.
fn module(file: &str) -> Option<String> {
    let path = file.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let is_of_tests = path.split('/').any(|part| matches!(part, "tests" | "testing"));
    let is_root = matches!(path, "lib" | "main");
    (!is_of_tests).then(|| {
        if is_root {
            String::new()
        } else {
            path.replace('/', "::")
        }
    })
}

struct Known {
    modules: BTreeSet<String>,
    /// For each module, the names that others find in it though they stand elsewhere: what it hands on, and to its children what it
    /// uses itself.
    names: BTreeMap<(String, String), Vec<String>>,
}

impl Known {
    fn new(sources: &BTreeMap<String, Vec<Path>>) -> Self {
        let mut known = Self {
            modules: sources.keys().cloned().collect(),
            names: BTreeMap::new(),
        };
        for (module, paths) in sources {
            for path in paths.iter().filter(|path| path.is_use) {
                if let Some(whole) = known.whole(module, &path.segments) {
                    known.names.insert((module.clone(), path.name.clone()), whole);
                }
            }
        }
        known
    }

    /// The path from the crate's root; `None` where it leads elsewhere.
    fn whole(&self, module: &str, segments: &[String]) -> Option<Vec<String>> {
        let mut base: Vec<String> = split(module);
        let mut rest = segments;
        match rest.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            child => {
                let mut path = base.clone();
                path.push(child.to_owned());
                if !self.modules.contains(&path.join("::")) {
                    return None;
                }
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The path from the crate's root, where it begins with a name that a `use` line has brought in.
    fn through_import(&self, module: &str, path: &Path) -> Option<Vec<String>> {
        let (first, rest) = path.segments.split_first().filter(|_| !path.is_use)?;
        let imported = self.names.get(&(module.to_owned(), first.clone()))?;
        Some([imported.as_slice(), rest].concat())
    }

    /// The module that a path leads to.
    fn target(&self, module: &str, path: &Path) -> Option<String> {
        let mut whole = self
            .whole(module, &path.segments)
            .or_else(|| self.through_import(module, path))?;
        // What is handed on may be handed on again.
        for _ in 0..4 {
            let length = (0..=whole.len())
                .rev()
                .find(|length| self.modules.contains(&whole[..*length].join("::")))?;
            let here = whole[..length].join("::");
            let next = whole.get(length).cloned().unwrap_or_default();
            match self.names.get(&(here.clone(), next)) {
                Some(there) => {
                    let rest = whole.get(length + 1..).unwrap_or_default().to_vec();
                    whole = [there.clone(), rest].concat();
                }
                None => return Some(here),
            }
        }
        None
    }
}

pub(super) fn split(module: &str) -> Vec<String> {
    module
        .split("::")
        .filter(|part| !part.is_empty())
        .map(String::from)
        .collect()
}

/// Circles: each the modules of one, in order. One for every group of modules that reach one another.
pub(super) fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for start in graph.keys() {
        if found.iter().any(|circle| circle.contains(start)) {
            continue;
        }
        if let Some(circle) = way(graph, start, start) {
            found.push(circle);
        }
    }
    found
}

/// The shortest way along arrows from one module to another, of at least one arrow.
fn way(graph: &Graph, from: &str, to: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in graph.get(way.last()?).into_iter().flatten() {
                if next == to {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push([way.clone(), vec![next.clone()]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

/// Every module that holds others, the crate's root among them.
pub(super) fn holders(graph: &Graph) -> BTreeSet<String> {
    let parents = graph.keys().flat_map(|module| {
        let parts = split(module);
        (0..parts.len()).map(move |length| parts[..length].join("::"))
    });
    parents.collect()
}

/// The graph of the modules right below `folder` (empty for the crate's own), each standing for all that is in it. The module that
/// holds them is left out: it names them all.
pub(super) fn folders(graph: &Graph, folder: &str) -> Graph {
    let depth = split(folder).len();
    let name = |module: &str| {
        let parts = split(module);
        let is_inside = parts.len() > depth && parts[..depth] == split(folder)[..];
        is_inside.then(|| parts[depth].clone())
    };
    let mut folders = Graph::new();
    for (module, imports) in graph {
        let Some(from) = name(module) else { continue };
        let arrows = folders.entry(from.clone()).or_default();
        arrows.extend(imports.iter().filter_map(|to| name(to)).filter(|to| *to != from));
    }
    folders
}

/// Without the arrows that a longer way says too; a graph with circles is left as it is.
pub(super) fn reduced(graph: &Graph) -> Graph {
    if !circles(graph).is_empty() {
        return graph.clone();
    }
    let is_said = |from: &str, to: &str| {
        let others = graph[from].iter().filter(|other| *other != to);
        others.into_iter().any(|other| way(graph, other, to).is_some())
    };
    graph
        .iter()
        .map(|(from, imports)| {
            let kept = imports.iter().filter(|to| !is_said(from, to));
            (from.clone(), kept.cloned().collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(files: &[(&str, &str)]) -> Graph {
        of(&Repository::of(files), "x")
    }

    fn arrows(graph: &Graph) -> Vec<String> {
        let each = graph.iter();
        each.flat_map(|(from, to)| to.iter().map(move |to| format!("{from} → {to}")))
            .collect()
    }

    const FACADE: &[(&str, &str)] = &[
        ("x/src/lib.rs", "mod a;\nmod b;\npub use a::A;"),
        ("x/src/a.rs", "mod inner;\npub(crate) use inner::A;"),
        ("x/src/a/inner.rs", "use crate::b::B;"),
        ("x/src/b.rs", "fn f() { super::a::A::new(); }"),
    ];

    #[test]
    fn what_is_named_through_a_facade_is_an_import_of_what_stands_behind_it() {
        assert_eq!(arrows(&graph(FACADE)), ["a::inner → b", "b → a::inner"]);
    }

    #[test]
    fn what_a_child_names_through_its_parent_s_own_imports_is_where_it_is() {
        let files = [
            (
                "x/src/a.rs",
                "mod child;\nmod one;\nuse one as other;\nuse child::C;",
            ),
            ("x/src/a/child.rs", "use super::other;"),
            ("x/src/a/one.rs", "pub(in super::super) fn f() {}"),
        ];
        assert_eq!(
            arrows(&graph(&files)),
            ["a → a::child", "a → a::one", "a::child → a::one"]
        );
    }

    #[test]
    fn a_file_that_is_named_by_its_path_is_the_module_it_is_declared_as() {
        let files = [
            (
                "x/src/a.rs",
                "#[cfg(unix)]\n#[path = \"b_unix.rs\"]\nmod b;\n#[cfg(not(unix))]\n#[path = \"b_other.rs\"]\nmod b;\nfn f() { b::f(); }",
            ),
            ("x/src/b_unix.rs", "use crate::c::C;"),
            ("x/src/b_other.rs", ""),
            ("x/src/c.rs", ""),
        ];
        assert_eq!(arrows(&graph(&files)), ["a → a::b", "a::b → c"]);
    }

    #[test]
    fn a_path_that_begins_with_an_imported_module_leads_to_what_is_in_it() {
        let files = [
            ("x/src/a.rs", "use crate::b;\nfn f() { b::leaf::g(); }"),
            ("x/src/b.rs", ""),
            ("x/src/b/leaf.rs", ""),
        ];
        assert_eq!(arrows(&graph(&files)), ["a → b", "a → b::leaf"]);
    }

    #[test]
    fn a_circle_is_named_once_in_order() {
        assert_eq!(circles(&graph(FACADE)), [["a::inner", "b"]]);
        assert!(circles(&graph(&FACADE[..3])).is_empty());
    }

    #[test]
    fn a_child_that_uses_what_its_parent_defines_and_a_parent_that_uses_the_child_go_in_a_circle() {
        let files = [
            ("x/src/a.rs", "mod child;\nuse child::B;"),
            ("x/src/a/child.rs", "use super::A;"),
        ];
        assert_eq!(circles(&graph(&files)), [["a", "a::child"]]);
    }

    #[test]
    fn tests_import_what_they_like() {
        let files = [
            ("x/src/a.rs", "#[cfg(test)]\nmod tests;"),
            ("x/src/a/tests.rs", "use crate::b::B;"),
            ("x/src/b.rs", "use crate::a::A;"),
        ];
        assert_eq!(arrows(&graph(&files)), ["b → a"]);
    }

    #[test]
    fn folders_stand_for_what_is_in_them_and_an_arrow_that_a_longer_way_says_is_left_out() {
        let files = [
            ("x/src/a.rs", ""),
            ("x/src/a/one.rs", "use crate::{b::B, c::C};"),
            ("x/src/b.rs", "use crate::c::C;"),
            ("x/src/c.rs", ""),
        ];
        let folders = folders(&graph(&files), "");
        assert_eq!(arrows(&folders), ["a → b", "a → c", "b → c"]);
        assert_eq!(arrows(&reduced(&folders)), ["a → b", "b → c"]);
    }
}
