//! `cargo xtask docs`: the documents held against the code, and the rules of the house that a machine can check.
//!
//! Each check is a function from texts to complaints, so that its tests can show it failing.

mod code_map;
mod flags;
mod frames;
mod links;
mod markdown;
mod modules;
mod readmes;
mod repository;
mod tidy;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{args, paths};
use repository::Repository;

const HELP: &str = "\
cargo xtask docs [--renew]

  links       every relative link, and every file a document names, exists
  readmes     README.md and README.ko.md have the same sections and the same commands
  code map    docs/ARCHITECTURE.md names every crate and folder, and none that does not exist
  frames      docs/PROTOCOL.md describes every frame and error code, and none that does not exist
  modules     no module of `protocol`, `client`, `app` or `frontend` imports one that imports it, and the drawings of docs/ARCHITECTURE.md show which
              module imports which; `--renew` draws them
  flags       every --flag and MADANG_ variable a document names exists, and every one of the server's is documented
  tidy        `cfg` only on `mod` lines, no bare to-dos, nothing of anybody's own machine
";

type Check = fn(&Repository) -> Vec<Complaint>;

const CHECKS: &[(&str, Check)] = &[
    ("links", links::check),
    ("readmes", readmes::check),
    ("code map", code_map::check),
    ("frames", frames::check),
    ("modules", modules::check),
    ("flags", flags::check),
    ("tidy", tidy::check),
];

/// One thing that is wrong: where, and what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint(String);

impl Complaint {
    fn new(place: impl std::fmt::Display, what: impl std::fmt::Display) -> Self {
        Self(format!("{place}: {what}"))
    }
}

/// Runs every check and prints every complaint before it fails.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    if let Some(word) = words.iter().find(|word| *word != "--renew") {
        bail!("`docs` knows no `{word}`; `cargo xtask docs --help` says what it knows");
    }
    let repository = Repository::open(&paths::root())?;
    if words.iter().any(|word| word == "--renew") {
        if let Some((document, text)) = modules::renew(&repository) {
            fs::write(paths::root().join(document), text).with_context(|| format!("writing {document}"))?;
        }
        return Ok(());
    }
    let mut total = 0;
    for (name, check) in CHECKS {
        let complaints = check(&repository);
        let verdict = if complaints.is_empty() { "ok" } else { "FAILED" };
        println!("{name:<10} {verdict}");
        for Complaint(text) in &complaints {
            println!("  {text}");
        }
        total += complaints.len();
    }
    if total > 0 {
        bail!("{total} complaints, listed above");
    }
    Ok(())
}
