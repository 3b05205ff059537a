//! `cargo xtask gallery`: pictures of every page and state, to be looked at.

use anyhow::Result;

use crate::process::{command as new_command, run};
use crate::test::browser;
use crate::{args, paths, release};

const HELP: &str = "\
cargo xtask gallery [-- FLAGS…]

Draws every page and state of end2end/gallery in both themes, both languages and three widths, from the release build,
into target/gallery; index.html there shows all of them. FLAGS are Playwright's: `-- -g offline` draws only some states.
";

/// Builds what is to be seen, and takes the pictures.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    let flags = args::Args::parse(words, &[])?.rest;
    let server = release::ensure()?;
    let folder = browser::prepare()?;
    run(new_command("npx")
        .args(["playwright", "test", "--config", "gallery/playwright.config.ts"])
        .args(flags)
        .env("SERVER_BINARY", server)
        .env("SERVER_SITE_DIR", paths::site_dir())
        .current_dir(&folder))
}
