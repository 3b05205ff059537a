//! `cargo xtask figures`: what the page takes of time and memory, measured in a real browser.

use anyhow::Result;

use crate::args;
use crate::test::browser;

const HELP: &str = "\
cargo xtask figures [-- FLAGS…]

Measures the release build's page in a browser, and holds each figure against its bound:
  first-load    the first load by time, beside a bare React page, on a slow network and a slow processor (about 4 minutes)
  long-room     a room of 50,000 messages beside one of 50: first paint, usable, rows, layout shift (about 3 minutes)
  long-evening  memory over ten minutes at 20 messages a second
  typing        frames and keys while 100 messages a second come in (about 2 minutes)
FLAGS are Playwright's: `-- typing` measures only that. Nothing else should run on the machine meanwhile.
";

/// Builds what is to be measured, and measures it.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    browser::run_config(
        "figures/playwright.config.ts",
        args::Args::parse(words, &[])?.rest,
    )
}
