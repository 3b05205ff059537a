//! The files of the repository: what git keeps, and what it would keep if asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::process::{command, output};

/// Paths relative to the root, with `/` between their parts, and the texts of those that are text.
pub(crate) struct Repository {
    texts: BTreeMap<String, Option<String>>,
}

impl Repository {
    /// Reads all of it.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let listed = output(
            command("git")
                .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
                .current_dir(root),
        )?;
        let files = listed.split('\0').filter(|path| !path.is_empty());
        let texts = files
            .filter_map(|path| {
                let bytes = fs::read(root.join(path)).ok()?;
                Some((path.to_owned(), String::from_utf8(bytes).ok()))
            })
            .collect();
        Ok(Self { texts })
    }

    /// The text of a file; none when it is not there or not text.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path)?.as_deref()
    }

    /// Every text file whose path fits, with its path.
    pub(crate) fn texts<'a>(
        &'a self,
        fits: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let texts = self.texts.iter();
        texts.filter_map(move |(path, text)| Some((path.as_str(), text.as_deref()?)).filter(|_| fits(path)))
    }

    /// The documents.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts(|path| path.ends_with(".md"))
    }

    /// The Rust sources of every crate.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts(|path| path.ends_with(".rs") && path.contains("/src/"))
    }

    /// Whether this is a file or a folder, seen from the root.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.texts.contains_key(path) || self.texts.keys().any(|file| Path::new(file).starts_with(path))
    }

    /// Whether some file or folder's path ends in this, whole names only: `limits.rs`, `src/lib.rs`, `support/`.
    pub(crate) fn has_ending(&self, ending: &str) -> bool {
        let ending = ending.trim_end_matches('/');
        self.texts
            .keys()
            .any(|file| Path::new(file).ancestors().any(|path| path.ends_with(ending)))
    }

    /// The folders at the root that hold something, without the hidden ones.
    pub(crate) fn top_folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self
            .texts
            .keys()
            .filter_map(|file| file.split_once('/'))
            .map(|(folder, _)| folder)
            .filter(|folder| !folder.starts_with('.'))
            .collect();
        folders.dedup();
        folders
    }

    /// A repository of these files, for tests of checks.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self {
            texts: files.iter().map(owned).collect(),
        }
    }
}
