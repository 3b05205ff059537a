//! Making the WASM small: binaryen's passes, in the order that helps most, and short names last.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{command, output};
use crate::{npm, short_names};

/// What the browsers understand that the page is made for: what rustc makes use of.
const FEATURES: &[&str] = &["--enable-bulk-memory", "--enable-nontrapping-float-to-int"];
/// Flattening before, and all passes again until nothing gets smaller, are 1.7 kB of the WASM, compressed (measured with
/// binaryen 132). The linker puts nothing below address 1,024: there the stack ends. Large functions that are called from one
/// place stay apart: one body of everything has too many variables to be small.
const PASSES: &[&str] = &[
    "--flatten",
    "--rereloop",
    "-Oz",
    "--monomorphize",
    "-Oz",
    "--converge",
    "--low-memory-unused",
    "--one-caller-inline-max-function-size",
    "40",
];
/// What tools say of themselves and of the features they made use of: no browser reads it.
const STRIP: &[&str] = &["--strip-producers", "--strip-target-features"];

/// Makes `NAME.wasm` of `NAME_bg.wasm` in this folder, and `NAME.js` fit it.
pub(crate) fn optimize(folder: &Path, name: &str) -> Result<()> {
    let bound = folder.join(format!("{name}_bg.wasm"));
    let small = folder.join(format!("{name}.wasm"));
    wasm_opt(&bound, &small, PASSES)?;
    // A run of its own: `--converge` repeats all passes, and this one would shorten the short names again.
    let printed = wasm_opt(&small, &small, &[STRIP, &[short_names::PASS]].concat())?;
    let js = folder.join(format!("{name}.js"));
    let text = fs::read_to_string(&js).with_context(|| format!("reading {}", js.display()))?;
    fs::write(&js, short_names::give(&printed, &text)?).with_context(|| format!("writing {}", js.display()))
}

/// What is done, as a text that changes with it.
pub(crate) fn passes() -> String {
    [FEATURES, PASSES, STRIP, &[short_names::PASS]].concat().join(" ")
}

fn wasm_opt(from: &Path, to: &Path, passes: &[&str]) -> Result<String> {
    output(
        command(npm::bin_dir().join("wasm-opt"))
            .args(FEATURES)
            .arg(from)
            .arg("-o")
            .arg(to)
            .args(passes),
    )
}
