//! `wasm-opt` as cargo-leptos calls it, with passes that it cannot be told of: its setting for them is a set, and passes
//! have an order. In front of the tools on PATH stands this program itself, under that name.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::paths;

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
    let mut real = Command::new(env::var_os(REAL)?);
    if words.iter().any(|word| word == "-o") {
        real.args(BEFORE).args(&words).args(AFTER);
    } else {
        real.args(&words);
    }
    let status = real.status();
    let is_done = status.is_ok_and(|status| status.success());
    Some(if is_done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
