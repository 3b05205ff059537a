//! `cargo xtask size`: what a browser loads before the chat runs, against its bound.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{args, fingerprint, paths, process};

/// The bound for WASM and JavaScript together, compressed, in bytes; from docs/ARCHITECTURE.md, "Budgets".
const FIRST_LOAD_BYTES_MAX: u64 = 115_000;
/// The bound for the markup's WASM and JavaScript, compressed, in bytes: a page loads them when somebody writes marks.
const MARKS_BYTES_MAX: u64 = 105_000;
/// What stands in the names of its files.
const MARKS: &str = ".marks.";
/// The document that says what the first load weighs, and of what.
const DOCUMENT: &str = "docs/first-load.md";
/// What the line with the sum begins with there.
const SUM: &str = "| both |";
/// The bound for the scripts that stand in every page, compressed, in bytes: they come with each page and are kept by no
/// cache.
const PAGE_SCRIPTS_BYTES_MAX: u64 = 6_500;
/// Where the scripts are that stand in every page.
const PAGE_SCRIPTS: &str = "app/src/page";
/// Compresses what these files are in the page (`app/src/page/script.rs`: lines without indentation and comments) as the
/// other files are, and prints the bytes before and after.
const MEASURE_PAGE_SCRIPTS: &str = r#"
const { readFileSync } = require("node:fs");
const { brotliCompressSync, constants } = require("node:zlib");
const lines = process.argv.slice(1).flatMap((path) => readFileSync(path, "utf8").split("\n")).map((line) => line.trim());
const text = Buffer.from(lines.filter((line) => line && !line.startsWith("//")).join("\n"));
const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
console.log(text.length, brotliCompressSync(text, { params }).length);
"#;
/// How far the document may be off, in bytes: symbols may stand in another order in the WASM of another machine.
const OFF_BYTES_MAX: u64 = 300;

const HELP: &str = "\
cargo xtask size

The WASM and the minified JavaScript of the release build, and the scripts that stand in the page: bytes as they are, and
bytes as they go over the network (brotli, quality 11, window 22: the `.br` files the server sends). Fails above the bounds, and when docs/first-load.md
says another sum. `cargo xtask run` or `cargo xtask test build` makes the release build.
";

/// Prints the table and holds the sum against the bound.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    let found = scripts_and_wasm(&paths::site_dir()?.join("pkg"))?;
    let (marks, files): (Vec<_>, Vec<_>) = found.into_iter().partition(|asset| asset.name.contains(MARKS));
    let in_page = page_scripts(&paths::root().join(PAGE_SCRIPTS))?;
    let (total, later) = (Size::of(&files), Size::of(&marks));
    println!("{:<44} {:>9} {:>9}", "first load", "raw", "brotli");
    for file in &files {
        println!("{:<44} {:>9} {:>9}", file.name, file.size.raw, file.size.brotli);
    }
    println!(
        "{:<44} {:>9} {:>9}  of {FIRST_LOAD_BYTES_MAX}",
        "total", total.raw, total.brotli
    );
    println!(
        "{:<44} {:>9} {:>9}  of {PAGE_SCRIPTS_BYTES_MAX}",
        "besides, in every page", in_page.raw, in_page.brotli
    );
    println!(
        "{:<44} {:>9} {:>9}  of {MARKS_BYTES_MAX}",
        "later, when somebody writes marks", later.raw, later.brotli
    );
    check(total)?;
    if later.brotli > MARKS_BYTES_MAX {
        bail!(
            "the markup is {} bytes above its bound of {MARKS_BYTES_MAX}",
            later.brotli - MARKS_BYTES_MAX
        );
    }
    if in_page.brotli > PAGE_SCRIPTS_BYTES_MAX {
        bail!(
            "the scripts in the page are {} bytes above their bound of {PAGE_SCRIPTS_BYTES_MAX}",
            in_page.brotli - PAGE_SCRIPTS_BYTES_MAX
        );
    }
    let document =
        fs::read_to_string(paths::root().join(DOCUMENT)).with_context(|| format!("reading {DOCUMENT}"))?;
    check_document(&document, total)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    raw: u64,
    brotli: u64,
}

impl Size {
    fn of(files: &[Asset]) -> Self {
        files.iter().fold(Self::default(), |sum, file| Self {
            raw: sum.raw + file.size.raw,
            brotli: sum.brotli + file.size.brotli,
        })
    }
}

#[derive(Debug)]
struct Asset {
    name: String,
    size: Size,
}

