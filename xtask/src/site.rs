//! The files that the page loads: WASM, its JavaScript and the styles, small, under names with a hash of their content,
//! each with a `.br` and a `.gz` beside it.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::prerequisites::WASM_TARGET;
use crate::process::{command, duration, output};
use crate::{bind, npm, paths, wasm};

/// The profile of `Cargo.toml` for what runs in the browser.
const PROFILE: &str = "wasm-release";
/// What runs there, each a WASM and its JavaScript: the crate, and what its files are called. `finish.mjs` knows them by these
/// names.
const MODULES: &[(&str, &str)] = &[("frontend", "madang"), ("marks", "marks")];

/// Builds the page and fills the site folder. Quietly, for it runs beside the server's build; it says when it gets on.
pub(crate) fn build() -> Result<()> {
    let mut lap = Lap::start();
    npm::ensure()?;
    let bind = bind::ensure()?;
    lap.say("its tools are there");
    output(command("cargo").args([
        "build",
        "--quiet",
        "--package=frontend",
        "--package=marks",
        "--lib",
        "--features=frontend/hydrate",
        &format!("--profile={PROFILE}"),
        &format!("--target={WASM_TARGET}"),
    ]))?;
    lap.say("compiled");
    let target = paths::target_dir()?;
    let bound = target.join("page");
    if bound.exists() {
        fs::remove_dir_all(&bound).with_context(|| format!("removing {}", bound.display()))?;
    }
    for (package, name) in MODULES {
        let compiled = target
            .join(WASM_TARGET)
            .join(PROFILE)
            .join(format!("{package}.wasm"));
        bind::run(&bind, &compiled, &bound, name)?;
        wasm::optimize(&bound, name)?;
    }
    lap.say("optimised");
    finish(&bound)?;
    lap.say("compressed");
    Ok(())
}

/// Minifies the script and the styles, names the files, compresses them.
fn finish(bound: &PathBuf) -> Result<()> {
    let site = paths::site_dir()?;
    if let Some(release) = site.parent() {
        fs::create_dir_all(release).with_context(|| format!("making {}", release.display()))?;
    }
    output(
        command("node")
            .arg(npm::folder().join("finish.mjs"))
            .arg(paths::root())
            .args([bound, &site]),
    )?;
    Ok(())
}

/// Time since the last thing was said.
struct Lap(Instant);

impl Lap {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn say(&mut self, what: &str) {
        println!("page: {what} ({})", duration(self.0.elapsed()));
        self.0 = Instant::now();
    }
}
