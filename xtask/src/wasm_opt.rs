//! `wasm-opt` as cargo-leptos calls it, with passes that it cannot be told of: its setting for them is a set, and passes
//! have an order. In front of the tools on PATH stands this program itself, under that name.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{paths, short_names};

/// Where the tool itself is, for the stand-in.
pub(crate) const REAL: &str = "MADANG_WASM_OPT";
/// What comes before cargo-leptos's own `-Oz`: 1.7 kB of the WASM, compressed (measured with binaryen 132).
pub(crate) const BEFORE: &[&str] = &["--flatten", "--rereloop", "-Oz", "--monomorphize"];
/// What comes after it. The linker puts nothing below address 1,024: there the stack ends.
pub(crate) const AFTER: &[&str] = &["--converge", "--low-memory-unused"];

const NAME: &str = "wasm-opt";

/// A folder to put in front of PATH.
pub(crate) fn stand_in() -> Result<PathBuf> {
    let folder = paths::root().join("target/xtask-bin");
    let program = folder.join(NAME);
    let ourselves = env::current_exe().context("finding this program")?;
    if fs::read_link(&program).is_ok_and(|there| there == ourselves) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let _ = fs::remove_file(&program);
    symlink(&ourselves, &program).with_context(|| format!("making {}", program.display()))?;
    Ok(folder)
}

/// Runs the tool, if it is what this program was called as.
pub(crate) fn if_called() -> Option<ExitCode> {
    let mut words = env::args_os();
    let called = words.next()?;
    if Path::new(&called).file_name() != Some(OsStr::new(NAME)) {
        return None;
    }
    let words: Vec<_> = words.collect();
    let real = env::var_os(REAL)?;
    Some(match run(&real, &words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    })
}

/// Whether the tool did what it was called for. cargo-leptos minifies the JavaScript afterwards, from the file that lies
/// beside the WASM.
fn run(real: &OsStr, words: &[OsString]) -> Result<bool> {
    let Some(output) = words.iter().skip_while(|word| *word != "-o").nth(1) else {
        return Ok(Command::new(real).args(words).status()?.success());
    };
    let first = Command::new(real).args(BEFORE).args(words).args(AFTER).status()?;
    if !first.success() {
        return Ok(false);
    }
    // A run of its own: `--converge` repeats all passes, and this one would shorten the short names again.
    let is_optimization = |word: &OsStr| word.to_str().is_some_and(|word| word.starts_with("-O"));
    let rest = words.iter().filter(|word| !is_optimization(word));
    let done = Command::new(real)
        .args(rest)
        .arg(short_names::PASS)
        .stderr(Stdio::inherit())
        .output()?;
    if done.status.success() {
        let js = Path::new(output).with_extension("js");
        let text = fs::read_to_string(&js).with_context(|| format!("reading {}", js.display()))?;
        let text = short_names::give(&String::from_utf8_lossy(&done.stdout), &text)?;
        fs::write(&js, text).with_context(|| format!("writing {}", js.display()))?;
    }
    Ok(done.status.success())
}