fn check(total: Size) -> Result<()> {
    if total.brotli > FIRST_LOAD_BYTES_MAX {
        bail!(
            "the first load is {} bytes above its bound of {FIRST_LOAD_BYTES_MAX}",
            total.brotli - FIRST_LOAD_BYTES_MAX
        );
    }
    Ok(())
}

fn check_document(document: &str, total: Size) -> Result<()> {
    let line = document.lines().find_map(|line| line.strip_prefix(SUM));
    let digits: String = line
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let written: u64 = digits
        .parse()
        .with_context(|| format!("{DOCUMENT} has no line that begins with `{SUM}` and has a number"))?;
    if written.abs_diff(total.brotli) > OFF_BYTES_MAX {
        bail!(
            "{DOCUMENT} says {written} bytes and it is {}: write that there, with what made the difference",
            total.brotli
        );
    }
    Ok(())
}

/// Every `.wasm` and `.js` below the folder, with its compressed twin.
fn scripts_and_wasm(pkg: &Path) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    for file in fingerprint::files_below(pkg)? {
        if matches!(
            file.extension().and_then(|kind| kind.to_str()),
            Some("wasm" | "js")
        ) {
            assets.push(asset(&file)?);
        }
    }
    for kind in [".wasm", ".js"] {
        if !assets.iter().any(|asset| asset.name.ends_with(kind)) {
            bail!(
                "there is no {kind} in {}: `cargo xtask test build` makes the release build",
                pkg.display()
            );
        }
    }
    Ok(assets)
}

/// The scripts that stand in the page, taken together.
fn page_scripts(folder: &Path) -> Result<Size> {
    let mut scripts = fingerprint::files_below(folder)?;
    scripts.retain(|file| file.extension().is_some_and(|kind| kind == "js"));
    scripts.sort();
    let printed = process::output(
        process::command("node")
            .args(["-e", MEASURE_PAGE_SCRIPTS])
            .args(scripts),
    )?;
    let mut bytes = printed.split_whitespace().map(str::parse);
    let (Some(Ok(raw)), Some(Ok(brotli))) = (bytes.next(), bytes.next()) else {
        bail!("node measured the page's scripts and said {printed:?}");
    };
    Ok(Size { raw, brotli })
}

fn asset(file: &Path) -> Result<Asset> {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let compressed = PathBuf::from(format!("{}.br", file.display()));
    let brotli = fs::metadata(&compressed)
        .with_context(|| format!("{name} was not compressed: `cargo xtask test build` does that"))?
        .len();
    let raw = fs::metadata(file)?.len();
    Ok(Asset {
        name,
        size: Size { raw, brotli },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_above_the_bound_fails() {
        let at = |brotli| check(Size { raw: 0, brotli });
        assert!(at(FIRST_LOAD_BYTES_MAX).is_ok());
        assert!(at(FIRST_LOAD_BYTES_MAX + 1).is_err());
    }

    #[test]
    fn a_document_that_says_another_sum_fails() {
        let at = |brotli| Size { raw: 0, brotli };
        let document = "| WASM | 1 |\n| both | 116,000 |\n";
        assert!(check_document(document, at(116_000 + OFF_BYTES_MAX)).is_ok());
        assert!(check_document(document, at(116_001 + OFF_BYTES_MAX)).is_err());
        assert!(check_document(document, at(115_999 - OFF_BYTES_MAX)).is_err());
        assert!(check_document("| WASM | 1 |", at(1)).is_err());
    }

    #[test]
    fn a_build_without_wasm_or_without_compression_does_not_count_as_small() {
        let pkg = std::env::temp_dir().join(format!("madang-size-{}", std::process::id()));
        fs::create_dir_all(&pkg).unwrap();
        assert!(scripts_and_wasm(&pkg).unwrap_err().to_string().contains(".wasm"));
        fs::write(pkg.join("a.wasm"), "wasm").unwrap();
        fs::write(pkg.join("a.js"), "js").unwrap();
        assert!(format!("{:#}", scripts_and_wasm(&pkg).unwrap_err()).contains("not compressed"));
        fs::write(pkg.join("a.wasm.br"), "w").unwrap();
        fs::write(pkg.join("a.js.br"), "j").unwrap();
        let names: Vec<_> = scripts_and_wasm(&pkg)
            .unwrap()
            .into_iter()
            .map(|a| a.name)
            .collect();
        assert_eq!(names, ["a.js", "a.wasm"]);
        fs::remove_dir_all(pkg).unwrap();
    }
}
