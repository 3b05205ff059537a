//! `cargo xtask gallery`: pictures of every page and state, to be looked at.

use anyhow::Result;

use crate::args;
use crate::test::browser;

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
    browser::run_config(
        "gallery/playwright.config.ts",
        args::Args::parse(words, &[])?.rest,
    )
}
