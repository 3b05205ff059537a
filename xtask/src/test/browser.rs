//! The browser tests: `end2end/`, against the release build.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::counts::Counts;
use crate::process::{self, command, run as run_command};
use crate::{debian, nats, paths, prerequisites, release, with};

/// Debian's packages of the browser, and where they put it; `end2end/tests/support/browser.ts` looks there, too. The one
/// without windows takes half the time.
const DEBIAN_CHROMIUM: [(&str, &str); 2] = [
    ("chromium-headless-shell", "/usr/bin/chromium-headless-shell"),
    ("chromium", "/usr/bin/chromium"),
];
/// The variable that names another browser.
const CHROMIUM_VARIABLE: &str = "CHROMIUM_PATH";

/// Installs what the tests need and runs them all.
pub(crate) fn run(counts: &mut Counts) -> Result<()> {
    let mut command = command("npx");
    command.args(["playwright", "test"]);
    nats::name_to(&mut command);
    run_tests(&mut command, counts)
}

/// The main paths of a person in the engines that Playwright does not drive: Debian's Firefox and WebKitGTK.
pub(crate) fn engines(counts: &mut Counts) -> Result<()> {
    const PROGRAMS: [(&str, &str); 3] = [
        ("firefox-esr", "firefox-esr"),
        ("WebKitWebDriver", "webkit2gtk-driver"),
        ("Xvfb", "xvfb"),
    ];
    if !debian::ensure("trying Firefox and WebKit", &PROGRAMS)? {
        return Ok(());
    }
    let mut command = command("npx");
    command.args(["playwright", "test", "--config=engines/playwright.config.ts"]);
    run_tests(&mut command, counts)
}

/// The page behind real proxies, as `docs/proxies` recommends them and as they hinder.
pub(crate) fn proxies(counts: &mut Counts) -> Result<()> {
    const PROGRAMS: [(&str, &str); 4] = [
        ("nginx", "nginx"),
        ("haproxy", "haproxy"),
        ("caddy", "caddy"),
        ("apache2", "apache2"),
    ];
    if !debian::ensure("trying proxies", &PROGRAMS)? {
        return Ok(());
    }
    let mut command = command("npx");
    command.args(["playwright", "test", "--config=proxies/playwright.config.ts"]);
    run_tests(&mut command, counts)
}

/// Tries Trunk, for working on the page, beside the server of the release build.
pub(crate) fn trunk(counts: &mut Counts) -> Result<()> {
    development("trunk", &with::Needs::TRUNK, counts)
}

/// Tries `cargo leptos watch`, for working on the page.
pub(crate) fn watch(counts: &mut Counts) -> Result<()> {
    development("watch", &with::Needs::WATCH, counts)
}

/// Runs one test of `end2end/development` with what it needs.
fn development(name: &str, needs: &with::Needs, counts: &mut Counts) -> Result<()> {
    let toolbox = with::ensure(needs)?;
    let mut command = toolbox.command("npx");
    command.args([
        "playwright",
        "test",
        "--config=development/playwright.config.ts",
        name,
    ]);
    if let Some(tool) = needs.tool {
        let variable = format!("{}_PATH", tool.name.to_uppercase().replace('-', "_"));
        command.env(variable, toolbox.program(tool)?);
    }
    run_tests(&mut command, counts)
}

fn run_tests(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let folder = prepare()?;
    let before = counts.ran();
    process::run_with_lines(
        command
            .env("SERVER_BINARY", paths::server_binary()?)
            .env("SERVER_SITE_DIR", paths::site_dir()?)
            .current_dir(&folder),
        |line| counts.read_playwright_line(line),
    )?;
    if counts.ran() == before {
        bail!("no browser test ran");
    }
    Ok(())
}

/// Runs what is no test but works like one, by its own configuration, against the release build. `flags` are
/// Playwright's.
pub(crate) fn run_config(config: &str, flags: Vec<String>) -> Result<()> {
    let server = release::ensure()?;
    let folder = prepare()?;
    run_command(
        command("npx")
            .args(["playwright", "test", "--config", config])
            .args(flags)
            .env("SERVER_BINARY", server)
            .env("SERVER_SITE_DIR", paths::site_dir()?)
            .current_dir(&folder),
    )
}

/// Installs what scripts in a browser need, checks their types, and returns their folder.
fn prepare() -> Result<PathBuf> {
    prerequisites::ensure()?;
    let folder = paths::root().join("end2end");
    run_command(
        command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    run_command(command("npx").args(["tsc", "--noEmit"]).current_dir(&folder))?;
    ensure_browser(&folder)?;
    Ok(folder)
}

fn ensure_browser(folder: &Path) -> Result<()> {
    if env::var_os(CHROMIUM_VARIABLE).is_some() {
        return Ok(());
    }
    let is_there = |(_, path): &(&str, &str)| Path::new(path).is_file();
    let has_all = DEBIAN_CHROMIUM.iter().any(is_there) && has_fonts();
    if !has_all && debian::can_install() {
        println!("Installing Debian's chromium and fonts with Korean and emoji (about a minute).");
        if let Err(error) = install_from_debian() {
            println!("{error:#}; what is there already, or Playwright's own browser, may do instead.");
        }
    }
    if DEBIAN_CHROMIUM.iter().any(is_there) {
        return Ok(());
    }
    println!("Letting Playwright install its own Chromium (about a minute; nothing when it is there).");
    let mut install = command("npx");
    install.args(["playwright", "install"]);
    if debian::is_root() {
        install.arg("--with-deps");
    }
    run_command(install.arg("chromium").current_dir(folder))
}

fn install_from_debian() -> Result<()> {
    let fonts = ["fonts-noto-cjk", "fonts-noto-color-emoji"];
    // Older releases of Debian do not have the first one.
    let mut packages = DEBIAN_CHROMIUM
        .iter()
        .map(|(package, _)| debian::install(&[[*package].as_slice(), &fonts].concat()));
    packages
        .find(Result::is_ok)
        .unwrap_or_else(|| bail!("apt-get has no chromium"))
}

/// Whether Korean and emoji (`und-zsye`, Unicode Technical Standard #51, section 1.5.1) are drawn as such.
fn has_fonts() -> bool {
    [":lang=ko", ":lang=und-zsye"]
        .iter()
        .all(|kind| process::output(command("fc-list").arg(kind)).is_ok_and(|fonts| !fonts.is_empty()))
}
